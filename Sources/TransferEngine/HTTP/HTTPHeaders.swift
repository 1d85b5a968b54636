/// The header fields of a response, in the order they came, each with every value it had.
package struct HTTPHeaders: Sendable {
    package typealias Field = (name: String, value: String)

    package private(set) var fields: [Field] = []

    package init() {}

    /// The first value of a field; the case of `name` does not matter.
    package subscript(name: String) -> String? {
        fields.first { Self.areSame($0.name, name) }?.value
    }

    /// All values of a field, in order; the case of `name` does not matter.
    package func values(of name: String) -> [String] {
        fields.filter { Self.areSame($0.name, name) }.map(\.value)
    }

    mutating func append(_ name: String, _ value: String) {
        fields.append((name, value))
    }

    /// Continues the last value: a line that begins with a space, which RFC 9112 section 5.2 calls obsolete.
    mutating func fold(_ more: String) {
        guard let last = fields.popLast() else { return }
        fields.append((last.name, last.value.isEmpty ? more : last.value + " " + more))
    }

    /// Whether two field names are the same: names are ASCII, and their case does not count.
    static func areSame(_ first: String, _ second: String) -> Bool {
        first.utf8.elementsEqual(second.utf8) { lowercase($0) == lowercase($1) }
    }

    private static func lowercase(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
