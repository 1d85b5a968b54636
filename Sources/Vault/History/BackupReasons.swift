/// What of a node's backup was new, and why: told by comparing it with the backup before.
package struct BackupReasons: Sendable, Hashable, Codable {
    package enum Basis: String, Sendable, Hashable, Codable {
        /// The backup before is there, so that every file has a reason.
        case compared
        /// The node's first backup: all of it was read.
        case first
        /// The backup before is gone, or cannot be read: only sums are known.
        case gone
    }

    /// One table's files by what became of them.
    package struct Table: Sendable, Hashable, Codable {
        /// Its directory: `shop/orders-3e2816e0e53811f1916b25b74eacdfa4`.
        package let table: String
        package internal(set) var sstables = 0
        /// SSTables whose name the backup before did not have.
        package internal(set) var newSSTables = 0
        package internal(set) var all = FileCount()
        /// As in the backup before, not read.
        package internal(set) var unchanged = FileCount()
        /// Another inode or modification time, and the same content: read, not stored.
        package internal(set) var touched = FileCount()
        /// The same name, other content.
        package internal(set) var rewritten = FileCount()
        /// A name that the backup before did not have.
        package internal(set) var new = FileCount()
        /// Unchanged, and stored anew since the vault had lost it, or was about to collect it.
        package internal(set) var repaired = FileCount()
        /// Files and bytes whose content the vault had, whether it was read or not; nil where the manifest does not tell.
        package internal(set) var reused: FileCount?
        /// Of the bytes reused, those that were read to find out; nil where the manifest does not tell.
        package internal(set) var readInVain: Int64?

        init(table: String) { self.table = table }
    }

    package let host: HostID
    package let basis: Basis
    /// The backup that it was compared with.
    package let previous: String?
    /// In the manifest's order; without `unchanged` to `repaired` unless `basis` is `compared`.
    package internal(set) var tables: [Table] = []

    /// Compares a node's manifest with that of the backup which its header names.
    ///
    /// - Throws: `VaultError`, `StoreError` for the manifest itself; one before that is damaged counts as gone.
    package static func of(_ host: HostID, in id: BackupID, _ vault: Vault) async throws -> BackupReasons {
        let reader = try await ManifestReader.open(vault, key: try id.manifestKey(host))
        let header = reader.header
        guard let previous = header.previous else {
            return try await read(reader, nil, BackupReasons(host: host, basis: .first, previous: nil), header)
        }
        do {
            let key = try BackupID(cluster: id.cluster, backup: previous).manifestKey(host)
            let before = try await ManifestReader.open(vault, key: key)
            let reasons = BackupReasons(host: host, basis: .compared, previous: previous)
            return try await read(reader, before, reasons, header)
        } catch let error as VaultError where error.code == .notFound || error.code == .damaged {
            // Its own manifest is read again: if that is the damaged one, this tells it.
            let again = try await ManifestReader.open(vault, key: try id.manifestKey(host))
            return try await read(again, nil, BackupReasons(host: host, basis: .gone, previous: previous), header)
        }
    }

    private static func read(
        _ reader: consuming ManifestReader,
        _ before: consuming ManifestReader?,
        _ empty: BackupReasons,
        _ header: ManifestHeader
    ) async throws -> BackupReasons {
        var reasons = empty
        var join = ManifestJoin(reader, before)
        while let (group, known) = try await join.next() {
            guard let group else { continue }
            if reasons.tables.last?.table != group.table { reasons.tables.append(Table(table: group.table)) }
            reasons.tables[reasons.tables.count - 1].count(group, known, reasons.basis)
        }
        for one in header.history ?? [] {
            guard let index = reasons.tables.firstIndex(where: { $0.table == one.table }) else { continue }
            reasons.tables[index].reused = FileCount(files: one.reusedFiles, bytes: one.reusedBytes)
            reasons.tables[index].readInVain = max(0, one.reusedBytes - one.unreadBytes)
        }
        return reasons
    }
}

extension BackupReasons.Table {
    fileprivate mutating func count(_ group: ManifestGroup, _ known: ManifestGroup?, _ basis: BackupReasons.Basis) {
        if group.isSSTable { sstables += 1 }
        if group.isSSTable, known == nil, basis == .compared { newSSTables += 1 }
        for file in group.files {
            all.add(file)
            guard basis == .compared else { continue }
            guard let before = known?.files.first(where: { $0.path.utf8.elementsEqual(file.path.utf8) }) else {
                new.add(file)
                continue
            }
            switch (before.hasSameContent(as: file), before.hasSameIdentity(as: file)) {
            case (true, true):
                let isThere = before.pieces.map(\.blob) == file.pieces.map(\.blob)
                if isThere { unchanged.add(file) } else { repaired.add(file) }
            case (true, false): touched.add(file)
            case (false, _): rewritten.add(file)
            }
        }
    }
}
