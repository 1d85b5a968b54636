/// Everything that a cluster's nodes agree on about their data: what `system_schema` holds, of all keyspaces.
///
/// Stored in a backup as its document `schema.json`, by these members' names. Order is by bytes of the names where the
/// server knows none, so that equal schemas are equal values.
package struct Schema: Codable, Hashable, Sendable {
    /// Raised when an older program could no longer restore by it.
    package static let currentFormat = 1

    package var format = Schema.currentFormat
    /// `schema_version` of the node it was read from, a UUID: nodes that agree have the same.
    package var version: String?
    /// Of the node it was read from: `4.1.7`.
    package var releaseVersion: String?
    /// Ascending by name.
    package var keyspaces: [Keyspace]

    package init(version: String? = nil, releaseVersion: String? = nil, keyspaces: [Keyspace] = []) {
        self.version = version
        self.releaseVersion = releaseVersion
        self.keyspaces = keyspaces
    }

    package struct Keyspace: Codable, Hashable, Sendable {
        package var name: String
        /// `class` and its parameters: `{"class": "org.apache.cassandra.locator.NetworkTopologyStrategy", "dc1": "3"}`.
        package var replication: [String: String]
        package var durableWrites: Bool
        /// Ascending by name, as all that follow.
        package var types: [UserType] = []
        package var functions: [Function] = []
        package var aggregates: [Aggregate] = []
        package var tables: [Table] = []
        package var views: [View] = []

        package init(name: String, replication: [String: String], durableWrites: Bool = true) {
            self.name = name
            self.replication = replication
            self.durableWrites = durableWrites
        }
    }

    /// `CREATE TYPE`.
    package struct UserType: Codable, Hashable, Sendable {
        package var name: String
        /// In the type's own order, which is that of the bytes on disk.
        package var fields: [Field]

        package init(name: String, fields: [Field]) {
            self.name = name
            self.fields = fields
        }
    }

    /// A name and a CQL type: a field of a type, an argument of a function.
    package struct Field: Codable, Hashable, Sendable {
        package var name: String
        /// As CQL: `frozen<list<text>>`.
        package var type: String

        package init(name: String, type: String) {
            self.name = name
            self.type = type
        }
    }

    /// `CREATE FUNCTION`; several may have one name and differ in their arguments.
    package struct Function: Codable, Hashable, Sendable {
        package var name: String
        package var arguments: [Field]
        package var returnType: String
        package var language: String
        package var body: String
        package var isCalledOnNull: Bool

        package init(
            name: String,
            arguments: [Field],
            returnType: String,
            language: String,
            body: String,
            isCalledOnNull: Bool
        ) {
            self.name = name
            self.arguments = arguments
            self.returnType = returnType
            self.language = language
            self.body = body
            self.isCalledOnNull = isCalledOnNull
        }
    }

    /// `CREATE AGGREGATE`; several may have one name and differ in their arguments.
    package struct Aggregate: Codable, Hashable, Sendable {
        package var name: String
        package var argumentTypes: [String]
        package var stateFunction: String
        package var stateType: String
        package var finalFunction: String?
        /// A CQL literal.
        package var initialCondition: String?
        package var returnType: String

        package init(
            name: String,
            argumentTypes: [String],
            stateFunction: String,
            stateType: String,
            finalFunction: String?,
            initialCondition: String?,
            returnType: String
        ) {
            self.name = name
            self.argumentTypes = argumentTypes
            self.stateFunction = stateFunction
            self.stateType = stateType
            self.finalFunction = finalFunction
            self.initialCondition = initialCondition
            self.returnType = returnType
        }
    }
}

extension Schema {
    package subscript(keyspace name: String) -> Keyspace? { keyspaces.first { $0.name == name } }

    /// - Returns: nil for what is not there, or is a view.
    package func table(_ keyspace: String, _ name: String) -> Table? { self[keyspace: keyspace]?.table(name) }

    package func view(_ keyspace: String, _ name: String) -> View? {
        self[keyspace: keyspace]?.views.first { $0.name == name }
    }

    /// Whether every node makes the keyspace by itself, so that no statement may.
    ///
    /// Source: `SchemaConstants`, org.apache.cassandra.schema, 3.11 to 5.0.
    package static func isSystem(_ keyspace: String) -> Bool {
        switch keyspace {
        case "system", "system_schema", "system_auth", "system_distributed", "system_traces", "system_views",
            "system_virtual_schema", "system_cluster_metadata":
            true
        default: false
        }
    }
}

extension Schema.Keyspace {
    package func table(_ name: String) -> Schema.Table? { tables.first { $0.name == name } }
}
