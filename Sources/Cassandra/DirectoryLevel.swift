internal import SystemPackage
internal import TransferEngine

/// What a directory given as data directory looks like, told from names alone.
package enum DirectoryLevel {
    /// Keyspaces, or what may become some.
    case data
    /// Nothing that tells.
    case empty
    /// Tables stand right in it: a keyspace's directory.
    case keyspace
    /// SSTables stand right in it: a table's or snapshot's directory.
    case table
    /// The data directory is the named one inside.
    case above(String)

    /// Where Ringvault keeps what it restores, and what it has set aside, in each data directory.
    package static let ownDirectory = ".ringvault"

    /// What stands in a data directory and is no keyspace: what ext4 makes at the root of a file system, and our own.
    static let strangers: Set<String> = ["lost+found", ownDirectory]

    /// Reads `path` and, until one tells, the directories inside.
    init(of path: FilePath) throws(CassandraError) {
        let names: [String]
        do { names = try DirectoryListing(of: path).names.filter { $0 != Self.ownDirectory } } catch {
            throw CassandraError("list the data directory", path.string, error)
        }
        let isNamedAsTable = path.lastComponent.map { Self.isTable($0.string) } ?? false
        if names.contains(where: { SSTableName($0) != nil }) || isNamedAsTable && names.contains("snapshots") {
            self = .table
            return
        }
        if names.contains(where: Self.isTable) {
            self = .keyspace
            return
        }
        let keyspaces = names.filter(SchemaName.isValid)
        if keyspaces.contains(where: { Self.names(in: path.appending($0)).contains(where: Self.isTable) }) {
            self = .data
            return
        }
        for name in names {
            for inner in Self.names(in: path.appending(name)) where SchemaName.isValid(inner) {
                if Self.names(in: path.appending(name).appending(inner)).contains(where: Self.isTable) {
                    self = .above(name)
                    return
                }
            }
        }
        self = .empty
    }

    /// What is wrong with `path` as a data directory; nil if nothing is.
    func flaw(of path: FilePath) -> String? {
        switch self {
        case .data, .empty: nil
        case .keyspace:
            "it is a keyspace's directory; the data directory is the one above, \(path.removingLastComponent())"
        case .table: "it is a table's directory; the data directory is two levels above"
        case .above(let name): "there is no keyspace in it, but in \(path.appending(name))"
        }
    }

    /// With an id: names without are keyspaces' as well.
    private static func isTable(_ name: String) -> Bool { TableDirectory(name)?.id != nil }

    /// Nothing if it cannot be read: a guess needs no error.
    private static func names(in path: FilePath) -> [String] { (try? DirectoryListing(of: path).names) ?? [] }
}
