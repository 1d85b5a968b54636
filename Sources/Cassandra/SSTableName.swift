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
        let fields = Self.fields(name)
        guard fields.count == 4, fields[0].count == 2, fields[0].allSatisfy(Self.isLetter),
            let id = ID(fields[1]), !fields[2].isEmpty, fields[2].allSatisfy(Self.isLetterOrDigit),
            !fields[3].isEmpty, !Self.isTemporary(name)
        else { return nil }
        version = String(Substring(fields[0]))
        self.id = id
        let format = Substring(fields[2])
        self.format =
            switch format {
            case "big": .big
            case "bti": .bti
            default: .other(String(format))
            }
        component = String(Substring(fields[3]))
        prefix = String(name[..<format.endIndex])
    }

    /// Whether a file of that name is one Cassandra has not finished.
    ///
    /// `tmp-la-1-big-Data.db` and `tmplink-…` up to 2.2, `shop-orders-tmp-ka-1-Data.db` up to 2.1,
    /// `nb-1-big-Statistics.db.tmp` since 2.2 (`Descriptor.TMP_EXT`).
    package static func isTemporary(_ name: String) -> Bool {
        guard hasTmp(name) else { return false }
        if name.utf8.suffix(4).elementsEqual(".tmp".utf8) { return true }
        let fields = fields(name)
        if fields.count > 1, isTemporaryMark(fields[0]) { return true }
        guard fields.count == 4, isTemporaryMark(fields[2]) else { return false }
        return fields[0].allSatisfy(SchemaName.isWordCharacter) && fields[1].allSatisfy(SchemaName.isWordCharacter)
    }

    /// What every name of an unfinished file has, and hardly another.
    private static func hasTmp(_ name: String) -> Bool {
        var seen = 0
        for byte in name.utf8 {
            switch (seen, byte) {
            case (1, UInt8(ascii: "m")): seen = 2
            case (2, UInt8(ascii: "p")): return true
            default: seen = byte == UInt8(ascii: "t") ? 1 : 0
            }
        }
        return false
    }

    /// By bytes: a component may start with what joins a dash to one character.
    private static func fields(_ name: String) -> [Substring.UTF8View] {
        name.utf8.split(separator: UInt8(ascii: "-"), maxSplits: 3, omittingEmptySubsequences: false)
    }

    private static func isTemporaryMark(_ field: Substring.UTF8View) -> Bool {
        field.elementsEqual("tmp".utf8) || field.elementsEqual("tmplink".utf8)
    }

    fileprivate static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    fileprivate static func isLetterOrDigit(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }
}

extension SSTableName.ID {
    /// Nil unless `field` is a number of 64 bits or has the form of a UUID.
    fileprivate init?(_ field: Substring.UTF8View) {
        let text = Substring(field)
        if field.allSatisfy(SSTableName.isDigit) {
            guard let number = UInt64(text) else { return nil }
            self = .integer(number)
            return
        }
        let groups = field.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
        guard groups.map(\.count) == [4, 4, 18], groups.allSatisfy({ $0.allSatisfy(SSTableName.isLetterOrDigit) })
        else { return nil }
        self = .uuid(String(text))
    }
}
