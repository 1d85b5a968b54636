/// Goes through the tokens of one statement; what does not fit is nil or false, and nothing is passed.
struct CQLCursor {
    private var rest: ArraySlice<CQLToken>

    init(_ tokens: [CQLToken]) { rest = tokens[...] }

    var isAtEnd: Bool { rest.isEmpty }
    /// `PRIMARY KEY (`, which begins an element of its own; a column can be called `primary` only in quotes.
    var isAtPrimaryKey: Bool {
        rest.count >= 2 && rest[rest.startIndex].isWord("primary") && rest[rest.startIndex + 1].isWord("key")
    }

    func isAt(symbol: String) -> Bool { rest.first?.isSymbol(symbol) == true }

    mutating func skip(_ count: Int) { rest = rest.dropFirst(count) }

    /// - Parameter word: in lower case.
    mutating func take(_ word: String) -> Bool {
        guard rest.first?.isWord(word) == true else { return false }
        rest.removeFirst()
        return true
    }

    mutating func take(symbol: String) -> Bool {
        guard isAt(symbol: symbol) else { return false }
        rest.removeFirst()
        return true
    }

    /// `IF [NOT] EXISTS`.
    mutating func skipCondition() {
        guard take("if") else { return }
        _ = take("not")
        _ = take("exists")
    }

    /// A name; one without quotes is in lower case, whatever it looks like.
    mutating func name() -> String? {
        switch rest.first?.kind {
        case .word: return rest.removeFirst().value.lowercased()
        case .quotedName: return rest.removeFirst().value
        case .text, .number, .symbol, nil: return nil
        }
    }

    mutating func qualifiedName() -> (keyspace: String, name: String)? {
        guard let keyspace = name(), take(symbol: "."), let name = name() else { return nil }
        return (keyspace, name)
    }

    mutating func type() -> CQLType? { CQLType.parse(&rest, depth: 0) }

    /// `name type [static]`.
    mutating func column() -> Schema.Column? {
        guard let name = name(), let type = type() else { return nil }
        return Schema.Column(name: name, type: type.description, kind: take("static") ? .static : .regular)
    }

    /// `((a, b), c)`.
    mutating func primaryKey() -> (partition: [String], clustering: [String])? {
        guard take(symbol: "(") else { return nil }
        var partition: [String] = []
        if take(symbol: "(") {
            repeat {
                guard let name = name() else { return nil }
                partition.append(name)
            } while take(symbol: ",")
            guard take(symbol: ")") else { return nil }
        } else {
            guard let name = name() else { return nil }
            partition.append(name)
        }
        var clustering: [String] = []
        while take(symbol: ",") {
            guard let name = name() else { return nil }
            clustering.append(name)
        }
        return take(symbol: ")") ? (partition, clustering) : nil
    }

    mutating func literal() -> String? {
        guard rest.first?.kind == .text else { return nil }
        return rest.removeFirst().value
    }

    mutating func integer() -> Int64? {
        guard let digits = scalar() else { return nil }
        return Int64(digits)
    }

    /// A literal, number or word, as CQL.
    mutating func scalar() -> String? {
        let sign = take(symbol: "-") ? "-" : ""
        switch rest.first?.kind {
        case .text, .number, .word: return sign + rest.removeFirst().text
        case .quotedName, .symbol, nil: return nil
        }
    }

    /// `{'a': 'b'}`, values of any scalar kind.
    mutating func map() -> [String: String]? {
        guard take(symbol: "{") else { return nil }
        var values: [String: String] = [:]
        if take(symbol: "}") { return values }
        repeat {
            guard let key = literal(), take(symbol: ":") else { return nil }
            if let value = literal() {
                values[key] = value
            } else {
                guard let value = scalar() else { return nil }
                values[key] = value
            }
        } while take(symbol: ",")
        return take(symbol: "}") ? values : nil
    }

    /// What stands between parentheses, as CQL without spaces but behind commas.
    mutating func parenthesized() -> String? {
        guard take(symbol: "(") else { return nil }
        var text = ""
        var depth = 1
        while let token = rest.popFirst() {
            if token.isSymbol("(") { depth += 1 }
            if token.isSymbol(")") { depth -= 1 }
            if depth == 0 { return text }
            text += token.text + (token.isSymbol(",") ? " " : "")
        }
        return nil
    }

    /// What stands behind `MASKED WITH`.
    mutating func mask() -> String? {
        guard take("with"), let first = name() else { return nil }
        var function = CQLText.name("system", first)
        if take(symbol: ".") {
            guard let name = name() else { return nil }
            function = CQLText.name(first, name)
        }
        guard let arguments = parenthesized() else { return nil }
        return "\(function)(\(arguments))"
    }

    /// Everything up to `PRIMARY KEY`, parted by single spaces.
    mutating func textUntilPrimaryKey() -> String {
        var texts: [String] = []
        while !isAtPrimaryKey, let token = rest.popFirst() { texts.append(token.text) }
        return texts.joined(separator: " ")
    }
}
