/// JSON being written, as bytes: objects and arrays without white space, members in the order they are given.
struct JSONText {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

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
        _ name: String,
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

    mutating func member(_ name: String, _ value: String) {
        key(name)
        quote(value)
        needsComma = true
    }

    mutating func member(_ name: String, _ value: some FixedWidthInteger) {
        key(name)
        bytes.append(contentsOf: String(value).utf8)
        needsComma = true
    }

    private mutating func key(_ name: String) {
        separate()
        quote(name)
        bytes.append(0x3A)
    }

    private mutating func separate() {
        if needsComma { bytes.append(0x2C) }
        needsComma = false
    }

    /// RFC 8259, section 7: only quote, backslash and control characters need escaping.
    private mutating func quote(_ text: String) {
        bytes.append(0x22)
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
        bytes.append(0x22)
    }
}
