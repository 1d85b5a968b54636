internal import FoundationEssentials
package import ObjectStorage
internal import TransferEngine

/// Writes a node's manifest line by line, and publishes it as the last thing a backup does.
///
/// What has been written is kept compressed in memory, about 60 bytes a file, until it is published in one put.
package struct ManifestWriter: ~Copyable {
    /// Lines are compressed in batches of about so many bytes.
    private static let batch = 256 * 1024

    private var header: ManifestHeader
    private var encoder: ZstdStreamEncoder
    private var text = JSONText()
    private var end = ManifestEnd()
    private var sstables = 0
    private var rules: ManifestRules

    package init(_ header: ManifestHeader, chunkSize: Int) throws {
        self.header = header
        encoder = try ZstdStreamEncoder()
        rules = ManifestRules(chunkSize: chunkSize, directoryCount: header.dataDirectories.count)
    }

    /// Adds a line; they must come in order.
    ///
    /// - Throws: `VaultError` for a line that a reader would refuse: it is our own mistake, found before publishing.
    package mutating func write(_ line: ManifestLine) throws {
        if let problem = rules.problem(with: line) {
            throw VaultError(.invalid, "write the manifest of", header.hostId.description, problem)
        }
        end.count(line)
        if case .group(let group) = line, group.isSSTable { sstables += 1 }
        line.append(to: &text)
        if text.bytes.count >= Self.batch { try flush() }
    }

    /// Says in the header what of each table was new.
    package mutating func tell(_ history: [ManifestHeader.TableHistory]) { header.history = history }

    /// Puts the manifest into the store: from then on the backup of this node exists.
    ///
    /// - Parameter totals: what the run did; the counts of lines are filled in here.
    /// - Returns: the header as published.
    /// - Throws: `VaultError` with code `.exists` if this node's manifest of this backup is there already.
    package consuming func publish(
        in store: any ObjectStore,
        at key: ObjectKey,
        totals: ManifestHeader.Totals
    ) async throws -> ManifestHeader {
        try write(.end(end))
        try flush()
        let body = try encoder.finish()
        header.totals = totals
        header.totals.tables = end.tables
        header.totals.sstables = sstables
        header.totals.files = end.files
        header.totals.bytes = end.bytes
        header.finished = .now
        let json = JSONEncoder()
        json.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let line = Array(try json.encode(header)) + [0x0A]
        try encoder.write(line.span)
        let whole = try encoder.finish() + body
        let result = try await store.put(document: whole, at: key, .onlyIfAbsent)
        guard result == .stored else {
            // A put whose answer was lost and that was repeated meets its own object.
            if let standing = try await store.head(key), standing.size == whole.count,
                try await store.document(key, limit: whole.count) == whole
            {
                return header
            }
            throw VaultError(
                .exists,
                "publish",
                key.description,
                "this node's part of the backup exists already; choose another name"
            )
        }
        return header
    }

    private mutating func flush() throws(CodecError) {
        let batch = text.take()
        try encoder.write(batch.span)
    }
}
