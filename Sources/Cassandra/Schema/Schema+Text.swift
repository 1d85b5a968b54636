extension Schema {
    /// The statements that make this schema, in the server's own words where it has them.
    ///
    /// Before 4.0, and where the server's cannot be had or say something else, they are written from the model.
    ///
    /// - Parameter session: to the node that the schema was read from.
    /// - Throws: `CassandraError` of a session that fails altogether.
    package func text(from session: some CQLSession) async throws(CassandraError) -> String {
        let own = script()
        guard let release = releaseVersion.flatMap({ ReleaseVersion($0) }), release.hasServerDescribe else {
            return own
        }
        let described: String
        do throws(CassandraError) {
            described = try await session.describe("SCHEMA WITH INTERNALS")
        } catch {
            switch error.code {
            case .unsupported, .invalid, .refused, .malformed: return own
            default: throw error
            }
        }
        // The schema may have changed since it was read; and what is kept must be what can be read back.
        guard let told = try? Schema(parsing: described), told.names == names else { return own }
        return described
    }

    /// What its statements make, but for system keyspaces: keyspaces, and tables and views with their ids.
    private var names: Set<String> {
        var names: Set<String> = []
        for keyspace in keyspaces where !Self.isSystem(keyspace.name) {
            names.insert(keyspace.name)
            for table in keyspace.tables { names.insert("\(keyspace.name).\(table.name)-\(table.id)") }
            for view in keyspace.views { names.insert("\(keyspace.name).\(view.name)-\(view.id)") }
            for type in keyspace.types { names.insert("\(keyspace.name).\(type.name) \(type.fields)") }
        }
        return names
    }
}
