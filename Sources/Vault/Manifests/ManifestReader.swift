package import ObjectStorage
internal import TransferEngine

/// Reads a node's manifest from the store as a stream: its memory does not grow with the number of files.
///
/// Every line is checked against `ManifestRules` before it is given out, and the closing line's counts at the end.
package struct ManifestReader: ~Copyable {
    /// Compressed bytes that one request fetches.
    package static let fetchSize = 1 << 20
    /// The longest line: an SSTable of 20 TiB in pieces of 16 MiB.
    ///
    /// Beyond it the object is no manifest.
    package static let maxLine = 256 << 20

    package let header: ManifestHeader

    private var lines: LineReader
    private var rules: ManifestRules
    private var counted = ManifestEnd()
    private var isEnded = false

    /// Opens the manifest at `key` and reads its header.
    ///
    /// - Parameters:
    ///   - key: where it was published.
    ///   - place: where it lies now, if it is in the trash.
    ///   - fetchSize: bytes that one request fetches; less where only the header is wanted.
    ///   - maxLine: bytes; a longer line is damage.
    /// - Throws: `VaultError`: `.notFound` if there is none, `.unsupported` if a later version wrote it, `.damaged`.
    package static func open(
        _ vault: Vault,
        key: ObjectKey,
        storedAt place: ObjectKey? = nil,
        fetchSize: Int = fetchSize,
        maxLine: Int = maxLine
    ) async throws -> ManifestReader {
        let object = try await ObjectStream.open(vault, key: place ?? key, fetchSize: fetchSize)
        var lines = LineReader(object, key, decoder: try ZstdStreamDecoder(), maxLine: maxLine)
        let header = try Self.header(try await lines.next(), vault: vault, key: key)
        return ManifestReader(header, lines, chunkSize: vault.description.chunkSize)
    }

    private init(_ header: ManifestHeader, _ lines: consuming LineReader, chunkSize: Int) {
        self.header = header
        self.lines = lines
        rules = ManifestRules(chunkSize: chunkSize, directoryCount: header.dataDirectories.count)
    }

    private static func header(_ line: [UInt8]?, vault: Vault, key: ObjectKey) throws(VaultError) -> ManifestHeader {
        func damaged(_ reason: String) -> VaultError {
            VaultError(.damaged, "read the manifest", key.description, reason)
        }
        guard let line else { throw damaged("it is empty") }
        let header = try Document.decode(ManifestHeader.self, from: line, key: key)
        guard header.type == "manifest" else { throw damaged("its first line is no header") }
        guard header.version <= ManifestHeader.currentVersion else {
            throw VaultError(
                .unsupported,
                "read the manifest",
                key.description,
                "it has version \(header.version), this program knows up to \(ManifestHeader.currentVersion): "
                    + "use a newer ringvault"
            )
        }
        guard header.vault == vault.description.id else { throw damaged("it belongs to another vault") }
        let own = try? BackupID(cluster: header.cluster, backup: header.backup).manifestKey(header.hostId)
        guard own == key else {
            throw damaged("it is the manifest of another backup or node, copied here")
        }
        return header
    }

    /// The next table or group; nil at the end.
    ///
    /// - Throws: `VaultError` with code `.damaged` for a manifest that was cut or changed.
    package mutating func next() async throws -> ManifestLine? {
        guard !isEnded else { return nil }
        guard let bytes = try await lines.next() else { throw lines.damaged("it ends before its closing line") }
        let line: ManifestLine
        do throws(JSONError) {
            line = try ManifestLine(json: bytes.span)
        } catch {
            throw lines.damaged("a line cannot be read: \(error)")
        }
        if let problem = rules.problem(with: line) { throw lines.damaged(problem) }
        guard case .end(let end) = line else {
            counted.count(line)
            return line
        }
        guard end == counted, try await lines.next() == nil else {
            throw lines.damaged("its closing line does not fit what stands before it")
        }
        isEnded = true
        return nil
    }

    /// The object as lines.
    private struct LineReader: ~Copyable {
        private var object: ObjectStream
        private let key: ObjectKey
        private let maxLine: Int
        private var decoder: ZstdStreamDecoder
        private var position = 0
        private var mayHoldMore = false
        /// Decompressed bytes not given out yet start at `start`.
        private var text: [UInt8] = []
        private var start = 0

        init(
            _ object: consuming ObjectStream,
            _ key: ObjectKey,
            decoder: consuming ZstdStreamDecoder,
            maxLine: Int
        ) {
            self.object = object
            self.key = key
            self.maxLine = maxLine
            self.decoder = decoder
        }

        func damaged(_ reason: String) -> VaultError {
            VaultError(.damaged, "read the manifest", key.description, reason)
        }

        /// The next line without its newline; nil at the end of the object.
        mutating func next() async throws -> [UInt8]? {
            var searched = start
            while true {
                if let end = text.firstIndex(of: 0x0A, from: searched) {
                    defer { start = end + 1 }
                    return Array(text[start..<end])
                }
                searched = text.count
                guard searched - start <= maxLine else { throw damaged("a line is endless") }
                if start > ManifestReader.fetchSize {
                    text.removeFirst(start)
                    searched -= start
                    start = 0
                }
                guard try await more() else { break }
            }
            guard start == text.count, decoder.isAtFrameEnd else { throw damaged("it was cut") }
            return nil
        }

        /// Decompresses on, fetching where needed.
        ///
        /// - Returns: false if the object is used up.
        private mutating func more() async throws -> Bool {
            if !mayHoldMore {
                guard try await object.fetch() else { return false }
                position = 0
            }
            do throws(CodecError) {
                mayHoldMore = try Self.decode(object.fetched, from: &position, into: &text, by: &decoder)
            } catch {
                throw damaged("\(error)")
            }
            return true
        }

        /// Takes the parts one by one: a span of `self.object` would hold all of `self`.
        private static func decode(
            _ fetched: borrowing BufferLease,
            from position: inout Int,
            into text: inout [UInt8],
            by decoder: inout ZstdStreamDecoder
        ) throws(CodecError) -> Bool {
            try decoder.decode(fetched.bytes, from: &position, into: &text)
        }
    }
}
