package import SystemPackage
internal import TransferEngine

/// The data directories of one node, `data_file_directories` of its cassandra.yaml.
///
/// Below each stands `<keyspace>/<table>-<id>/`. Every call blocks: use an `IOExecutor`.
package struct DataDirectories: Sendable {
    /// What stands in the directories at one moment.
    package struct Found: Sendable {
        /// In the order of `Table.precedes`.
        package let tables: [Table]
        /// Entries of the filter that match no table, as the user wrote them.
        package let unmatched: [String]
        /// Entries that are neither a keyspace nor a table, each left out.
        package let warnings: Warnings
    }

    /// As given; `Table.Place.directoryIndex` counts in this order.
    package let paths: [FilePath]

    /// Checks that every path is a directory, that none is there twice (by device and inode), and that none is a
    /// keyspace's or a table's directory or the one above.
    ///
    /// - Parameter allowEmpty: whether all of them may be without any keyspace, as before a restore.
    /// - Throws: `CassandraError`, naming the path and, for a wrong level, the right one.
    package init(_ paths: [FilePath], allowEmpty: Bool = false) throws(CassandraError) {
        guard !paths.isEmpty else {
            throw CassandraError(.invalid, Self.operation, "nothing", "no data directory is given")
        }
        var seen: [FileStatus] = []
        var hasKeyspace = false
        for path in paths {
            let status: FileStatus
            do { status = try FileStatus(of: path, followingLinks: true) } catch {
                throw CassandraError(Self.operation, path.string, error)
            }
            guard status.kind == .directory else {
                throw CassandraError(.invalid, Self.operation, path.string, "it is not a directory")
            }
            if let twin = seen.firstIndex(where: { $0.device == status.device && $0.inode == status.inode }) {
                throw CassandraError(
                    .invalid,
                    Self.operation,
                    path.string,
                    "it is the same directory as \(paths[twin])"
                )
            }
            seen.append(status)
            let level = try DirectoryLevel(of: path)
            if let flaw = level.flaw(of: path) { throw CassandraError(.invalid, Self.operation, path.string, flaw) }
            if case .data = level { hasKeyspace = true }
        }
        guard hasKeyspace || allowEmpty else {
            throw CassandraError(
                .notFound,
                Self.operation,
                paths.map(\.string).joined(separator: ", "),
                "there is no keyspace in it; data_file_directories in cassandra.yaml names the right ones"
            )
        }
        self.paths = paths
    }

    private static let operation = "use as data directory"

    /// Finds the tables that `filter` wants, reading the names of keyspaces and tables only.
    ///
    /// Directories of keyspaces and tables may be symbolic links to directories.
    package func tables(matching filter: TableFilter = .everything) throws(CassandraError) -> Found {
        var finder = TableFinder(filter: filter)
        for (index, path) in paths.enumerated() { try finder.search(path, directoryIndex: index) }
        let tables = finder.tables
        return Found(tables: tables, unmatched: filter.unmatched(by: tables), warnings: finder.warnings)
    }
}

/// Collects tables from one data directory after another.
private struct TableFinder {
    private struct Key: Hashable {
        let keyspace: String
        let directory: TableDirectory
    }

    let filter: TableFilter
    private var places: [Key: [Table.Place]] = [:]
    private(set) var warnings = Warnings()

    init(filter: TableFilter) {
        self.filter = filter
    }

    var tables: [Table] {
        places.map { key, places in
            Table(keyspace: key.keyspace, name: key.directory.table, id: key.directory.id, places: places)
        }
        .sorted(by: Table.precedes)
    }

    mutating func search(_ data: FilePath, directoryIndex: Int) throws(CassandraError) {
        for keyspace in try entries(of: data) where !DirectoryLevel.strangers.contains(keyspace) {
            let path = data.appending(keyspace)
            guard SchemaName.isValid(keyspace) else {
                warnings.add("left out \(PrintableName(path.string)): its name cannot be a keyspace's")
                continue
            }
            guard filter.mayMatch(keyspace: keyspace), try isDirectory(path, whenNot: "a keyspace's directory") else {
                continue
            }
            for name in try entries(of: path) {
                let place = path.appending(name)
                guard let directory = TableDirectory(name) else {
                    warnings.add("left out \(PrintableName(place.string)): its name cannot be a table's directory")
                    continue
                }
                guard filter.matches(keyspace: keyspace, table: directory.table),
                    try isDirectory(place, whenNot: "a table's directory")
                else { continue }
                places[Key(keyspace: keyspace, directory: directory), default: []]
                    .append(Table.Place(directoryIndex: directoryIndex, path: place))
            }
        }
    }

    private mutating func entries(of path: FilePath) throws(CassandraError) -> [String] {
        do {
            let listing = try DirectoryListing(of: path)
            for name in listing.oddNames { warnings.add("left out \(path)/\(name): its name is not UTF-8") }
            return listing.names
        } catch {
            if error.code == .notFound { return [] }  // dropped since its name was read
            throw CassandraError("list the directory", path.string, error)
        }
    }

    private mutating func isDirectory(_ path: FilePath, whenNot role: String) throws(CassandraError) -> Bool {
        do {
            if try FileStatus(of: path, followingLinks: true).kind == .directory { return true }
            warnings.add("left out \(PrintableName(path.string)): it is not \(role)")
        } catch {
            guard error.code == .notFound else { throw CassandraError("examine", path.string, error) }
            // Dropped since its name was read, or a symbolic link to nothing.
            if (try? FileStatus(of: path)) != nil {
                warnings.add("left out \(PrintableName(path.string)): it is a symbolic link to nothing")
            }
        }
        return false
    }
}
