/// JSON as the services write it, with Google's way of asking for a part of it.
enum JSONTree {
    case string(String)
    case number(Int64)
    case flag(Bool)
    case list([JSONTree])
    case object([(name: String, value: JSONTree)])

    var text: String {
        switch self {
        case .string(let text): Self.quote(text)
        case .number(let number): "\(number)"
        case .flag(let flag): "\(flag)"
        case .list(let values): "[" + values.map(\.text).joined(separator: ", ") + "]"
        case .object(let members):
            "{\n" + members.map { " \(Self.quote($0.name)): \($0.value.text)" }.joined(separator: ",\n") + "\n}"
        }
    }

    private static func quote(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            // Google escapes these as well, so a reader must know the form.
            case _ where scalar.value < 0x20 || scalar == "<" || scalar == ">" || scalar == "&" || scalar == "'":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    /// What a `fields` parameter selects: `items(name,size),nextPageToken`; nil if it is malformed.
    func selecting(_ fields: String) -> JSONTree? {
        var rest = fields.utf8[...]
        guard let selection = Selection(&rest), rest.isEmpty else { return nil }
        return selecting(selection)
    }

    private func selecting(_ selection: Selection) -> JSONTree {
        if selection.members.isEmpty || selection.members["*"] != nil { return self }
        switch self {
        case .object(let members):
            return .object(
                members.compactMap { name, value in
                    selection.members[name].map { (name: name, value: value.selecting($0)) }
                }
            )
        case .list(let values): return .list(values.map { $0.selecting(selection) })
        default: return self
        }
    }

    /// Names of members, each with what is wanted of it; none stands for all.
    private struct Selection {
        var members: [String: Selection] = [:]

        init() {}

        /// Reads up to the end or a closing parenthesis.
        init?(_ rest: inout Substring.UTF8View.SubSequence) {
            repeat {
                let name = rest.prefix { !"(),/".utf8.contains($0) }
                guard !name.isEmpty else { return nil }
                rest = rest.dropFirst(name.count)
                var inner = Selection()
                if rest.first == UInt8(ascii: "/") {
                    rest = rest.dropFirst()
                    let next = rest.prefix { !"(),/".utf8.contains($0) }
                    guard !next.isEmpty else { return nil }
                    rest = rest.dropFirst(next.count)
                    inner.members[String(decoding: next, as: UTF8.self)] = Selection()
                } else if rest.first == UInt8(ascii: "(") {
                    rest = rest.dropFirst()
                    guard let parsed = Selection(&rest), rest.first == UInt8(ascii: ")") else { return nil }
                    rest = rest.dropFirst()
                    inner = parsed
                }
                members[String(decoding: name, as: UTF8.self), default: Selection()].members
                    .merge(inner.members) { first, _ in first }
                guard rest.first == UInt8(ascii: ",") else { return }
                rest = rest.dropFirst()
            } while true
        }
    }
}
