/// The name of a table's directory: `orders-3e2816e0e53811f1916b25b74eacdfa4`.
///
/// Since 2.1 the table's id follows as 32 hex digits, so that a table dropped and created again has a directory of its
/// own; before, it was the name alone. Source: org.apache.cassandra.db.Directories, 2.1 to 5.0.
package struct TableDirectory: Sendable, Hashable {
    package let table: String
    /// 32 lower-case hex digits; nil for a directory of 2.0.
    package let id: String?

    /// Nil unless `name` has one of the two forms.
    package init?(_ name: String) {
        guard let dash = name.utf8.firstIndex(of: UInt8(ascii: "-")) else {
            guard SchemaName.isValid(name) else { return nil }
            table = name
            id = nil
            return
        }
        let (table, id) = (name[..<dash], name[name.utf8.index(after: dash)...])
        guard SchemaName.isValid(table), id.utf8.count == 32, id.utf8.allSatisfy(Self.isHexDigit) else { return nil }
        self.table = String(table)
        self.id = String(id)
    }

    /// As the directory is called.
    package var name: String { id.map { "\(table)-\($0)" } ?? table }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
        default: false
        }
    }
}
