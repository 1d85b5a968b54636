internal import Cassandra
internal import SystemPackage
internal import TransferEngine

/// Whether a running node really has the SSTables that it was given, and not merely their files.
///
/// A snapshot is made of what the node knows. So one of its own is taken without a flush, looked at, and cleared: whatever
/// lies in a table's directory, is one of ours, and is not in the snapshot, the node does not see.
struct LoadCheck {
    let node: any NodeControl
    let tag: SnapshotTag
    /// Nil where snapshots last until they are cleared.
    let ttl: Duration?

    /// - Parameter tables: each with where its directories are now.
    /// - Returns: files of SSTables that the node does not see, by table.
    func unseen(_ tables: [(source: LoadSource, table: Table)]) async throws -> [(table: TableName, path: FilePath)] {
        guard !tables.isEmpty else { return [] }
        let keyspaces = Set(tables.map(\.table.keyspace)).sorted()
        // Of a run that was killed here.
        try await node.clearSnapshot(tag, keyspaces: keyspaces)
        try await node.takeSnapshot(tag, of: .tables(tables.map(\.source.table)), ttl: ttl, skipsFlush: true)
        var unseen: [(table: TableName, path: FilePath)] = []
        var failure: (any Error)?
        do {
            for (source, table) in tables { unseen += try look(source, table) }
        } catch {
            failure = error
        }
        try? await node.clearSnapshot(tag, keyspaces: keyspaces)
        if let failure { throw failure }
        return unseen
    }

    private func look(_ source: LoadSource, _ table: Table) throws -> [(table: TableName, path: FilePath)] {
        var own: Set<FileIdentity> = []
        for (folder, set) in try source.sets(checked: false) {
            if let identity = try FileIdentity(source.path(folder, set)) { own.insert(identity) }
        }
        var seen: Set<FileIdentity> = []
        for (_, path) in table.directories(of: tag) { seen.formUnion(try FileIdentity.data(in: path).keys) }
        var unseen: [(table: TableName, path: FilePath)] = []
        // Without what compaction has replaced and the node will remove, as its transaction logs say.
        for group in try TableListing(table, source: .live).groups where group.sstable?.utf8.contains(0x2F) == false {
            guard let data = group.components.first(where: { group.componentName($0) == "Data.db" }),
                let identity = try FileIdentity(group.base.appending(data)),
                own.contains(identity), !seen.contains(identity)
            else { continue }
            unseen.append((source.table, group.base.appending(data)))
        }
        return unseen
    }
}
