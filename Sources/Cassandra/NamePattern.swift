/// How one name of a keyspace or table is compared: bytewise, so case matters; `*` stands for any characters, also for
/// none, `?` for one.
struct NamePattern: Sendable, Hashable {
    static let anything = NamePattern(bytes: [star])
    private static let star = UInt8(ascii: "*")
    private static let question = UInt8(ascii: "?")
    /// Bytes of the longest pattern: more than any name needs.
    private static let maximumLength = 2 * SchemaName.maximumLength

    private let bytes: [UInt8]

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// Nil unless `text` could match a name: word characters, `*` and `?`.
    init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        let isGlob = bytes.contains { $0 == Self.star || $0 == Self.question }
        guard (1...(isGlob ? Self.maximumLength : SchemaName.maximumLength)).contains(bytes.count),
            bytes.allSatisfy({ SchemaName.isWordCharacter($0) || $0 == Self.star || $0 == Self.question }),
            bytes.count(where: { $0 != Self.star }) <= SchemaName.maximumLength
        else { return nil }
        self.bytes = bytes
    }

    /// Whether it is one name, and no other matches.
    var isExact: Bool { !bytes.contains { $0 == Self.star || $0 == Self.question } }

    func matches(_ name: String) -> Bool {
        let name = Array(name.utf8)
        var (at, position) = (0, 0)
        // Where to go on with one more byte for the last star, if the rest does not fit.
        var retry: (at: Int, position: Int)?
        while position < name.count {
            if at < bytes.count, bytes[at] == Self.star {
                retry = (at + 1, position)
                at += 1
            } else if at < bytes.count, bytes[at] == Self.question || bytes[at] == name[position] {
                at += 1
                position += 1
            } else if let last = retry {
                retry = (last.at, last.position + 1)
                (at, position) = (last.at, last.position + 1)
            } else {
                return false
            }
        }
        return bytes[at...].allSatisfy { $0 == Self.star }
    }
}
