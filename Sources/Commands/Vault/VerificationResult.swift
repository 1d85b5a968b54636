internal import Operations
internal import TransferEngine
internal import Vault

/// What a verification has found.
struct VerificationResult: Renderable {
    struct JSON: Encodable {
        let level: VerificationLevel
        let share: Double
        let sound: Bool
        let backups: Int
        let manifests: Int
        let files: Int
        let bytes: Int64
        let blobs: Int
        let receivedBytes: Int64
        let reframedBlobs: Int
        let incomplete: [String]
        let damagedObjects: Int
        let problems: [VerificationReport.Problem]
        let others: VerificationReport.Others?
        let seconds: Double
    }

    let report: VerificationReport

    var json: JSON {
        JSON(
            level: report.level,
            share: report.share,
            sound: report.damagedObjects == 0,
            backups: report.backups,
            manifests: report.manifests,
            files: report.files,
            bytes: report.bytes,
            blobs: report.blobs,
            receivedBytes: report.receivedBytes,
            reframedBlobs: report.reframedBlobs,
            incomplete: report.incomplete,
            damagedObjects: report.damagedObjects,
            problems: report.problems,
            others: report.others,
            seconds: report.elapsed / .seconds(1)
        )
    }

    var text: String {
        let share = report.share < 1 ? ", a sample of \(Self.percent(report.share))" : ""
        var text = """
            level     \(report.level.rawValue)\(share)
            backups   \(report.backups), with \(report.manifests) manifests
            files     \(report.files), \(ByteCount(report.bytes))
            blobs     \(report.blobs), each looked at once; \(ByteCount(report.receivedBytes)) read
            took      \(shortText(report.elapsed))

            """
        if let others = report.others { text += Self.text(others) }
        if report.reframedBlobs > 0 {
            text += "reframed  \(report.reframedBlobs) blobs: right content, another frame than was recorded\n"
        }
        for line in report.incomplete { text += "incomplete: \(line)\n" }
        text += "\n"
        guard report.damagedObjects > 0 else { return text + "Nothing is wrong.\n" }
        return text + damage
    }

    private static func text(_ others: VerificationReport.Others) -> String {
        var text = ""
        if let blobs = others.unreferencedBlobs {
            text += "unneeded  \(blobs) blobs that no backup names, \(ByteCount(others.unreferencedBytes ?? 0))\n"
        }
        text += "trash     \(others.trashedManifests) manifests; \(others.condemnedLists) condemned lists and marks\n"
        if others.strayCount > 0 {
            text += "strays    \(others.strayCount) objects that are none of a vault's:\n"
            text += others.strayObjects.map { "            \($0)\n" }.joined()
        }
        return text
    }

    private var damage: String {
        var table = TextTable([
            ("OBJECT", .left), ("PROBLEM", .left), ("BACKUPS", .right), ("NODES", .right), ("TABLES", .right),
            ("FILES", .right),
        ])
        for problem in report.problems {
            table.append([
                problem.object, problem.kind, "\(problem.backups)", "\(problem.nodes)", "\(problem.tables)",
                "\(problem.files)",
            ])
        }
        var text = table.text + "\n"
        for problem in report.problems {
            text += "\(problem.object): \(problem.problem)\n"
            for one in problem.sufferers {
                let place = [one.hostId?.description, one.table, one.file].compactMap(\.self)
                text +=
                    "    '\(one.backup)' of '\(one.cluster)'\(place.isEmpty ? "" : ", \(place.joined(separator: " "))")\n"
            }
            let more = problem.files - problem.sufferers.count
            if more > 0 { text += "    and \(more) files more\n" }
        }
        if report.omittedProblems > 0 { text += "and \(report.omittedProblems) damaged objects more\n" }
        text +=
            report.damagedObjects == 1
            ? "\n1 object is damaged.\n" : "\n\(report.damagedObjects) objects are damaged.\n"
        if report.hasMissingBlobs {
            text += "A node that still has a missing blob's files stores them again: "
            text += "'ringvault backup start --recheck 100%' on the nodes named.\n"
        }
        return text
    }

    private static func percent(_ share: Double) -> String {
        let tenths = (share * 1000).rounded() / 10
        return tenths == tenths.rounded() ? "\(Int(tenths)) %" : "\(tenths) %"
    }
}
