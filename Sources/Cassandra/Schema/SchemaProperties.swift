/// What stands behind `WITH`: `ID = … AND CLUSTERING ORDER BY (…) AND comment = '…'`.
struct SchemaProperties {
    private(set) var id: String?
    private(set) var isCompact = false
    /// Clustering columns that descend.
    private(set) var descending: Set<String> = []
    /// Values as CQL, written as `Schema.options` does.
    private(set) var options: [String: String] = [:]
    /// Those of them that are maps of texts.
    private(set) var maps: [String: [String: String]] = [:]

    /// Nothing if the statement has no WITH; nil if it cannot be read.
    init?(_ cursor: inout CQLCursor) {
        guard cursor.take("with") else {
            guard cursor.isAtEnd else { return nil }
            return
        }
        repeat {
            if cursor.take("clustering") {
                guard order(&cursor) else { return nil }
            } else if cursor.take("compact") {
                guard cursor.take("storage") else { return nil }
                isCompact = true
            } else {
                guard let name = cursor.name(), cursor.take(symbol: "=") else { return nil }
                if name == "id" {
                    guard let value = cursor.scalar() else { return nil }
                    id = value.filter { $0 != "'" }
                } else if cursor.isAt(symbol: "{") {
                    guard let values = cursor.map() else { return nil }
                    maps[name] = values
                    // Extensions are blobs, and mostly none.
                    if name != "extensions" { options[name] = CQLText.map(values, first: "class") }
                } else {
                    guard let value = cursor.scalar() else { return nil }
                    options[name] = value
                }
            }
        } while cursor.take("and")
        guard cursor.isAtEnd else { return nil }
    }

    private mutating func order(_ cursor: inout CQLCursor) -> Bool {
        guard cursor.take("order"), cursor.take("by"), cursor.take(symbol: "(") else { return false }
        repeat {
            guard let column = cursor.name() else { return false }
            if cursor.take("desc") {
                descending.insert(column)
            } else {
                _ = cursor.take("asc")
            }
        } while cursor.take(symbol: ",")
        return cursor.take(symbol: ")")
    }
}
