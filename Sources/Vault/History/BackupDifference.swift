/// What differs between two backups, node by node and table by table.
package struct BackupDifference: Sendable, Hashable, Codable {
    package enum Change: String, Sendable, Hashable, Codable {
        case added, removed, changed
    }

    /// SSTables, and other files, each counted as one; and the plain bytes of their files.
    package struct Count: Sendable, Hashable, Codable {
        package fileprivate(set) var groups = 0
        package fileprivate(set) var bytes: Int64 = 0

        fileprivate mutating func add(_ group: ManifestGroup) {
            groups += 1
            bytes &+= group.bytes
        }
    }

    package struct Table: Sendable, Hashable, Codable {
        package let host: HostID
        /// Its directory: `shop/orders-3e2816e0e53811f1916b25b74eacdfa4`.
        package let table: String
        package fileprivate(set) var added = Count()
        package fileprivate(set) var removed = Count()
        /// Under the same name with another content: as they are in the second backup.
        package fileprivate(set) var changed = Count()
        package fileprivate(set) var same = Count()

        package var isSame: Bool { added.groups == 0 && removed.groups == 0 && changed.groups == 0 }
    }

    package struct File: Sendable, Hashable, Codable {
        package let host: HostID
        package let table: String
        /// Below the table's directory.
        package let path: String
        package let change: Change
        /// Bytes, in the second backup unless it was removed.
        package let size: Int64
    }

    /// Files told one by one.
    package static let mostFiles = 100_000

    package internal(set) var tables: [Table] = []
    /// In the order of nodes, tables and names; empty unless asked for.
    package internal(set) var files: [File] = []
    package internal(set) var omittedFiles = 0
    /// Nodes that only one of the backups has.
    package internal(set) var onlyInFirst: [HostID] = []
    package internal(set) var onlyInSecond: [HostID] = []

    /// Compares two backups.
    ///
    /// A file of which only the place in the vault differs is the same; so is one that has another inode or time.
    ///
    /// - Parameter listsFiles: whether every file that differs is told.
    package static func between(
        _ first: Catalogue.Listing,
        _ second: Catalogue.Listing,
        _ vault: Vault,
        listsFiles: Bool = false
    ) async throws -> BackupDifference {
        var difference = BackupDifference()
        for host in Set(first.nodes + second.nodes).sorted() {
            let (isInFirst, isInSecond) = (first.nodes.contains(host), second.nodes.contains(host))
            if !isInSecond { difference.onlyInFirst.append(host) }
            if !isInFirst { difference.onlyInSecond.append(host) }
            var join = ManifestJoin(
                isInFirst ? try await ManifestReader.open(vault, key: try first.id.manifestKey(host)) : nil,
                isInSecond ? try await ManifestReader.open(vault, key: try second.id.manifestKey(host)) : nil
            )
            while let (old, new) = try await join.next() { difference.add(old, new, of: host, listsFiles: listsFiles) }
        }
        return difference
    }

    private mutating func add(_ old: ManifestGroup?, _ new: ManifestGroup?, of host: HostID, listsFiles: Bool) {
        guard let one = new ?? old else { return }
        if tables.last?.host != host || tables.last?.table != one.table {
            tables.append(Table(host: host, table: one.table))
        }
        let last = tables.count - 1
        var changes: [File] = []
        func note(_ file: ManifestFile, _ change: Change) {
            changes.append(File(host: host, table: one.table, path: file.path, change: change, size: file.size))
        }
        for file in new?.files ?? [] {
            let before = old?.files.first { $0.path.utf8.elementsEqual(file.path.utf8) }
            if let before {
                if !before.hasSameContent(as: file) { note(file, .changed) }
            } else {
                note(file, .added)
            }
        }
        for file in old?.files ?? []
        where !(new?.files.contains { $0.path.utf8.elementsEqual(file.path.utf8) } ?? false) { note(file, .removed) }
        switch (old, new) {
        case (nil, let new?): tables[last].added.add(new)
        case (let old?, nil): tables[last].removed.add(old)
        case (_, let new?): if changes.isEmpty { tables[last].same.add(new) } else { tables[last].changed.add(new) }
        case (nil, nil): break
        }
        guard listsFiles else { return }
        let room = max(0, Self.mostFiles - files.count)
        files += changes.prefix(room)
        omittedFiles += max(0, changes.count - room)
    }
}
