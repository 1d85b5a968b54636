import Cassandra

/// A schema as the rows of `system_schema` that it is read from.
struct SchemaRowMaking {
    private let schema: Schema
    private let facts: NodeFacts

    init(_ schema: Schema, _ facts: NodeFacts) {
        self.schema = schema
        self.facts = facts
    }

    /// Nil for a table that is not the system's.
    func rows(of table: String) -> [CQLRow]? {
        switch table {
        case "system.local":
            [
                CQLRow([
                    "release_version": .text("\(facts.releaseVersion)"),
                    "schema_version": .text(facts.schemaVersion ?? ""),
                ])
            ]
        case "system_schema.keyspaces":
            schema.keyspaces.map {
                CQLRow([
                    "keyspace_name": .text($0.name), "durable_writes": .boolean($0.durableWrites),
                    "replication": .map($0.replication.mapValues { .text($0) }),
                ])
            }
        case "system_schema.tables":
            each(\.tables) {
                ["table_name": .text($0.name), "id": .text($0.id), "flags": .list($0.flags.map { .text($0) })]
            }
        case "system_schema.views":
            each(\.views) {
                [
                    "view_name": .text($0.name), "id": .text($0.id), "base_table_name": .text($0.baseTable),
                    "base_table_id": .text($0.baseTableID), "include_all_columns": .boolean($0.includesAllColumns),
                    "where_clause": .text($0.whereClause),
                ]
            }
        case "system_schema.columns": columns
        case "system_schema.types":
            each(\.types) {
                [
                    "type_name": .text($0.name), "field_names": .list($0.fields.map { .text($0.name) }),
                    "field_types": .list($0.fields.map { .text($0.type) }),
                ]
            }
        case "system_schema.indexes": indexes
        case _ where table.hasPrefix("system_schema."): []
        default: nil
        }
    }

    private func each<Part>(_ parts: KeyPath<Schema.Keyspace, [Part]>, _ row: (Part) -> [String: CQLValue]) -> [CQLRow]
    {
        schema.keyspaces.flatMap { keyspace in
            keyspace[keyPath: parts].map { part in
                var columns = row(part)
                columns["keyspace_name"] = .text(keyspace.name)
                return CQLRow(columns)
            }
        }
    }

    private var columns: [CQLRow] {
        schema.keyspaces.flatMap { keyspace in
            let tables = keyspace.tables.map { ($0.name, $0.columns) } + keyspace.views.map { ($0.name, $0.columns) }
            return tables.flatMap { name, columns in
                columns.map { column in
                    CQLRow([
                        "keyspace_name": .text(keyspace.name), "table_name": .text(name),
                        "column_name": .text(column.name),
                        "type": .text(column.type.isEmpty ? "text" : column.type), "kind": .text(column.kind.rawValue),
                        "position": .number("\(column.position)"),
                        "clustering_order": .text(
                            column.isDescending ? "desc" : column.kind == .clustering ? "asc" : "none"
                        ),
                    ])
                }
            }
        }
    }

    private var indexes: [CQLRow] {
        schema.keyspaces.flatMap { keyspace in
            keyspace.tables.flatMap { table in
                table.indexes.map { index in
                    CQLRow([
                        "keyspace_name": .text(keyspace.name), "table_name": .text(table.name),
                        "index_name": .text(index.name), "kind": .text(index.kind),
                        "options": .map(index.options.mapValues { .text($0) }),
                    ])
                }
            }
        }
    }
}
