/// The tables and materialized views that a schema's CQL creates.
///
/// Reads words, quoted names and literals, no more; a text in a comment or an option is none of it.
enum CQLTableNames {
    static func tables(in schema: String) -> [TableName] {
        let words = words(of: schema)
        var tables: [TableName] = []
        var index = 0
        while index + 1 < words.count {
            defer { index += 1 }
            guard words[index].isKeyword("CREATE") else { continue }
            var place = index + 1
            if words[place].isKeyword("TABLE") {
                place += 1
            } else if words[place].isKeyword("MATERIALIZED"), place + 1 < words.count,
                words[place + 1].isKeyword("VIEW")
            {
                place += 2
            } else {
                continue
            }
            while place < words.count, ["IF", "NOT", "EXISTS"].contains(where: words[place].isKeyword) { place += 1 }
            guard place + 2 < words.count, words[place + 1].isSign("."), let keyspace = words[place].name,
                let name = words[place + 2].name
            else { continue }
            tables.append(TableName(keyspace: keyspace, name: name))
        }
        return tables.sorted()
    }

    private enum Word {
        case plain(String)
        case quoted(String)
        case sign(Character)

        func isKeyword(_ keyword: String) -> Bool {
            if case .plain(let text) = self { return text.uppercased() == keyword }
            return false
        }

        func isSign(_ wanted: Character) -> Bool {
            if case .sign(let sign) = self { return sign == wanted }
            return false
        }

        /// As it stands in directories: without quotes, in lower case where there were none.
        var name: String? {
            switch self {
            case .plain(let text): text.lowercased()
            case .quoted(let text): text
            case .sign: nil
            }
        }
    }

    private static func words(of text: String) -> [Word] {
        var words: [Word] = []
        var rest = text[...]
        while let first = rest.first {
            if first == "\"" || first == "'" {
                let quoted = literal(&rest, quote: first)
                if first == "\"" { words.append(.quoted(quoted)) }
            } else if isOfWord(first) {
                let word = rest.prefix(while: isOfWord)
                words.append(.plain(String(word)))
                rest = rest[word.endIndex...]
            } else {
                if !first.isWhitespace { words.append(.sign(first)) }
                rest = rest.dropFirst()
            }
        }
        return words
    }

    /// Takes a literal off; a doubled quote within stands for one.
    private static func literal(_ rest: inout Substring, quote: Character) -> String {
        rest = rest.dropFirst()
        var text = ""
        while let end = rest.firstIndex(of: quote) {
            text += rest[..<end]
            rest = rest[rest.index(after: end)...]
            guard rest.first == quote else { return text }
            text.append(quote)
            rest = rest.dropFirst()
        }
        rest = ""
        return text
    }

    private static func isOfWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }
}
