import TestSupport
import Testing

@testable import Cassandra

@Suite(.timeLimit(.minutes(5))) struct `A script of roles` {
    private static let release = ReleaseVersion("4.1.7")

    private static func session() throws -> FakeCQL {
        let session = FakeCQL()
        session["system_auth.roles"] = [
            try CQLRow(
                json:
                    #"{"role": "Zoë", "can_login": false, "is_superuser": false, "member_of": null, "salted_hash": null}"#
            ),
            try CQLRow(
                json: #"{"role": "app", "can_login": true, "is_superuser": true, "member_of": ["Zoë", "b"], "#
                    + #""salted_hash": "$2a$10$it's"}"#
            ),
        ]
        session["system_auth.role_permissions"] = [
            try CQLRow(json: #"{"role": "app", "resource": "data/shop/Orders", "permissions": ["SELECT", "MODIFY"]}"#),
            try CQLRow(json: #"{"role": "app", "resource": "functions/shop/f[a|b]", "permissions": ["EXECUTE"]}"#),
        ]
        session["system_auth.network_permissions"] = [try CQLRow(json: #"{"role": "app", "dcs": ["dc2", "dc1"]}"#)]
        return session
    }

    @Test func `has roles, whose members they are, and what they may`() async throws {
        let text = try await RoleScript.read(from: Self.session(), release: #require(Self.release))
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("-- ") || $0.contains("by hand") }
        #expect(
            lines == [
                "CREATE ROLE IF NOT EXISTS \"Zoë\" WITH LOGIN = false AND SUPERUSER = false;",
                "CREATE ROLE IF NOT EXISTS app WITH HASHED PASSWORD = '$2a$10$it''s' AND LOGIN = true AND SUPERUSER = true "
                    + "AND ACCESS TO DATACENTERS {'dc1', 'dc2'};",
                "GRANT \"Zoë\" TO app;", "GRANT b TO app;",
                "GRANT MODIFY ON TABLE shop.\"Orders\" TO app;", "GRANT SELECT ON TABLE shop.\"Orders\" TO app;",
                "-- EXECUTE on functions/shop/f[a|b] to app: to be granted by hand",
            ]
        )
    }

    @Test func `asks a release for what it has, and is empty without roles`() async throws {
        let session = FakeCQL()
        #expect(try await RoleScript.read(from: session, release: #require(ReleaseVersion("3.11.17"))) == "")
        #expect(session.asked.joined().count == 2)
        #expect(try await RoleScript.read(from: session, release: #require(Self.release)) == "")
        #expect(session.asked.joined().contains { $0.contains("network_permissions") })
    }

    @Test(
        arguments: [
            ("data", "ALL KEYSPACES"), ("data/Shop", "KEYSPACE \"Shop\""), ("data/shop/t", "TABLE shop.t"),
            ("data/shop/*", "ALL TABLES IN KEYSPACE shop"), ("roles", "ALL ROLES"), ("roles/a/b", "ROLE \"a/b\""),
            ("functions", "ALL FUNCTIONS"), ("functions/shop", "ALL FUNCTIONS IN KEYSPACE shop"),
            ("mbean", "ALL MBEANS"),
            ("mbean/java.lang:type=Runtime", "MBEAN 'java.lang:type=Runtime'"), ("mbean/a:*", "MBEANS 'a:*'"),
            ("functions/shop/f[]", nil), ("other/x", nil), ("", nil),
        ] as [(String, String?)]
    )
    func `names a resource as GRANT does`(resource: String, place: String?) {
        #expect(RoleScript.place(resource) == place)
    }
}

@Suite(.timeLimit(.minutes(5))) struct `The text of a schema` {
    @Test func `is the server's own where it has one`() async throws {
        let session = try Fixture.cql("4.1.7")
        let schema = try await Schema.read(from: session)
        let told = "-- the server's own\n" + schema.script()
        session.describe("SCHEMA WITH INTERNALS", as: told)
        #expect(try await schema.text(from: session) == told)
    }

    @Test(arguments: ["CREATE KEYSPACE other WITH replication = {};", "CREATE TABLE no (", ""])
    func `is written from the model where the server's is another`(other: String) async throws {
        let session = try Fixture.cql("4.1.7")
        let schema = try await Schema.read(from: session)
        session.describe("SCHEMA WITH INTERNALS", as: other)
        #expect(try await schema.text(from: session) == schema.script())
    }

    @Test func `is written from the model before 4_0`() async throws {
        let session = try Fixture.cql("3.11.17")
        let schema = try await Schema.read(from: session)
        session.describe("SCHEMA WITH INTERNALS", as: "-- not asked for\n" + schema.script())
        #expect(try await schema.text(from: session) == schema.script())
    }
}
