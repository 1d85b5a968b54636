/// The statements that make a cluster's roles with what they may do: secrets, as they hold hashed passwords.
///
/// Source: tables of `system_auth` and `AuthKeyspace`; `DataResource`, `RoleResource`, `FunctionResource` and
/// `JMXResource`, org.apache.cassandra.auth, 3.11 to 5.0.
package enum RoleScript {
    /// Reads roles, memberships and permissions.
    ///
    /// - Parameter release: the node's: since 4.0 roles may be kept to datacenters.
    /// - Returns: statements with comments; empty where there are no roles.
    /// - Throws: `CassandraError`; `.denied` for who is no superuser.
    package static func read(
        from session: some CQLSession,
        release: ReleaseVersion
    ) async throws(CassandraError) -> String {
        var selects = ["roles", "role_permissions"].map { "SELECT JSON * FROM system_auth.\($0)" }
        if release.isAtLeast(4, 0) { selects.append("SELECT JSON * FROM system_auth.network_permissions") }
        let answers = try await session.rows(selects)
        guard answers.count == selects.count else {
            throw CassandraError(.malformed, "read", "the roles", "answers are missing")
        }
        var datacenters: [String: [String]] = [:]
        for row in answers.dropFirst(2).joined() {
            datacenters[try row.requiredText("role")] = try row.texts("dcs")
        }
        var (roles, grants): ([String], [String]) = ([], [])
        for row in try sorted(answers[0], by: "role") {
            let name = try row.requiredText("role")
            roles.append(try role(row, name, datacenters[name] ?? []))
            for member in try row.texts("member_of").sorted(by: { $0.precedes($1) }) {
                grants.append("GRANT \(CQLText.name(member)) TO \(CQLText.name(name));")
            }
        }
        for row in try sorted(answers[1], by: "role", "resource") {
            let (role, resource) = (try row.requiredText("role"), try row.requiredText("resource"))
            for permission in try row.texts("permissions").sorted(by: { $0.precedes($1) }) {
                grants.append(grant(permission, on: resource, to: role))
            }
        }
        guard !roles.isEmpty else { return "" }
        return ([header] + roles + grants).joined(separator: "\n") + "\n"
    }

    private static let header = """
        -- Roles with their hashed passwords: keep this secret.
        -- HASHED PASSWORD is known to Cassandra 4.1 and later. For earlier ones leave it out, and then as a superuser:
        -- UPDATE system_auth.roles SET salted_hash = '…' WHERE role = '…';
        """

    private static func role(
        _ row: CQLRow,
        _ name: String,
        _ datacenters: [String]
    ) throws(CassandraError) -> String {
        var options: [String] = []
        if let hash = try row.text("salted_hash"), !hash.isEmpty {
            options.append("HASHED PASSWORD = \(CQLText.literal(hash))")
        }
        options.append("LOGIN = \(try row.boolean("can_login") ?? false)")
        options.append("SUPERUSER = \(try row.boolean("is_superuser") ?? false)")
        if !datacenters.isEmpty {
            let names = datacenters.sorted { $0.precedes($1) }.map(CQLText.literal)
            options.append("ACCESS TO DATACENTERS {\(names.joined(separator: ", "))}")
        }
        return "CREATE ROLE IF NOT EXISTS \(CQLText.name(name)) WITH \(options.joined(separator: " AND "));"
    }

    private static func grant(_ permission: String, on resource: String, to role: String) -> String {
        guard let place = place(resource) else {
            return "-- \(permission) on \(resource.split(whereSeparator: \.isNewline).joined(separator: " ")) to "
                + "\(CQLText.name(role)): to be granted by hand"
        }
        return "GRANT \(permission) ON \(place) TO \(CQLText.name(role));"
    }

    /// A resource as GRANT names it; nil for one that it names otherwise, as a function by its arguments.
    static func place(_ resource: String) -> String? {
        let parts = resource.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        switch (parts[0], parts.count) {
        case ("data", 1): return "ALL KEYSPACES"
        case ("data", 2): return "KEYSPACE \(CQLText.name(parts[1]))"
        case ("data", 3) where parts[2] == "*": return "ALL TABLES IN KEYSPACE \(CQLText.name(parts[1]))"
        case ("data", 3): return "TABLE \(CQLText.name(parts[1], parts[2]))"
        case ("roles", 1): return "ALL ROLES"
        case ("roles", 2...): return "ROLE \(CQLText.name(parts[1...].joined(separator: "/")))"
        case ("functions", 1): return "ALL FUNCTIONS"
        case ("functions", 2): return "ALL FUNCTIONS IN KEYSPACE \(CQLText.name(parts[1]))"
        case ("mbean", 1): return "ALL MBEANS"
        case ("mbean", 2...):
            let name = parts[1...].joined(separator: "/")
            return "\(name.contains("*") || name.contains("?") ? "MBEANS" : "MBEAN") \(CQLText.literal(name))"
        default: return nil
        }
    }

    private static func sorted(_ rows: [CQLRow], by columns: String...) throws(CassandraError) -> [CQLRow] {
        var keyed: [(key: String, row: CQLRow)] = []
        for row in rows {
            var key = ""
            for column in columns { key += try row.requiredText(column) + "\u{0}" }
            keyed.append((key, row))
        }
        return keyed.sorted { $0.key.precedes($1.key) }.map(\.row)
    }
}
