package import SystemPackage
internal import TransferEngine

/// The SSTables right in one directory: a table's own, a stage's, a snapshot's.
///
/// Directories in it are left out: `snapshots`, `backups`, and those of secondary indexes (`.orders_customer_idx`), which
/// Cassandra builds anew for what it loads.
package struct SSTableFolder: Sendable {
    package let path: FilePath
    /// Whole and not, in the order of their prefixes.
    package let sets: [SSTableSet]
    /// Files of no SSTable: `manifest.json`, `schema.cql`, temporary ones.
    package let otherFiles: [String]

    /// Reads names, and each `TOC.txt`; blocks.
    ///
    /// A directory that is not there is one without SSTables.
    ///
    /// - Parameter readingContents: whether each SSTable's `TOC.txt` is read, so that `SSTableSet.missing` knows all.
    /// - Throws: `CassandraError`, with code `.corrupt` for a `TOC.txt` that is none.
    package init(_ path: FilePath, readingContents: Bool = true) throws(CassandraError) {
        let listing: DirectoryListing
        do { listing = try DirectoryListing(of: path) } catch {
            guard error.code == .notFound else { throw CassandraError("list the SSTables in", path.string, error) }
            (self.path, sets, otherFiles) = (path, [], [])
            return
        }
        var found: [String: (name: SSTableName, components: [String])] = [:]
        var others: [String] = []
        for entry in listing.entries {
            if entry.kind == .directory { continue }
            guard let name = SSTableName(entry.name) else {
                if try !Self.isDirectory(path.appending(entry.name), entry.kind) { others.append(entry.name) }
                continue
            }
            found[name.prefix, default: (name, [])].components.append(name.component)
        }
        var sets: [SSTableSet] = []
        for (prefix, one) in found.sorted(by: { $0.key.precedes($1.key) }) {
            var contents: TableOfContents?
            if readingContents, one.components.contains(TableOfContents.component) {
                contents = try TableOfContents(path.appending("\(prefix)-\(TableOfContents.component)"))
            }
            let components = one.components.sorted { $0.precedes($1) }
            sets.append(SSTableSet(name: one.name, components: components, contents: contents))
        }
        self.path = path
        self.sets = sets
        otherFiles = others
    }

    /// Those of which something is missing.
    package var torn: [SSTableSet] { sets.filter { !$0.isWhole } }

    private static func isDirectory(_ path: FilePath, _ kind: FileStatus.Kind?) throws(CassandraError) -> Bool {
        if let kind { return kind == .directory }
        do { return try FileStatus(of: path).kind == .directory } catch {
            if error.code == .notFound { return true }
            throw CassandraError("examine", path.string, error)
        }
    }
}
