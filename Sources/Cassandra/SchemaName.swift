/// The rule for names of keyspaces and tables, which Cassandra uses as names of directories.
///
/// Source: `SchemaConstants.NAME_LENGTH` (48) and `PATTERN_WORD_CHARS` (`\w+`) in
/// org.apache.cassandra.schema.SchemaConstants, 3.11 to 5.0.
package enum SchemaName {
    /// Bytes.
    package static let maximumLength = 48

    /// Whether `name` is 1 to 48 of `A-Z a-z 0-9 _`.
    package static func isValid(_ name: some StringProtocol) -> Bool {
        let bytes = name.utf8
        return (1...maximumLength).contains(bytes.count) && bytes.allSatisfy(isWordCharacter)
    }

    /// Whether `name` is a secondary index's directory inside its table's: a full stop and the index's name.
    ///
    /// Source: `Directories.SECONDARY_INDEX_NAME_SEPARATOR`, org.apache.cassandra.db.Directories, 2.2 to 5.0.
    static func isIndexDirectory(_ name: String) -> Bool {
        let bytes = name.utf8
        return bytes.first == UInt8(ascii: ".") && bytes.count > 1 && bytes.dropFirst().allSatisfy(isWordCharacter)
    }

    static func isWordCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

extension StringProtocol {
    /// Order by bytes, which is the manifest's; Swift's own compares canonically equal texts as equal.
    func precedes(_ other: some StringProtocol) -> Bool {
        utf8.lexicographicallyPrecedes(other.utf8)
    }
}
