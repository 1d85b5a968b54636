internal import FoundationEssentials
package import ObjectStorage
internal import TransferEngine

/// Writes a node's manifest line by line, and publishes it as the last thing a backup does.
///
/// What has been written is kept compressed in memory, about 60 bytes a file, until it is published in one put.
package struct ManifestWriter: ~Copyable, Sendable {
    /// Lines are compressed in batches of about so many bytes.
    private static let batch = 256 * 1024
    /// Groups that are handed to a `BlobRenewing` in one call, at most.
    package static let renewedTogether = 256

    private var header: ManifestHeader
    private var encoder: ZstdStreamEncoder
    private var text = JSONText()
    private var end = ManifestEnd()
    private var sstables = 0
    private var rules: ManifestRules
    private let chunkSize: Int
    private var own = OwnNames()
    /// Compressed parts before the one that is being written; each ascends in itself.
    private var sections: [[UInt8]] = []

    package init(_ header: ManifestHeader, chunkSize: Int) throws {
        self.header = header
        self.chunkSize = chunkSize
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
        if case .group(let group) = line {
            if group.isSSTable { sstables += 1 }
            for file in group.files {
                for piece in file.pieces { own.add(try piece.blob.compact) }
            }
        }
        let start = text.bytes.count
        line.append(to: &text)
        guard text.bytes.count - start <= ManifestReader.maxLine else {
            throw VaultError(
                .invalid,
                "write the manifest of",
                header.hostId.description,
                "a line is too long to be read"
            )
        }
        if text.bytes.count >= Self.batch { try flush() }
    }

    /// Begins another part of the manifest, whose tables may go before those written so far: each part ascends in itself,
    /// and when all is written they become one sequence.
    package mutating func beginSection() throws {
        try flush()
        sections.append(try encoder.finish())
        rules = ManifestRules(chunkSize: chunkSize, directoryCount: header.dataDirectories.count)
    }

    /// Makes one sequence of the parts, table by table.
    ///
    /// - Throws: `VaultError` for a table that stands in two.
    private mutating func merge() throws {
        guard !sections.isEmpty else { return }
        try beginSection()
        var merged = try ManifestSections(sections)
        sections = []
        var batch: [UInt8] = []
        while let line = try merged.next() {
            batch += line
            batch.append(0x0A)
            if batch.count >= Self.batch {
                try encoder.write(batch.span)
                batch.removeAll(keepingCapacity: true)
            }
        }
        try encoder.write(batch.span)
    }

    /// The blobs that it names, ascending, each once.
    var names: [CompactName] { own.sorted }

    /// The same manifest with other places for what `listed` names; goes through what is written, part by part.
    consuming func renewed(by renewal: some BlobRenewing, _ listed: ListedNames) async throws -> ManifestWriter {
        try merge()
        try flush()
        let body = try encoder.finish()
        var renewed = try ManifestWriter(header, chunkSize: chunkSize)
        var lines = try CompressedLines(body)
        var groups: [ManifestGroup] = []
        while let bytes = try lines.next() {
            let line = try ManifestLine(json: bytes.span)
            switch line {
            case .group(let group) where groups.count + 1 < Self.renewedTogether: groups.append(group)
            case .group(let group):
                try await renewed.write(groups + [group], renewedBy: renewal, listed)
                groups = []
            case .document, .table, .end:
                try await renewed.write(groups, renewedBy: renewal, listed)
                groups = []
                try renewed.write(line)
            }
        }
        try await renewed.write(groups, renewedBy: renewal, listed)
        return renewed
    }

    private mutating func write(
        _ groups: [ManifestGroup],
        renewedBy renewal: some BlobRenewing,
        _ listed: ListedNames
    ) async throws {
        let isHit = groups.contains { group in
            group.files.contains { $0.pieces.contains { listed.contains($0.blob) } }
        }
        for group in isHit ? try await renewal.renew(groups, listed) : groups { try write(.group(group)) }
    }

    /// Says in the header what of each table was new.
    package mutating func tell(_ history: [ManifestHeader.TableHistory]) { header.history = history }

    /// Puts the manifest into the store: from then on the backup of this node exists.
    ///
    /// `Publication` alone calls this.
    ///
    /// - Parameters:
    ///   - totals: what the run did; the counts of lines are filled in here.
    ///   - finished: nil for now.
    /// - Returns: the header as published, and the manifest itself, not encrypted.
    /// - Throws: `VaultError` with code `.exists` if this node's manifest of this backup is there already.
    package consuming func publish(
        in vault: Vault,
        at key: ObjectKey,
        totals: ManifestHeader.Totals,
        finished: Timestamp? = nil
    ) async throws -> (header: ManifestHeader, manifest: [UInt8]) {
        try merge()
        try write(.end(end))
        try flush()
        let body = try encoder.finish()
        header.totals = totals
        header.totals.tables = end.tables
        header.totals.sstables = sstables
        header.totals.files = end.files
        header.totals.bytes = end.bytes
        header.finished = finished ?? .now
        let json = JSONEncoder()
        json.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let line = Array(try json.encode(header)) + [0x0A]
        try encoder.write(line.span)
        let whole = try encoder.finish() + body
        let stored = vault.sealed(whole, for: key)
        let result = try await vault.store.put(document: stored, at: key, .onlyIfAbsent)
        guard result == .stored else {
            guard vault.canRead else {
                throw VaultError(
                    .exists,
                    "publish",
                    key.description,
                    "something is there already: an earlier backup of this node under this name, or this very one, if the "
                        + "store's answer was lost; whoever may read the vault can tell"
                )
            }
            // A put whose answer was lost and that was repeated meets its own object.
            if let standing = try await vault.store.head(key), standing.size == stored.count,
                try await vault.store.document(key, limit: stored.count) == stored
            {
                return (header, whole)
            }
            throw VaultError(
                .exists,
                "publish",
                key.description,
                "this node's part of the backup exists already; choose another name"
            )
        }
        return (header, whole)
    }

    private mutating func flush() throws(CodecError) {
        let batch = text.take()
        try encoder.write(batch.span)
    }
}
