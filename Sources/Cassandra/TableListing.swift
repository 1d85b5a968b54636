package import SystemPackage
internal import TransferEngine

/// The files of one table, in all data directories, at one moment.
///
/// A listing of live files is a listing, not a snapshot: the node may change them at once, and what compaction moves
/// from one data directory to another meanwhile may be missed. `LiveSnapshot` is safe against that.
package struct TableListing: Sendable {
    package let table: Table
    package let source: FileSource
    /// Whether any data directory has the snapshot, or for live files the table's directory.
    package let isPresent: Bool
    /// What was left out.
    package let warnings: Warnings
    private let parts: [FolderContents]

    /// Reads the names, and examines every file of a live directory; blocks.
    ///
    /// - Parameter measuring: whether the files of a snapshot are examined, too, for `byteCount`.
    /// - Throws: `CassandraError`; with code `.changing` if live files or a snapshot vanish while being listed, so that
    ///   the same call may succeed later.
    package init(_ table: Table, source: FileSource, measuring: Bool = false) throws(CassandraError) {
        var warnings = Warnings()
        var parts: [FolderContents] = []
        for place in table.places {
            let base =
                switch source {
                case .snapshot(let tag): SnapshotDirectory(tag, in: place.path).path
                case .live: place.path
                }
            let reader = FolderReader(
                base: base,
                directoryIndex: place.directoryIndex,
                isLive: source == .live,
                isMeasuring: measuring
            )
            if let part = try reader.contents(&warnings) { parts.append(part) }
        }
        self.table = table
        self.source = source
        self.warnings = warnings
        self.parts = parts
        isPresent = !parts.isEmpty
    }

    /// How many files the groups have.
    package var fileCount: Int { parts.reduce(0) { $0 + $1.files.count } }

    /// Bytes of those files when they were examined; nil for a listing that does not measure.
    package var byteCount: Int64? {
        parts.reduce(0) { sum, part in sum.flatMap { sum in part.bytes.map { sum + $0.all } } }
    }

    /// Bytes of a snapshot's SSTables that no other name holds; nil for a listing that does not measure.
    ///
    /// It is what compaction has removed since, and what clearing the snapshot gives back: without `manifest.json` and
    /// `schema.cql`, which are a snapshot's own from the start.
    package var heldByteCount: Int64? {
        parts.reduce(0) { sum, part in sum.flatMap { sum in part.bytes.map { sum + $0.held } } }
    }

    /// The files in groups, ascending bytewise by `SSTableFiles.key`, then by data directory; made while iterating.
    package var groups: Groups { Groups(parts: parts) }

    /// Whether both have the same files.
    package func hasSameFiles(as other: TableListing) -> Bool { parts == other.parts }

    package struct Groups: Sequence, Sendable {
        fileprivate let parts: [FolderContents]

        package func makeIterator() -> Iterator { Iterator(parts: parts) }
    }

    package struct Iterator: IteratorProtocol {
        private let parts: [FolderContents]
        private var positions: [Int]

        fileprivate init(parts: [FolderContents]) {
            self.parts = parts
            positions = parts.map { _ in 0 }
        }

        package mutating func next() -> SSTableFiles? {
            // Parts ascend by data directory, so the first of equal keys is the right one.
            var best: Int?
            for index in parts.indices where positions[index] < parts[index].files.count {
                let candidate = parts[index].files[positions[index]]
                if let current = best, !candidate.precedesGroup(of: parts[current].files[positions[current]]) {
                    continue
                }
                best = index
            }
            guard let best else { return nil }
            let part = parts[best]
            let first = part.files[positions[best]]
            let start = positions[best]
            repeat {
                positions[best] += 1
            } while positions[best] < part.files.count
                && first.isSSTable && first.isSameGroup(as: part.files[positions[best]])
            return SSTableFiles(
                sstable: first.isSSTable ? first.key : nil,
                directoryIndex: part.directoryIndex,
                base: part.base,
                components: part.files[start..<positions[best]].map(\.path)
            )
        }
    }
}

/// The files of one SSTable in one data directory, or one file that belongs to none.
package struct SSTableFiles: Sendable, Hashable {
    /// Prefix of the names of one SSTable's components, relative to `base`.
    ///
    /// `nb-1-big` or, of a secondary index, `.orders_customer_idx/nb-1-big`. Nil for `manifest.json`, `schema.cql` and
    /// other files, of which each is alone.
    package let sstable: String?
    /// Index into `DataDirectories.paths`.
    package let directoryIndex: Int
    /// The directory that `components` are relative to: the table's, or its snapshot's.
    package let base: FilePath
    /// Paths relative to `base`, ascending bytewise, at least one: `nb-1-big-Data.db`.
    ///
    /// They differ in their bytes; Swift's `==` of two can still be true, as it compares Unicode's canonical forms.
    package let components: [String]

    /// What groups are sorted by: the SSTable's prefix, or the file's path.
    package var key: String { sstable ?? components[0] }

    /// The name of a component without the SSTable's prefix: `Data.db`.
    package func componentName(_ path: String) -> String {
        guard let sstable else { return path }
        return String(decoding: path.utf8.dropFirst(sstable.utf8.count + 1), as: UTF8.self)
    }
}
