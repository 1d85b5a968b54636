/// What `valgrind --tool=callgrind` writes: instructions by function, without the kernel's.
///
/// Format: https://valgrind.org/docs/manual/cl-format.html. Only a function's own instructions are taken; it knows callers of callers
/// not at all, so a stack here is the function alone.
package enum Callgrind {
    package static func samples(_ text: String) -> [Sample] {
        var names: [String: [Substring: String]] = ["ob": [:], "fn": [:]]
        var (object, function) = ("", "")
        var costs: [Sample.Frame: Int] = [:]
        var skipsNext = false
        /// `(12) name` defines 12, `(12)` means it.
        func resolved(_ value: Substring, _ table: String) -> String {
            guard value.hasPrefix("("), let end = value.firstIndex(of: ")") else { return String(value) }
            let id = value[...end]
            let rest = value[value.index(after: end)...].drop { $0 == " " }
            if !rest.isEmpty { names[table]?[id] = String(rest) }
            return names[table]?[id] ?? "?"
        }
        for line in text.split(separator: "\n") {
            if let equals = line.firstIndex(of: "="), let first = line.first, first.isLetter {
                let value = line[line.index(after: equals)...]
                switch line[..<equals] {
                case "ob": object = resolved(value, "ob")
                case "fn": function = resolved(value, "fn")
                case "cob": _ = resolved(value, "ob")
                case "cfn": _ = resolved(value, "fn")
                // The next line's cost is the called function's, with all that it called.
                case "calls": skipsNext = true
                default: break
                }
                continue
            }
            guard let first = line.first, first.isNumber || "+-*".contains(first) else { continue }
            if skipsNext {
                skipsNext = false
                continue
            }
            let words = line.split(separator: " ")
            guard words.count >= 2, let cost = Int(words[1]), !function.isEmpty else { continue }
            let symbol = function.split(separator: "'").first.map(String.init) ?? function
            costs[Sample.Frame(symbol: symbol.hasPrefix("0x") ? nil : symbol, object: object), default: 0] += cost
        }
        return costs.map { Sample(thread: "program", cost: $0.value, frames: [$0.key]) }
    }
}
