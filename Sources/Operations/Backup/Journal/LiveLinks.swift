internal import Cassandra
internal import FoundationEssentials
internal import SystemPackage
internal import TransferEngine

/// Whose hard links to live files stand, and how many they are: a backup of live files that was stopped or killed goes
/// on with the files it began with, also when compaction has replaced them since.
///
/// A document for each node on this host, below `links/` of the state directory: the links of one backup replace those of
/// any other.
struct LiveLinks: Sendable {
    private struct Mark: Codable, Hashable {
        /// The run's id.
        let run: String
        let files: Int
        let bytes: Int64
    }

    private let path: FilePath
    private let run: String

    /// - Parameters:
    ///   - tag: of the links.
    ///   - run: the run's id.
    init(in state: StateDirectory, _ tag: SnapshotTag, _ directories: DataDirectories, run: String) throws(FileError) {
        let place = Array(directories.paths.map(\.string).joined(separator: "\n").utf8)
        let hash = SHA256.digest(of: place.span).description.prefix(16)
        path = try state.directory("links").appending("\(tag)-\(hash).json")
        self.run = run
    }

    /// Whether the links of this run stand, as many as were made.
    func stand(in tables: [Table], tag: SnapshotTag) throws -> Bool {
        guard let bytes = try? SmallFile.bytes(of: path),
            let mark = try? JSONDecoder().decode(Mark.self, from: Data(bytes)), mark.run == run
        else { return false }
        return try mark == count(tables, tag)
    }

    /// Forgets whose links stand; to be called before any is made or removed.
    func forget() throws(FileError) { try FileTree.remove(path) }

    /// Says that the links of this run stand.
    func keep(_ tables: [Table], tag: SnapshotTag) throws {
        let bytes = Array(try JSONEncoder().encode(try count(tables, tag)))
        let new = FilePath(path.string + ".new")
        try FileTree.remove(new)
        try WritableFile(new, creation: .mustBeNew, mode: 0o600).write(bytes.span, at: 0)
        try FileTree.rename(new, to: path)
    }

    private func count(_ tables: [Table], _ tag: SnapshotTag) throws -> Mark {
        var (files, bytes) = (0, Int64(0))
        for table in tables {
            let listing = try TableListing(table, source: .snapshot(tag), measuring: true)
            files += listing.fileCount
            bytes += listing.byteCount ?? 0
        }
        return Mark(run: run, files: files, bytes: bytes)
    }
}
