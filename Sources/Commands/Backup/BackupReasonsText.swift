internal import TransferEngine
internal import Vault

/// What of a node's backup was new, and why, for people.
struct BackupReasonsText {
    let reasons: BackupReasons

    var text: String {
        let previous = reasons.previous.map { "'\($0)'" } ?? ""
        switch reasons.basis {
        case .compared: return "\(reasons.host), compared with \(previous):\n" + compared
        case .first: return "\(reasons.host), its first backup: nothing to compare with, all of it was read.\n" + sums
        case .gone:
            return "\(reasons.host), compared with \(previous), which is gone or damaged: only sums are left.\n" + sums
        }
    }

    private var compared: String {
        var table = TextTable([
            ("TABLE", .left), ("SSTABLES", .right), ("NEW", .right), ("SIZE", .right), ("UNCHANGED", .right),
            ("NEW", .right), ("REWRITTEN", .right), ("TOUCHED", .right), ("REPAIRED", .right), ("KNOWN", .right),
        ])
        for one in reasons.tables {
            let counts = [one.all, one.unchanged, one.new, one.rewritten, one.touched, one.repaired]
            table.append(
                [one.table, "\(one.sstables)", "\(one.newSSTables)"]
                    + counts.map { $0.files == 0 ? "-" : ByteCount($0.bytes).description }
                    + [Self.bytes(one.readInVain)]
            )
        }
        return table.text
            + "UNCHANGED was not read. NEW: no such name before. REWRITTEN: the same name, other content. TOUCHED: another\n"
            + "inode or time, the same content. REPAIRED: stored anew for the vault's sake. KNOWN: read, and the vault had it.\n"
    }

    private var sums: String {
        var table = TextTable([
            ("TABLE", .left), ("SSTABLES", .right), ("FILES", .right), ("SIZE", .right), ("REUSED", .right),
            ("KNOWN", .right),
        ])
        for one in reasons.tables {
            table.append([
                one.table, "\(one.sstables)", "\(one.all.files)", ByteCount(one.all.bytes).description,
                Self.bytes(one.reused?.bytes), Self.bytes(one.readInVain),
            ])
        }
        return table.text
    }

    private static func bytes(_ count: Int64?) -> String { count.map { ByteCount($0).description } ?? "-" }
}
