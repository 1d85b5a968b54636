/// Reads JSON (RFC 8259) as Cassandra's `SELECT JSON` writes it, keeping numbers as text.
///
/// `NaN` and `Infinity` of floats come as texts, so JSON is all there is.
struct CQLValueParser {
    /// Deeper nesting than any column's type has is an attack on the stack.
    private static let maxDepth = 64

    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    /// The one value that the text is; nil if it is not JSON or something follows.
    mutating func whole() -> CQLValue? {
        guard let value = value() else { return nil }
        skipSpace()
        return position == bytes.count ? value : nil
    }

    private mutating func value() -> CQLValue? {
        skipSpace()
        switch peek {
        case UInt8(ascii: "{"): return map()
        case UInt8(ascii: "["): return list()
        case UInt8(ascii: "\""): return string().map(CQLValue.text)
        case UInt8(ascii: "t"): return word("true") ? .boolean(true) : nil
        case UInt8(ascii: "f"): return word("false") ? .boolean(false) : nil
        case UInt8(ascii: "n"): return word("null") ? .null : nil
        default: return number()
        }
    }

    private mutating func map() -> CQLValue? {
        var values: [String: CQLValue] = [:]
        guard enter() else { return nil }
        if take(UInt8(ascii: "}")) { return leave(.map(values)) }
        while true {
            skipSpace()
            guard let key = string(), take(UInt8(ascii: ":")), let value = value() else { return nil }
            values[key] = value
            if take(UInt8(ascii: "}")) { return leave(.map(values)) }
            guard take(UInt8(ascii: ",")) else { return nil }
        }
    }

    private mutating func list() -> CQLValue? {
        var values: [CQLValue] = []
        guard enter() else { return nil }
        if take(UInt8(ascii: "]")) { return leave(.list(values)) }
        while true {
            guard let value = value() else { return nil }
            values.append(value)
            if take(UInt8(ascii: "]")) { return leave(.list(values)) }
            guard take(UInt8(ascii: ",")) else { return nil }
        }
    }

    /// Passes the opening bracket.
    private mutating func enter() -> Bool {
        position += 1
        depth += 1
        return depth <= Self.maxDepth
    }

    private mutating func leave(_ value: CQLValue) -> CQLValue {
        depth -= 1
        return value
    }

    private mutating func string() -> String? {
        guard peek == UInt8(ascii: "\"") else { return nil }
        position += 1
        var text: [UInt8] = []
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let escaped = escaped() else { return nil }
                text.append(contentsOf: escaped.utf8)
            default: text.append(byte)
            }
        }
        return nil
    }

    /// What stands behind a backslash.
    private mutating func escaped() -> String? {
        guard let byte = peek else { return nil }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return String(UnicodeScalar(byte))
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            guard var scalar = hex() else { return nil }
            if (0xD800..<0xDC00).contains(scalar) {
                guard word("\\u"), let low = hex(), (0xDC00..<0xE000).contains(low) else { return nil }
                scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
            }
            return UnicodeScalar(scalar).map { String($0) }
        default: return nil
        }
    }

    /// Four hex digits.
    private mutating func hex() -> UInt32? {
        guard position + 4 <= bytes.count else { return nil }
        defer { position += 4 }
        let digits = bytes[position..<position + 4]
        guard digits.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }) else { return nil }
        return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    private mutating func number() -> CQLValue? {
        let start = position
        while let byte = peek, byte.isJSONNumber { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let first = text.utf8.first(where: { $0 != UInt8(ascii: "-") }), (0x30...0x39).contains(first) else {
            return nil
        }
        return .number(text)
    }

    private mutating func word(_ word: String) -> Bool {
        guard bytes[position...].starts(with: word.utf8) else { return false }
        position += word.utf8.count
        return true
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard peek == byte else { return false }
        position += 1
        return true
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    }
}

extension UInt8 {
    fileprivate var isJSONNumber: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }
}
