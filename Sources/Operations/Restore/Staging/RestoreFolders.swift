internal import Cassandra
package import SystemPackage
package import TransferEngine

/// The directories of one restore: `.ringvault/restore-<id>` in each data directory of the node, so that files get to
/// their places by renaming.
///
/// | below it | holds |
/// | --- | --- |
/// | `stage/<keyspace>/<table>-<id>/` | files of the backup, under the names of the tables that take them |
/// | `aside/backups/<keyspace>/<table>-<id>/` | what the node had and the restore has replaced |
/// | `undone/backups/…` | what an undo has taken out of the node again |
/// | `journal`, `plan.json` | in one of them: how far the restore is, and what it does |
///
/// Cassandra looks at all files below a data directory when it starts, and refuses to if one is of a version that it
/// cannot read; below a directory called `backups` it does not look. Source: `StartupChecks.checkSSTablesFormat`, 3.11 to 5.0.
package struct RestoreFolders: Sendable, Hashable {
    private static let prefix = "restore-"

    /// `restore-3e2816e0e538`; of a second execution `restore-3e2816e0e538-2`.
    package let name: String
    package let dataDirectories: [FilePath]
    private let folders: [FilePath]
    /// In the order of the data directories, as the two below.
    package let stages: [FilePath]
    private let asides: [FilePath]
    private let undones: [FilePath]

    package init(_ id: RestoreID, execution: Int = 1, in dataDirectories: [FilePath]) {
        self.init(name: Self.prefix + id.description + (execution > 1 ? "-\(execution)" : ""), in: dataDirectories)
    }

    private init(name: String, in dataDirectories: [FilePath]) {
        self.name = name
        self.dataDirectories = dataDirectories
        folders = dataDirectories.map { FilePath("\($0.string)/\(DirectoryLevel.ownDirectory)/\(name)") }
        stages = folders.map { $0.appending("stage") }
        asides = folders.map { FilePath("\($0.string)/aside/backups") }
        undones = folders.map { FilePath("\($0.string)/undone/backups") }
    }

    /// Nil for a name that is no restore's.
    package var id: RestoreID? { Self.parse(name)?.id }
    package var execution: Int { Self.parse(name)?.execution ?? 1 }

    package func folder(_ index: Int) -> FilePath { folders[index] }
    package func stage(_ index: Int) -> FilePath { stages[index] }
    package func aside(_ index: Int) -> FilePath { asides[index] }
    package func undone(_ index: Int) -> FilePath { undones[index] }

    /// The data directory that has the journal: the first, unless the order of the directories was another then.
    private var home: FilePath {
        folders.first { (try? FileStatus(of: $0.appending("journal"))) != nil } ?? folders[0]
    }

    package var journal: FilePath { home.appending("journal") }
    package var plan: FilePath { home.appending("plan.json") }

    /// Makes the folder and its stage in each data directory, as the data directory's owner has them; blocks.
    package func make() throws(FileError) {
        for index in dataDirectories.indices {
            let owner = try FileOwner(of: dataDirectories[index])
            try owner.makeDirectories([DirectoryLevel.ownDirectory, name, "stage"], in: dataDirectories[index])
        }
    }

    /// Every restore that has left a folder in one of the data directories, in order of name; blocks.
    package static func all(in dataDirectories: [FilePath]) throws(FileError) -> [RestoreFolders] {
        var names: Set<String> = []
        for path in dataDirectories {
            let own = path.appending(DirectoryLevel.ownDirectory)
            guard (try? FileStatus(of: own))?.kind == .directory else { continue }
            for name in try DirectoryListing(of: own).names where parse(name) != nil { names.insert(name) }
        }
        return names.sorted().map { RestoreFolders(name: $0, in: dataDirectories) }
    }

    private static func parse(_ name: String) -> (id: RestoreID, execution: Int)? {
        guard name.hasPrefix(prefix) else { return nil }
        let parts = name.dropFirst(prefix.count).split(separator: "-", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let id = RestoreID(parts[0]) else { return nil }
        guard parts.count == 2 else { return (id, 1) }
        guard let execution = Int(parts[1]), execution > 1 else { return nil }
        return (id, execution)
    }
}
