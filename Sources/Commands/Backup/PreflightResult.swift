internal import Operations

/// What a preflight has found: a row a check, and what to do about it.
struct PreflightResult: Renderable {
    struct JSON: Encodable {
        struct Check: Encodable {
            let check: String
            /// `ok`, `warning`, `failed`, `not tried`.
            let result: String
            let found: String
            let advice: String?
        }

        let passed: Bool
        let checks: [Check]
    }

    let report: PreflightReport

    var json: JSON {
        JSON(
            passed: report.isPassed,
            checks: report.findings.map {
                JSON.Check(check: $0.check.rawValue, result: $0.result.rawValue, found: $0.found, advice: $0.advice)
            }
        )
    }

    var text: String {
        var table = TextTable([("CHECK", .left), ("RESULT", .left), ("FOUND", .left)])
        for finding in report.findings {
            table.append([finding.check.rawValue, finding.result.rawValue, finding.found])
        }
        var text = table.text
        let advice = report.findings.filter { $0.advice != nil }
        if !advice.isEmpty { text += "\n" }
        for finding in advice { text += "\(finding.check.rawValue): \(finding.advice ?? "")\n" }
        return text + (report.isPassed ? "\nA backup may begin.\n" : "\nA backup would not begin.\n")
    }
}
