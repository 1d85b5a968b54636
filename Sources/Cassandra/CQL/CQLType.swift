/// A CQL type, taken apart: `map<text, frozen<address>>`.
package struct CQLType: Sendable, Hashable, CustomStringConvertible {
    /// `map`, `address`, without quotes; a custom type's class in single quotes; of a vector's second argument, its size.
    package let name: String
    /// Whether the name stood in double quotes, so that it is a user type's.
    package let isQuoted: Bool
    package let arguments: [CQLType]

    package init(name: String, isQuoted: Bool = false, arguments: [CQLType] = []) {
        self.name = name
        self.isQuoted = isQuoted
        self.arguments = arguments
    }

    /// - Returns: nil for what is no type.
    package init?(_ text: String) {
        guard let tokens = CQLTokens(text), !tokens.all.isEmpty else { return nil }
        var rest = tokens.all[...]
        guard let type = Self.parse(&rest, depth: 0), rest.isEmpty else { return nil }
        self = type
    }

    static func parse(_ tokens: inout ArraySlice<CQLToken>, depth: Int) -> CQLType? {
        guard depth < 64, let token = tokens.popFirst() else { return nil }
        let name: String
        var isQuoted = false
        switch token.kind {
        case .word: name = token.value.lowercased()
        case .quotedName: (name, isQuoted) = (token.value, true)
        case .text: name = CQLText.literal(token.value)
        case .number: name = token.value
        case .symbol: return nil
        }
        guard tokens.first?.isSymbol("<") == true else { return CQLType(name: name, isQuoted: isQuoted) }
        tokens.removeFirst()
        var arguments: [CQLType] = []
        while true {
            guard let argument = parse(&tokens, depth: depth + 1), let next = tokens.popFirst() else { return nil }
            arguments.append(argument)
            if next.isSymbol(">") { break }
            guard next.isSymbol(",") else { return nil }
        }
        return CQLType(name: name, isQuoted: isQuoted, arguments: arguments)
    }

    package var description: String {
        let own = isQuoted ? CQLText.name(name) : name
        return arguments.isEmpty ? own : "\(own)<\(arguments.map(\.description).joined(separator: ", "))>"
    }

    /// Whether it names a user type: what is none of CQL's own.
    package var isUserType: Bool { arguments.isEmpty && (isQuoted || !Self.isBuiltIn(name)) }

    /// Names of user types in it, its own included.
    package var userTypes: Set<String> {
        arguments.reduce(into: isUserType ? [name] : []) { $0.formUnion($1.userTypes) }
    }

    private static func isBuiltIn(_ name: String) -> Bool {
        builtIn.contains(name) || name.hasPrefix("'") || name.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static let builtIn: Set<String> = [
        "ascii", "bigint", "blob", "boolean", "counter", "date", "decimal", "double", "duration", "empty", "float",
        "frozen", "inet", "int", "list", "map", "set", "smallint", "text", "time", "timestamp", "timeuuid", "tinyint",
        "tuple", "uuid", "varchar", "varint", "vector",
    ]
}
