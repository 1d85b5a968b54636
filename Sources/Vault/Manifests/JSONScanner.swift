/// A text is not JSON, or not the JSON that was expected.
struct JSONError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Reads one JSON text (RFC 8259) from front to back, without building a tree.
struct JSONScanner: ~Escapable {
    /// Deeper nesting than any line of ours is an attack on the stack.
    private static let maxDepth = 32

    private let bytes: Span<UInt8>
    private var position = 0
    private var depth = 0

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>) {
        self.bytes = bytes
    }

    /// Whether the next value is an array.
    var isAtArray: Bool {
        var index = position
        while index < bytes.count, Self.isSpace(bytes[index]) { index += 1 }
        return index < bytes.count && bytes[index] == 0x5B
    }

    /// Checks that nothing follows.
    mutating func end() throws(JSONError) {
        skipSpace()
        guard position == bytes.count else { throw fail("something follows the end") }
    }

    mutating func object(
        _ member: (String, inout JSONScanner) throws(JSONError) -> Void
    ) throws(JSONError) {
        try sequence(from: 0x7B, to: 0x7D) { (scanner) throws(JSONError) in
            let key = try scanner.string()
            try scanner.expect(0x3A)
            try member(key, &scanner)
        }
    }

    mutating func array(_ element: (inout JSONScanner) throws(JSONError) -> Void) throws(JSONError) {
        try sequence(from: 0x5B, to: 0x5D, element)
    }

    mutating func string() throws(JSONError) -> String {
        try expect(0x22)
        let start = position
        while position < bytes.count, bytes[position] != 0x22, bytes[position] != 0x5C, bytes[position] >= 0x20 {
            position += 1
        }
        let plain = bytes.extracting(start..<position)
        if position < bytes.count, bytes[position] == 0x22 {
            position += 1
            guard let text = try? UTF8Span(validating: plain) else { throw fail("a string is not UTF-8") }
            return String(copying: text)
        }
        var text = [UInt8](capacity: plain.count) { output in
            for index in plain.indices { output.append(plain[index]) }
        }
        while true {
            let byte = try next()
            switch byte {
            case 0x22:
                guard let string = String(validating: text, as: UTF8.self) else { throw fail("a string is not UTF-8") }
                return string
            case 0x5C: try escape(into: &text)
            case 0..<0x20: throw fail("a control character in a string")
            default: text.append(byte)
            }
        }
    }

    mutating func integer() throws(JSONError) -> Int64 {
        skipSpace()
        let isNegative = position < bytes.count && bytes[position] == 0x2D
        if isNegative { position += 1 }
        let magnitude = try digits()
        guard !isNegative else {
            guard magnitude <= UInt64(Int64.max) + 1 else { throw fail("a number is not a whole one of 64 bits") }
            return Int64(truncatingIfNeeded: 0 &- magnitude)
        }
        guard let value = Int64(exactly: magnitude) else { throw fail("a number is not a whole one of 64 bits") }
        return value
    }

    mutating func unsigned() throws(JSONError) -> UInt64 {
        skipSpace()
        return try digits()
    }

    /// Digits of a whole number, of which JSON allows no leading zero, and no fraction or exponent behind them.
    private mutating func digits() throws(JSONError) -> UInt64 {
        let start = position
        var value: UInt64 = 0
        while position < bytes.count, bytes[position] &- 0x30 < 10 {
            let (shifted, overflows) = value.multipliedReportingOverflow(by: 10)
            let (sum, carries) = shifted.addingReportingOverflow(UInt64(bytes[position] - 0x30))
            guard !overflows, !carries else { throw fail("a number is not a whole one of 64 bits") }
            value = sum
            position += 1
        }
        guard position > start else { throw fail("a number is missing") }
        guard position - start == 1 || bytes[start] != 0x30 else { throw fail("a number begins with 0") }
        if position < bytes.count, [0x2E, 0x45, 0x65].contains(bytes[position]) {
            throw fail("a number is not a whole one of 64 bits")
        }
        return value
    }

    /// Passes over one value of any kind.
    mutating func skip() throws(JSONError) {
        skipSpace()
        guard position < bytes.count else { throw fail("the end came too early") }
        switch bytes[position] {
        case 0x7B: try object { (_, scanner) throws(JSONError) in try scanner.skip() }
        case 0x5B: try array { (scanner) throws(JSONError) in try scanner.skip() }
        case 0x22: _ = try string()
        case 0x74: try word("true")
        case 0x66: try word("false")
        case 0x6E: try word("null")
        default: try number()
        }
    }

    private mutating func sequence(
        from open: UInt8,
        to close: UInt8,
        _ element: (inout JSONScanner) throws(JSONError) -> Void
    ) throws(JSONError) {
        try expect(open)
        depth += 1
        guard depth <= Self.maxDepth else { throw fail("nested too deeply") }
        skipSpace()
        if position < bytes.count, bytes[position] == close {
            position += 1
        } else {
            while true {
                try element(&self)
                skipSpace()
                let byte = try next()
                if byte == close { break }
                guard byte == 0x2C else { throw fail("a comma is missing") }
            }
        }
        depth -= 1
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        switch try next() {
        case 0x22: text.append(0x22)
        case 0x5C: text.append(0x5C)
        case 0x2F: text.append(0x2F)
        case 0x62: text.append(0x08)
        case 0x66: text.append(0x0C)
        case 0x6E: text.append(0x0A)
        case 0x72: text.append(0x0D)
        case 0x74: text.append(0x09)
        case 0x75:
            var value = UInt32(try hex4())
            if (0xD800..<0xDC00).contains(value) {
                guard try next() == 0x5C, try next() == 0x75 else { throw fail("half a surrogate pair") }
                let low = UInt32(try hex4())
                guard (0xDC00..<0xE000).contains(low) else { throw fail("half a surrogate pair") }
                value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(value) else { throw fail("half a surrogate pair") }
            text.append(contentsOf: String(scalar).utf8)
        default: throw fail("an unknown escape")
        }
    }

    private mutating func hex4() throws(JSONError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            let byte = try next()
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x41 + 10
            case 0x61...0x66: digit = byte - 0x61 + 10
            default: throw fail("an escape without four hex digits")
            }
            value = value << 4 | UInt16(digit)
        }
        return value
    }

    private mutating func number() throws(JSONError) {
        skipSpace()
        let start = position
        loop: while position < bytes.count {
            switch bytes[position] {
            case 0x30...0x39, 0x2B, 0x2D, 0x2E, 0x45, 0x65: position += 1
            default: break loop
            }
        }
        guard position > start else { throw fail("a number is missing") }
    }

    private mutating func word(_ word: StaticString) throws(JSONError) {
        for expected in "\(word)".utf8 {
            guard try next() == expected else { throw fail("an unknown word") }
        }
    }

    private mutating func expect(_ byte: UInt8) throws(JSONError) {
        skipSpace()
        guard try next() == byte else { throw fail("'\(Unicode.Scalar(byte))' is missing") }
    }

    private mutating func next() throws(JSONError) -> UInt8 {
        guard position < bytes.count else { throw fail("the end came too early") }
        defer { position += 1 }
        return bytes[position]
    }

    private mutating func skipSpace() {
        while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }

    private func fail(_ reason: String) -> JSONError { JSONError("byte \(position): \(reason)") }
}
