internal import Cassandra
internal import SystemPackage
internal import TransferEngine

/// Directories whose SSTables are to become one table's: its stages, or a snapshot's directories.
struct LoadSource: Sendable {
    /// One of them.
    struct Folder: Sendable {
        let path: FilePath
        /// Of the data directory that it lies in: links cannot leave its file system.
        let directoryIndex: Int
    }

    let table: TableName
    let folders: [Folder]

    /// Reads what is there; blocks.
    ///
    /// - Parameter checked: whether all must be whole. Not of those that the node may have: it appends to a `TOC.txt` that
    ///   we share with it when it builds an index (`SSTable.appendTOC`, 3.11 and 4.x).
    /// - Returns: each SSTable with the index of its folder.
    /// - Throws: `RunError` for an SSTable that is not whole: it would be lost, or take the others with it.
    func sets(checked: Bool) throws -> [(folder: Int, set: SSTableSet)] {
        var found: [(folder: Int, set: SSTableSet)] = []
        for (index, folder) in folders.enumerated() {
            let here = try SSTableFolder(folder.path, readingContents: checked)
            if checked, let torn = here.torn.first {
                throw RunError(
                    .failed,
                    "load into",
                    "\(table)",
                    "the SSTable \(folder.path.appending(torn.prefix)) is not whole: "
                        + "\(torn.missing.joined(separator: ", ")) is missing; nothing of the table was loaded"
                )
            }
            found += here.sets.map { (index, $0) }
        }
        return found
    }

    /// What names an SSTable in the journal: `0/nb-1-big`.
    static func key(_ folder: Int, _ set: SSTableSet) -> String { "\(folder)/\(set.prefix)" }

    func path(_ folder: Int, _ set: SSTableSet, _ component: String = "Data.db") -> FilePath {
        folders[folder].path.appending(set.fileName(component))
    }
}

/// Which file it is, whatever it is called.
struct FileIdentity: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64

    /// Nil if there is no such file; blocks.
    init?(_ path: FilePath) throws(FileError) {
        do throws(FileError) {
            let status = try FileStatus(of: path)
            (device, inode) = (status.device, status.inode)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    /// Of every `Data.db` in the directory, with its SSTable's prefix; blocks.
    static func data(in directory: FilePath) throws -> [FileIdentity: String] {
        var found: [FileIdentity: String] = [:]
        for set in try SSTableFolder(directory, readingContents: false).sets where set.components.contains("Data.db") {
            guard let identity = try FileIdentity(directory.appending(set.fileName("Data.db"))) else { continue }
            found[identity] = set.prefix
        }
        return found
    }
}
