package import Cassandra
internal import SystemPackage
internal import TransferEngine
package import Vault

/// What a backup has of the tables that a restore wants: one pass over the manifest, in the memory of its tables.
package struct RestoreInventory: Sendable {
    package struct Table: Sendable, Hashable {
        /// Its path in the manifest.
        package let source: String
        package let path: TablePath
        /// The statements that make it, as the snapshot had them; nil where it had none.
        package let schema: String?
        /// Only what the restore takes of the table.
        package fileprivate(set) var sstables = 0
        package fileprivate(set) var files = 0
        package fileprivate(set) var bytes: Int64 = 0
        /// Of its SSTables, `nb`, `oa`.
        package fileprivate(set) var versions: Set<String> = []
    }

    /// In the manifest's order, those without files too.
    package private(set) var tables: [Table] = []
    /// Damage that the backup found on the node.
    package private(set) var warnings = Warnings()

    /// - Parameters:
    ///   - wants: which tables.
    ///   - includes: which groups of those.
    package init(
        _ selection: RestoreSelection,
        in vault: Vault,
        wants: (TablePath) -> Bool,
        includes: (ManifestGroup) -> Bool = { _ in true }
    ) async throws {
        var manifest = try await ManifestReader.open(vault, key: selection.key)
        var isWanted = false
        while let line = try await manifest.next() {
            switch line {
            case .document, .end: break
            case .table(let found):
                let path = TablePath(found.path)
                isWanted = path.map(wants) ?? false
                if let path, isWanted {
                    tables.append(Table(source: found.path, path: path, schema: found.schema))
                }
            case .group(let group): if isWanted, includes(group) { count(group) }
            }
        }
    }

    private mutating func count(_ group: ManifestGroup) {
        let index = tables.count - 1
        tables[index].files += group.files.count
        tables[index].bytes += group.bytes
        if group.isSSTable {
            tables[index].sstables += 1
            let name = group.files.first?.path.split(separator: "/").last.map(String.init) ?? ""
            if let version = SSTableName(name)?.version { tables[index].versions.insert(version) }
        }
        if let damage = group.damage {
            warnings.add("\(group.table)/\(group.name) was damaged on the node when it was backed up: \(damage)")
        }
    }

    package func contains(keyspace: String, table: String) -> Bool {
        tables.contains { $0.path.keyspace == keyspace && $0.path.table == table }
    }
}
