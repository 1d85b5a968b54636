internal import Cassandra
internal import SystemPackage
internal import TransferEngine

/// Finds where the content of a directory beside the data can be set aside by renaming: two directories may be of one
/// file system and yet mounted apart, so it is tried.
struct SidePlaces {
    let folders: RestoreFolders

    /// - Throws: `FileError`; `RunError` with code `.failed` if there is no such place.
    func choose(_ side: NodeLayout.Side) throws -> InPlaceMoves.Side {
        let own = [DirectoryLevel.ownDirectory, folders.name]
        let bases: [(FilePath, [String])] = [
            (folders.dataDirectories[0], own),
            // Inside it last: what measures the directory would count it.
            (side.path.removingLastComponent(), own),
            (side.path, own),
        ]
        var failure: FileError?
        for (base, names) in bases where !base.isEmpty {
            let place = names.reduce(base) { $0.appending($1) }
            let isOurs = base == folders.dataDirectories[0]
            let wasThere = (try? FileStatus(of: base.appending(names[0]))) != nil
            do throws(FileError) {
                try probe(side.path, base, names)
                return InPlaceMoves.Side(
                    kind: side.kind,
                    path: side.path.string,
                    aside: place.appending("aside").appending(side.kind.rawValue).string,
                    undone: place.appending("undone").appending(side.kind.rawValue).string
                )
            } catch {
                failure = error
                // A place that is not used is left as it was.
                try? FileTree.remove(place.appending(Self.probeName))
                if !isOurs { try? FileTree.removeDirectory(place) }
                if !isOurs, !wasThere { try? FileTree.removeDirectory(base.appending(names[0])) }
            }
        }
        throw RunError(.failed, "set aside the content of", "\(side.path)", cause: failure)
    }

    private static let probeName = ".ringvault-probe"

    private func probe(_ side: FilePath, _ base: FilePath, _ names: [String]) throws(FileError) {
        let place = try FileOwner(of: side).makeDirectories(names, in: base)
        let (old, new) = (side.appending(Self.probeName), place.appending(Self.probeName))
        try FileTree.remove(old)
        _ = try WritableFile(old, creation: .mustBeNew)
        do {
            try FileTree.rename(old, to: new)
        } catch {
            try? FileTree.remove(old)
            throw error
        }
        try FileTree.remove(new)
    }
}
