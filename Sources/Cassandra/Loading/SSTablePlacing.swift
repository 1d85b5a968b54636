package import SystemPackage
internal import TransferEngine

/// Gives all files of an SSTable second names in another directory of the same file system.
///
/// Nothing is ever replaced. Cassandra does not change the files of an SSTable, but puts others in their places
/// (`Statistics.db`, by renaming), as its own snapshots rely on; so the first names keep the bytes that were verified. Only
/// `TOC.txt` may grow by a line when an index is built later.
package enum SSTablePlacing {
    /// Links the files; blocks.
    ///
    /// They all stand when it returns, and none if it throws.
    ///
    /// `Data.db` comes last, so that a node which reads the directory meanwhile sees a whole SSTable or none.
    ///
    /// - Parameter prefix: what the second names begin with: `nb-10000042-big`.
    /// - Throws: `CassandraError`, with code `.exists` if one of the names is taken.
    package static func link(
        _ set: SSTableSet,
        in source: FilePath,
        to directory: FilePath,
        as prefix: String
    )
        throws(CassandraError)
    {
        guard set.isWhole else {
            throw CassandraError(
                .corrupt,
                "load",
                source.appending(set.prefix).string,
                "the SSTable is not whole: \(set.missing.joined(separator: ", ")) is missing"
            )
        }
        var made: [(new: FilePath, old: FilePath)] = []
        do throws(FileError) {
            for component in set.placingOrder {
                let old = source.appending(set.fileName(component))
                let new = directory.appending("\(prefix)-\(component)")
                try FileTree.link(old, to: new)
                made.append((new, old))
            }
        } catch {
            // In reverse: Data.db would be the first to go, but if it was linked, nothing failed.
            for (new, old) in made.reversed() { try? remove(new, ifLinkOf: old) }
            let code: CassandraError.Code = error.code == .exists ? .exists : .system
            throw CassandraError(code, "load the SSTable", source.appending(set.prefix).string, "", cause: error)
        }
    }

    /// Takes back what `link` gave, where the node has not taken it: `Data.db` first, so that none is seen in part.
    ///
    /// A name that is another file's is left alone. Blocks.
    package static func unlink(
        _ set: SSTableSet,
        in source: FilePath,
        from directory: FilePath,
        as prefix: String
    )
        throws(CassandraError)
    {
        do throws(FileError) {
            for component in set.placingOrder.reversed() {
                let old = source.appending(set.fileName(component))
                try remove(directory.appending("\(prefix)-\(component)"), ifLinkOf: old)
            }
        } catch {
            throw CassandraError("take back the SSTable", directory.appending(prefix).string, error)
        }
    }

    /// Whether `Data.db` stands under the placed name: then all files of the SSTable do.
    package static func isPlaced(
        _ set: SSTableSet,
        in source: FilePath,
        to directory: FilePath,
        as prefix: String
    )
        throws(CassandraError) -> Bool
    {
        do throws(FileError) {
            return try isLink(
                directory.appending("\(prefix)-Data.db"),
                of: source.appending(set.fileName("Data.db"))
            )
        } catch {
            throw CassandraError("look for the SSTable", directory.appending(prefix).string, error)
        }
    }

    private static func remove(_ new: FilePath, ifLinkOf old: FilePath) throws(FileError) {
        if try isLink(new, of: old) { try FileTree.remove(new) }
    }

    private static func isLink(_ new: FilePath, of old: FilePath) throws(FileError) -> Bool {
        let found: FileStatus
        do throws(FileError) { found = try FileStatus(of: new) } catch {
            guard error.code == .notFound else { throw error }
            return false
        }
        let original = try FileStatus(of: old)
        return found.device == original.device && found.inode == original.inode
    }
}
