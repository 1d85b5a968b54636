import FoundationEssentials
import ObjectStorage
import TransferEngine

@testable import Vault

/// A vault in memory, and one place in it for a node's manifest.
struct ManifestFixture: Sendable {
    static let host = "4f0b0e6a-2c1d-4e5f-8a9b-0c1d2e3f4a5b"

    let store = VaultMemoryStore()
    let vault: Vault
    let id: BackupID
    let host: HostID
    let key: ObjectKey

    init() async throws {
        vault = try await Vault.create(in: store, chunkSize: 1 << 20)
        id = try BackupID(cluster: "prod", backup: "daily-1")
        guard let host = HostID(Self.host) else { throw JSONError("not a host id") }
        self.host = host
        key = try id.manifestKey(host)
    }

    var header: ManifestHeader {
        ManifestHeader(
            vault: vault.description.id,
            cluster: id.cluster,
            backup: id.backup,
            hostId: host,
            datacenter: "dc1",
            rack: nil,
            started: Timestamp(seconds: 1_795_143_600),
            source: "snapshot daily-1",
            dataDirectories: ["/data1", "/data2"]
        )
    }

    /// Publishes by the writer.
    @discardableResult
    func publish(_ lines: [ManifestLine]) async throws -> ManifestHeader {
        var writer = try ManifestWriter(header, chunkSize: vault.description.chunkSize)
        for line in lines { try writer.write(line) }
        return try await writer.publish(in: vault, at: key, totals: ManifestHeader.Totals()).header
    }

    /// Reads what stands in the store to its end.
    func read(fetchSize: Int = ManifestReader.fetchSize) async throws -> [ManifestLine] {
        var reader = try await ManifestReader.open(vault, key: key, fetchSize: fetchSize)
        var lines: [ManifestLine] = []
        while let line = try await reader.next() { lines.append(line) }
        return lines
    }

    /// Puts a manifest that no writer would write.
    ///
    /// - Parameter header: nil for the right one.
    func put(header: String? = nil, lines: [String]) throws {
        store[key.description] =
            try compressed((try header ?? headerText()) + "\n") + compressed(lines.joined(separator: "\n") + "\n")
    }

    func headerText(_ change: (inout ManifestHeader) -> Void = { _ in }) throws -> String {
        var header = header
        change(&header)
        return String(decoding: try JSONEncoder().encode(header), as: UTF8.self)
    }

    /// The error of reading, or nil.
    func problem() async -> (any Error)? {
        do {
            _ = try await read()
            return nil
        } catch {
            return error
        }
    }
}

func compressed(_ text: String) throws -> [UInt8] {
    var encoder = try ZstdStreamEncoder()
    try encoder.write(Array(text.utf8).span)
    return try encoder.finish()
}

extension [ManifestLine] {
    /// As bytes: `==` of strings takes the two forms of an accent for the same.
    var text: [UInt8] {
        var json = JSONText()
        for line in self { line.append(to: &json) }
        return json.bytes
    }

    /// Lines as a node with odd names could have them.
    ///
    /// - Parameter groups: of each table.
    static func random(tables: Int, groups: Int, _ random: inout SeededRandom) -> [ManifestLine] {
        var lines: [ManifestLine] = []
        let paths = Set((0..<tables).map { _ in random.segment() + "/" + random.segment() })
        for path in paths.ascending {
            lines.append(.table(ManifestTable(path: path, schema: random.bool() ? random.text(0...300) : nil)))
            let names = Set((0..<groups).map { _ in random.segment() })
            for name in names.ascending {
                // The same name in both data directories is two groups.
                for directory in 0...random.int(0...1) {
                    lines.append(.group(.random(table: path, name: name, directory: directory, &random)))
                }
            }
        }
        return lines
    }
}

extension ManifestGroup {
    fileprivate static func random(
        table: String,
        name: String,
        directory: Int,
        _ random: inout SeededRandom
    ) -> ManifestGroup {
        let isSSTable = random.bool()
        let paths = isSSTable ? ["CompressionInfo.db", "Data.db", "TOC.txt"].map { "\(name)-\($0)" } : [name]
        return ManifestGroup(
            table: table,
            name: name,
            isSSTable: isSSTable,
            directory: directory,
            files: paths.map { .random(path: $0, &random) },
            damage: random.int(0...9) == 0 ? random.text(1...50) : nil
        )
    }
}

extension ManifestFile {
    fileprivate static func random(path: String, _ random: inout SeededRandom) -> ManifestFile {
        let pieces = (0..<[0, 1, 1, 1, 4][random.int(0...4)]).map { _ in
            BlobReference(
                blob: BlobName(
                    plain: random.digest(),
                    generation: random.int(0...1),
                    format: FrameFormat.allCases[random.int(0...2)]
                ),
                offset: 0,
                length: random.int(1...1 << 20),
                frame: [
                    nil, StoredFrame(bytes: random.int(1...1 << 20), crc32c: nil),
                    StoredFrame(bytes: random.int(1...1 << 20), crc32c: UInt32(truncatingIfNeeded: random.next())),
                ][random.int(0...2)]
            )
        }
        return ManifestFile(
            path: path,
            size: pieces.reduce(0) { $0 + Int64($1.length) },
            modified: Int64(bitPattern: random.next()),
            inode: random.next(),
            digest: pieces.count == 1 ? random.digest() : nil,
            pieces: pieces
        )
    }
}

extension SeededRandom {
    /// A name that a directory entry can have, with nothing else excluded.
    mutating func segment() -> String {
        let name = text(1...20, without: ["/", "\u{0}"])
        return name.unicodeScalars.isEmpty || name == "." || name == ".." ? "x" : name
    }
}

extension Set<String> {
    /// By bytes.
    var ascending: [String] { sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }
}
