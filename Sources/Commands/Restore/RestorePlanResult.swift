internal import Cassandra
internal import Operations
internal import TransferEngine
internal import Vault

/// What a restore into a node is going to do.
struct RestorePlanResult: Renderable {
    let plan: RestorePlan

    var json: RestorePlan { plan }

    var text: String {
        var text = "Restore \(plan.id) of node \(plan.hostId) from '\(plan.backup)' of cluster '\(plan.cluster)', "
        text += "\(plan.strategy.rawValue).\n"
        if let stage = plan.stage { text += "It has begun: \(stage.rawValue) is done.\n" }
        text += "\nchecks\n"
        for check in plan.checks { text += "  \(Self.mark(check.status))  \(check.name): \(check.words)\n" }
        if !plan.tables.isEmpty { text += "\n" + tables }
        if !plan.touches.isEmpty { text += "\n" + touches }
        let time = plan.seconds.map { ", about \(shortText(.seconds($0)))" } ?? ", at an unknown rate"
        text += "\n\(plan.files) files, \(ByteCount(plan.bytes)); \(ByteCount(plan.newBytes)) to fetch"
        text += plan.newBytes > 0 ? "\(time)\n" : "\n"
        text += plan.adviceText
        return text
    }

    private static func mark(_ status: RestorePlan.Check.Status) -> String {
        switch status {
        case .ok: "ok     "
        case .warning: "warning"
        case .failed: "FAILED "
        }
    }

    private var tables: String {
        var table = TextTable([
            ("TABLE", .left), ("SSTABLES", .right), ("FILES", .right), ("SIZE", .right), ("TO FETCH", .right),
            ("TO", .left),
        ])
        for entry in plan.tables {
            table.append([
                entry.name, "\(entry.sstables)", "\(entry.files)", ByteCount(entry.bytes).description,
                ByteCount(entry.newBytes).description, entry.target,
            ])
        }
        return table.text
    }

    private var touches: String {
        var table = TextTable([("WHAT IS TOUCHED", .left), ("HOW", .left), ("FILES", .right), ("SIZE", .right)])
        for touch in plan.touches {
            table.append([
                touch.subject, touch.action.rawValue, touch.files.map { "\($0)" } ?? "-",
                touch.bytes.map { ByteCount($0).description } ?? "-",
            ])
        }
        return table.text
    }
}

extension RestorePlan {
    /// Instructions and settings, for people; empty without any.
    var adviceText: String {
        var text = ""
        if !instructions.isEmpty { text += "\n" }
        for (index, instruction) in instructions.enumerated() { text += "\(index + 1). \(instruction)\n" }
        if !settings.isEmpty { text += "\n" }
        for (name, value) in settings.sorted(by: { $0.key < $1.key }) { text += "    \(name): \(value)\n" }
        return text
    }
}

/// What a restore in place did.
struct InPlaceRestoreResult: Renderable {
    struct JSON: Encodable {
        let restore: RestoreID
        let stage: RestoreStage?
        let plan: RestorePlan
        let receivedBytes: Int64?
        let keptBytes: Int64?
        let setAside: InPlaceMoves.Count?
        let seconds: Double?
        let warnings: [String]
    }

    let outcome: RestoreOutcome

    var json: JSON {
        JSON(
            restore: outcome.plan.id,
            stage: outcome.plan.stage,
            plan: outcome.plan,
            receivedBytes: outcome.report?.receivedBytes,
            keptBytes: outcome.report?.keptBytes,
            setAside: outcome.aside,
            seconds: outcome.report.map { $0.elapsed / .seconds(1) },
            warnings: outcome.report?.warnings.texts ?? []
        )
    }

    var text: String {
        let plan = outcome.plan
        let source = "node \(plan.hostId) from '\(plan.backup)' of cluster '\(plan.cluster)'"
        var text =
            outcome.aside == nil
            ? "Staged and verified \(source); the node has not been touched.\n" : "Restored \(source), in place.\n"
        text += "  \(plan.tables.count) tables, \(plan.files) files, \(ByteCount(plan.bytes)), every byte checked\n"
        if let report = outcome.report {
            text += "  kept      \(ByteCount(report.keptBytes)) that the node had\n"
            text += "  received  \(ByteCount(report.receivedBytes))\n"
            text += "  took      \(shortText(report.elapsed))\n"
        }
        if let aside = outcome.aside {
            text += "  aside     \(aside.files) files, \(ByteCount(aside.bytes))\n"
            text += plan.adviceText
        } else {
            text += "\nStop the node, and start the same restore without --until.\n"
        }
        return text
    }
}
