/// JSON being written, as bytes: objects and arrays without white space, members in the order they are given.
struct JSONText {
    private(set) var bytes: [UInt8]
    private var needsComma = false

    /// - Parameter bytes: what it writes behind.
    init(behind bytes: consuming [UInt8] = []) {
        self.bytes = bytes
    }

    /// Hands over what has been written and starts anew.
    mutating func take() -> [UInt8] {
        defer { self = JSONText() }
        return bytes
    }

    mutating func endLine() {
        bytes.append(0x0A)
        needsComma = false
    }

    mutating func object(_ members: (inout JSONText) -> Void) {
        separate()
        bytes.append(0x7B)
        needsComma = false
        members(&self)
        bytes.append(0x7D)
        needsComma = true
    }

    mutating func array<Element>(
        _ name: StaticString,
        _ elements: [Element],
        _ element: (inout JSONText, Element) -> Void
    ) {
        key(name)
        bytes.append(0x5B)
        needsComma = false
        for one in elements { element(&self, one) }
        bytes.append(0x5D)
        needsComma = true
    }

    mutating func member(_ name: StaticString, _ value: String) {
        key(name)
        quote(value)
        needsComma = true
    }

    mutating func member(_ name: StaticString, _ value: some FixedWidthInteger) {
        key(name)
        if value < 0 { bytes.append(0x2D) }
        let start = bytes.count
        var rest = UInt64(value.magnitude)
        repeat {
            bytes.append(0x30 + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
        needsComma = true
    }

    /// A text of bytes that need no escaping, such as hex digits.
    mutating func member(_ name: StaticString, plain value: (inout [UInt8]) -> Void) {
        key(name)
        bytes.append(0x22)
        value(&bytes)
        bytes.append(0x22)
        needsComma = true
    }

    /// - Parameter name: of characters that need no escaping.
    private mutating func key(_ name: StaticString) {
        separate()
        bytes.append(0x22)
        name.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
        bytes.append(0x22)
        bytes.append(0x3A)
    }

    private mutating func separate() {
        if needsComma { bytes.append(0x2C) }
        needsComma = false
    }

    /// RFC 8259, section 7: only quote, backslash and control characters need escaping.
    private mutating func quote(_ text: String) {
        bytes.append(0x22)
        defer { bytes.append(0x22) }
        // Nearly no text has anything to escape.
        let isPlain = unsafe text.utf8.withContiguousStorageIfAvailable { text -> Bool in
            guard unsafe text.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }) else { return false }
            unsafe bytes.append(contentsOf: text)
            return true
        }
        if isPlain == true { return }
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C:
                bytes.append(0x5C)
                bytes.append(byte)
            case 0x0A: bytes.append(contentsOf: "\\n".utf8)  // texts of documents have many
            case 0..<0x20:
                let hex = String(byte, radix: 16)
                bytes.append(contentsOf: (hex.utf8.count == 1 ? "\\u000" : "\\u00").utf8)
                bytes.append(contentsOf: hex.utf8)
            default: bytes.append(byte)
            }
        }
    }
}
