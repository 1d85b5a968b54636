import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import Cassandra

/// Sessions with a node that carries out what it is told.
@Suite(.timeLimit(.minutes(5))) struct `A session with a node` {
    private static func shell(_ node: StandInNode, _ change: (inout CQLShell.Settings) -> Void = { _ in }) -> CQLShell {
        var settings = CQLShell.Settings()
        settings.executable = node.cqlsh.string
        settings.host = node.address
        change(&settings)
        return CQLShell(settings, environment: ["PATH": "/usr/bin:/bin", "HOME": "/root"])
    }

    @Test(arguments: StandInNode.versions)
    func `reads the schema, and makes it anew`(version: String) async throws {
        try await withTemporaryDirectory { root in
            let node = try await StandInNode(version, in: root.appending("node"), isEmpty: true)
            let shell = Self.shell(node)
            let schema = try await Schema.read(from: shell)
            let captured = try await Schema.read(from: Fixture.cql(version))
            #expect(schema.keyspaces.count == captured.keyspaces.count)
            let (shop, mixed) = (try #require(schema[keyspace: "shop"]), try #require(schema[keyspace: "MixedCase"]))
            #expect(shop == captured[keyspace: "shop"] && mixed == captured[keyspace: "MixedCase"])
            let text = try await shell.rows("SELECT JSON release_version FROM system.local")
            #expect(try text.first?.text("release_version") == version)
            // Loss, and what a restore does about it.
            try await shell.execute(["DROP KEYSPACE shop", "DROP KEYSPACE \"MixedCase\""])
            let bare = try await Schema.read(from: shell)
            #expect(bare[keyspace: "shop"] == nil && bare.version != schema.version)
            var script = SchemaScript(from: schema, to: bare, release: ReleaseVersion(version), datacenters: ["dc1"])
            for keyspace in [shop, mixed] {
                for name in keyspace.tables.map(\.name) + keyspace.views.map(\.name) {
                    let table = TableName(keyspace: keyspace.name, name: name)
                    script.add(table, as: table)
                }
            }
            #expect(script.problems == [])
            try await shell.execute(script.statements.map(\.text))
            let made = try await Schema.read(from: shell)
            for old in [shop, mixed] {
                let new = try #require(made[keyspace: old.name])
                #expect(new.types == old.types && new.replication == old.replication, "\(old.name)")
                #expect(new.tables.map(\.name) == old.tables.map(\.name))
                for (old, new) in zip(old.tables, new.tables) {
                    #expect(new.id == old.id && new.columns == old.columns, "\(old.name)")
                    #expect(new.droppedColumns == old.droppedColumns && new.indexes == old.indexes, "\(old.name)")
                    #expect(new.options == old.options, "\(old.name)")
                }
                #expect(new.views.map(\.id) == old.views.map(\.id))
                #expect(new.views.map(\.columns) == old.views.map(\.columns))
            }
        }
    }

    /// The stand-in's DESCRIBE knows no ids, so that its words are not enough to restore by.
    @Test(arguments: ["4.0.14", "4.1.7", "5.0.1"])
    func `has the server's own words, and takes none that lack ids`(version: String) async throws {
        try await withTemporaryDirectory { root in
            let node = try await StandInNode(version, in: root.appending("node"), isEmpty: true)
            let shell = Self.shell(node)
            let schema = try await Schema.read(from: shell)
            let described = try await shell.describe("SCHEMA")
            #expect(described.hasPrefix("CREATE KEYSPACE ") && !described.contains("WITH ID = "))
            let told = try Schema(parsing: described)
            #expect(told[keyspace: "shop"]?.tables.map(\.name) == schema[keyspace: "shop"]?.tables.map(\.name))
            #expect(try await schema.text(from: shell) == schema.script())
        }
    }

    @Test func `of 3_11 writes them itself`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await StandInNode("3.11.17", in: root.appending("node"), isEmpty: true)
            let shell = Self.shell(node)
            let schema = try await Schema.read(from: shell)
            #expect(try await schema.text(from: shell) == schema.script())
        }
    }

    @Test(arguments: StandInNode.versions)
    func `tells failures apart`(version: String) async throws {
        try await withTemporaryDirectory { root in
            let node = try await StandInNode(version, in: root.appending("node"), isEmpty: true)
            let shell = Self.shell(node)
            func code(_ statement: String) async throws -> CassandraError.Code? {
                do throws(CassandraError) {
                    try await shell.execute(statement)
                    return nil
                } catch { return error.code }
            }
            #expect(try await code("CREATE TABLE shop.orders (k int PRIMARY KEY)") == .exists)
            #expect(try await code("TRUNCATE shop.no_such_table") == .notFound)
            #expect(try await code("TRUNCAT shop.orders") == .invalid)
            #expect(try await code("CREATE TABLE IF NOT EXISTS shop.orders (k int PRIMARY KEY)") == nil)
            let missing = await #expect(throws: CassandraError.self) {
                try await shell.rows("SELECT JSON * FROM shop.none")
            }
            #expect(missing?.code == .notFound)
            try await node.stop()
            let dead = await #expect(throws: CassandraError.self) { try await Schema.read(from: shell) }
            #expect(dead?.code == .unreachable)
        }
    }

    @Test(arguments: ["3.11.17", "5.0.1"])
    func `logs in`(version: String) async throws {
        try await withTemporaryDirectory { root in
            let node = try await StandInNode(
                version,
                in: root.appending("node"),
                isEmpty: true,
                login: ("backup", "pä%ss; #wörd")
            )
            func password(_ text: String) throws -> FilePath {
                let path = root.appending("password")
                try? FileTree.remove(path)
                try WritableFile(path, creation: .mustBeNew, mode: 0o600).write(Array(text.utf8).span, at: 0)
                return path
            }
            let select = "SELECT JSON key FROM system.local"
            for text in ["", "wrong\n"] {
                let file = try password(text)
                let error = await #expect(throws: CassandraError.self) {
                    try await Self.shell(node) {
                        $0.login = text.isEmpty ? nil : CQLShell.Login(user: "backup", passwordFile: file)
                    }.rows(select)
                }
                #expect(error?.code == .denied, "\(error.map { "\($0)" } ?? "")")
            }
            let file = try password("pä%ss; #wörd\n")
            let rows = try await Self.shell(node) {
                $0.login = CQLShell.Login(user: "backup", passwordFile: file)
            }.rows(select)
            #expect(rows == [CQLRow(["key": .text("local")])])
            let calls = try SmallFile.text(of: node.home.appending("calls.jsonl"), limit: 16 << 20)
            #expect(!calls.contains("#w"))
        }
    }
}
