/// The name of one component's file: `nb-1-big-Data.db` is component `Data.db` of SSTable `nb-1-big`.
///
/// The form `<version>-<id>-<format>-<component>` is that of Cassandra 2.2 and later; versions are two letters (`la` of
/// 2.2, `m*` of 3.x, `n*` of 4.x, `oa` and `da` of 5.0) and unknown ones are accepted. A component is whatever follows:
/// it may hold `-` and `+`, as SAI's and SASI's do. Source: org.apache.cassandra.io.sstable.Descriptor, 3.11 to 5.0.
///
/// Names of 2.1 and earlier (`shop-orders-ka-1-Data.db`) are not parsed.
package struct SSTableName: Sendable, Hashable {
    package enum Format: Sendable, Hashable {
        case big
        case bti
        case other(String)
    }

    package enum ID: Sendable, Hashable {
        /// A sequence number of the table; starts anew after TRUNCATE and a restart.
        case integer(UInt64)
        /// `3h5o_1s2i_1jaqy2hq62c8bojz0c`: a time UUID in base 36.
        /// Source: org.apache.cassandra.io.sstable.UUIDBasedSSTableId, 4.1 and later.
        case uuid(String)
    }

    package let version: String
    package let id: ID
    package let format: Format
    /// As it stands: `Data.db`, `Digest.crc32`, `SAI+aa+products_price_idx+KDTree.db`.
    package let component: String
    /// What the names of all components of the SSTable share: `nb-1-big`.
    package let prefix: String

    /// Nil unless `name` has the form.
    package init?(_ name: String) {
        let fields = name.split(separator: "-", maxSplits: 3, omittingEmptySubsequences: false)
        guard fields.count == 4, fields[0].utf8.count == 2, fields[0].utf8.allSatisfy(Self.isLetter),
            let id = Self.id(fields[1]), !fields[2].isEmpty, fields[2].utf8.allSatisfy(Self.isLetterOrDigit),
            !fields[3].isEmpty, !Self.isTemporary(name)
        else { return nil }
        version = String(fields[0])
        self.id = id
        format =
            switch fields[2] {
            case "big": .big
            case "bti": .bti
            default: .other(String(fields[2]))
            }
        component = String(fields[3])
        prefix = String(name[..<fields[2].endIndex])
    }

    /// Whether a file of that name is one Cassandra has not finished: `tmp-la-1-big-Data.db` and `tmplink-…` up to
    /// 2.2, `shop-orders-tmp-ka-1-Data.db` up to 2.1, `nb-1-big-Statistics.db.tmp` since 2.2
    /// (`Descriptor.TMP_EXT`).
    package static func isTemporary(_ name: String) -> Bool {
        if name.hasSuffix(".tmp") { return true }
        let fields = name.split(separator: "-", maxSplits: 3, omittingEmptySubsequences: false)
        if fields.count > 1, fields[0] == "tmp" || fields[0] == "tmplink" { return true }
        guard fields.count == 4, fields[2] == "tmp" || fields[2] == "tmplink" else { return false }
        return SchemaName.isValid(fields[0]) && SchemaName.isValid(fields[1])
    }

    private static func id(_ text: Substring) -> ID? {
        if let number = UInt64(text), text.utf8.allSatisfy(isDigit) { return .integer(number) }
        let groups = text.split(separator: "_", omittingEmptySubsequences: false)
        guard groups.map(\.utf8.count) == [4, 4, 18],
            groups.allSatisfy({ $0.utf8.allSatisfy(isLetterOrDigit) })
        else { return nil }
        return .uuid(String(text))
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    private static func isLetterOrDigit(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }
}
