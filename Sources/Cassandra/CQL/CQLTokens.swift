/// One word, name, literal or sign of CQL.
package struct CQLToken: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// Letters, digits and underscores without quotes: a keyword, or a name that is not case-sensitive. A UUID, too.
        case word
        /// In double quotes.
        case quotedName
        /// In single quotes, or between `$$`.
        case text
        case number
        /// One character.
        case symbol
    }

    package let kind: Kind
    /// Without quotes, doubled ones made single.
    package let value: String

    package func isSymbol(_ symbol: String) -> Bool { kind == .symbol && value == symbol }

    /// - Parameter word: in lower case.
    package func isWord(_ word: String) -> Bool { kind == .word && value.lowercased() == word }

    /// As it would stand in CQL again.
    package var text: String {
        switch kind {
        case .word, .number, .symbol: value
        case .quotedName: CQLText.name(value)
        case .text: CQLText.literal(value)
        }
    }
}

/// CQL as tokens, without white space and comments.
///
/// Source: src/antlr/Lexer.g of Cassandra 3.11 to 5.0.
package struct CQLTokens: Sendable {
    package private(set) var all: [CQLToken] = []

    /// - Returns: nil if a quote or a comment has no end.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            case UInt8(ascii: "'"), UInt8(ascii: "\""):
                guard let value = Self.quoted(bytes, &position, by: byte) else { return nil }
                all.append(CQLToken(kind: byte == UInt8(ascii: "'") ? .text : .quotedName, value: value))
            case UInt8(ascii: "$") where Self.stands("$$", at: position, in: bytes):
                guard let end = Self.place(of: "$$", in: bytes, from: position + 2) else { return nil }
                all.append(CQLToken(kind: .text, value: String(decoding: bytes[position + 2..<end], as: UTF8.self)))
                position = end + 2
            case UInt8(ascii: "-") where Self.stands("--", at: position, in: bytes),
                UInt8(ascii: "/") where Self.stands("//", at: position, in: bytes):
                position = Self.place(of: "\n", in: bytes, from: position) ?? bytes.count
            case UInt8(ascii: "/") where Self.stands("/*", at: position, in: bytes):
                guard let end = Self.place(of: "*/", in: bytes, from: position + 2) else { return nil }
                position = end + 2
            case _ where SchemaName.isWordCharacter(byte):
                let start = position
                while position < bytes.count, Self.continuesWord(bytes, start, position) { position += 1 }
                let value = String(decoding: bytes[start..<position], as: UTF8.self)
                all.append(CQLToken(kind: Self.isNumber(value) ? .number : .word, value: value))
            default:
                all.append(CQLToken(kind: .symbol, value: String(decoding: [byte], as: UTF8.self)))
                position += 1
            }
        }
    }

    /// The tokens of each statement, without the semicolons between them.
    package var statements: [[CQLToken]] {
        all.split { $0.isSymbol(";") }.map(Array.init)
    }

    /// A word goes on with word characters; a number with a full stop and an exponent, a UUID with its dashes.
    private static func continuesWord(_ bytes: [UInt8], _ start: Int, _ position: Int) -> Bool {
        let byte = bytes[position]
        if SchemaName.isWordCharacter(byte) { return true }
        let isHex = bytes[start..<position].allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20) || byte == 0x2D
        }
        switch byte {
        case UInt8(ascii: "-"):
            let dashes = [8, 13, 18, 23]
            if isHex, dashes.contains(position - start) { return isUUID(bytes, at: start) }
            let hasExponent = (bytes[position - 1] | 0x20) == UInt8(ascii: "e")
            return hasExponent && (0x30...0x39).contains(bytes[start])
        case UInt8(ascii: "."):
            return bytes[start..<position].allSatisfy { (0x30...0x39).contains($0) }
                && position + 1 < bytes.count && (0x30...0x39).contains(bytes[position + 1])
        default: return false
        }
    }

    private static func isUUID(_ bytes: [UInt8], at start: Int) -> Bool {
        guard start + 36 <= bytes.count else { return false }
        return (0..<36).allSatisfy { offset in
            let byte = bytes[start + offset]
            if [8, 13, 18, 23].contains(offset) { return byte == 0x2D }
            return (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
        }
    }

    private static func isNumber(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } || text.contains(".") && Double(text) != nil
    }

    private static func quoted(_ bytes: [UInt8], _ position: inout Int, by quote: UInt8) -> String? {
        var value: [UInt8] = []
        position += 1
        while position < bytes.count {
            if bytes[position] == quote {
                guard position + 1 < bytes.count, bytes[position + 1] == quote else {
                    position += 1
                    return String(decoding: value, as: UTF8.self)
                }
                position += 1
            }
            value.append(bytes[position])
            position += 1
        }
        return nil
    }

    private static func stands(_ text: StaticString, at position: Int, in bytes: [UInt8]) -> Bool {
        bytes[position...].starts(with: "\(text)".utf8)
    }

    private static func place(of text: StaticString, in bytes: [UInt8], from start: Int) -> Int? {
        var position = start
        while position < bytes.count {
            if stands(text, at: position, in: bytes) { return position }
            position += 1
        }
        return nil
    }
}
