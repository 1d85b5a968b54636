internal import Operations

/// What a store honours: each finding with what follows from it.
struct DoctorResult: Renderable {
    struct JSON: Encodable {
        struct Check: Encodable {
            let check: String
            /// `ok`, `limited`, `failed`, `not tried`.
            let result: String
            let found: String
            let follows: String
        }

        let location: String
        let safe: Bool
        let checks: [Check]
        /// Keys that could not be removed.
        let leftovers: [String]
    }

    private let diagnosis: Diagnosis

    init(_ diagnosis: Diagnosis) {
        self.diagnosis = diagnosis
    }

    var json: JSON {
        JSON(
            location: diagnosis.location,
            safe: diagnosis.isSafe,
            checks: diagnosis.findings.map {
                JSON.Check(check: $0.check.rawValue, result: $0.result.rawValue, found: $0.found, follows: $0.follows)
            },
            leftovers: diagnosis.leftovers
        )
    }

    var text: String {
        var table = TextTable([("CHECK", .left), ("RESULT", .left), ("FOUND", .left), ("WHAT FOLLOWS", .left)])
        // The store's own words can be long; they take no part in the columns' widths.
        var long: [Finding] = []
        for finding in diagnosis.findings {
            let isLong = finding.found.count > Self.widest
            if isLong { long.append(finding) }
            let found = isLong ? "see below" : finding.found
            table.append([finding.check.rawValue, finding.result.rawValue, found, finding.follows])
        }
        var text = "\(diagnosis.location)\n\n\(table.text)"
        for finding in long { text += "\n\(finding.check.rawValue): \(finding.found)\n" }
        if !diagnosis.leftovers.isEmpty {
            text += "\nLeft in the store:\n" + diagnosis.leftovers.map { "  \($0)\n" }.joined()
        }
        return text + "\n\(verdict)\n"
    }

    private static let widest = 60

    private var verdict: String {
        let names = { (result: Finding.Result) in
            diagnosis.findings.filter { $0.result == result }.map(\.check.rawValue).joined(separator: ", ")
        }
        let (failed, limited) = (names(.failed), names(.limited))
        if !failed.isEmpty { return "A vault is not safe here: \(failed)." }
        return limited.isEmpty ? "A vault is safe here." : "A vault is safe here, with limits: \(limited)."
    }
}
