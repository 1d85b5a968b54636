import SystemPackage
import TestSupport
import Testing

@testable import Cassandra

@Suite struct `What nodetool is given` {
    @Test(.timeLimit(.minutes(5))) func `is the connection, the command, and names that cannot be options`()
        async throws
    {
        try await withTemporaryDirectory { root in
            let nodetool = try ScriptedNodetool(in: root)
            try nodetool.answer(output: "Snapshot directory: x\nTokenRange: \n")
            let control = try nodetool.control { settings in
                settings.host = "2001:db8::1"
                settings.port = 7299
                settings.username = "backup"
                settings.passwordFile = "/etc/jmx.password"
                settings.usesSSL = true
                settings.options = ["-Dcom.sun.jndi.rmiURLParsing=legacy"]
            }
            #expect(control.means == "nodetool at 2001:db8::1:7299")
            let tag = try SnapshotTag("t1")
            let tables = [TableName(keyspace: "shop", name: "a"), TableName(keyspace: "MixedCase", name: "B")]
            try await control.takeSnapshot(tag, of: .tables(tables), ttl: .seconds(3600), skipsFlush: true)
            try await control.takeSnapshot(tag, of: .keyspaces(["shop", "k2"]), ttl: nil, skipsFlush: false)
            try await control.clearSnapshot(tag, keyspaces: [])
            try await control.clearSnapshot(tag, keyspaces: ["shop"])
            try await control.flush(keyspace: "shop", tables: ["a", "b"])
            try await control.refresh(tables[1])
            var options = ImportOptions()
            options.copies = true
            options.keepsLevel = true
            options.keepsRepaired = true
            options.verifiesValues = true
            options.verifiesTokens = false
            options.invalidatesCaches = false
            options.verifies = false
            _ = try await control.importSSTables(into: tables[0], from: ["/d1/shop/a", "/d2/shop/a"], options)
            let prefix = [
                "-Dcom.sun.jndi.rmiURLParsing=legacy", "-h", "2001:db8::1", "-p", "7299", "-u", "backup", "-pwf",
                "/etc/jmx.password", "--ssl",
            ]
            let expected = [
                ["snapshot", "-t", "t1", "-sf", "--ttl", "3600s", "-kt", "shop.a,MixedCase.B"],
                ["snapshot", "-t", "t1", "--", "shop", "k2"],
                ["clearsnapshot", "-t", "t1"],
                ["clearsnapshot", "-t", "t1", "--", "shop"],
                ["flush", "--", "shop", "a", "b"],
                ["refresh", "--", "MixedCase", "B"],
                [
                    "import", "--keep-level", "--keep-repaired", "--copy-data", "--no-verify", "--extended-verify",
                    "--no-tokens", "--no-invalidate-caches", "--", "shop", "a", "/d1/shop/a", "/d2/shop/a",
                ],
            ]
            #expect(nodetool.calls == expected.map { prefix + $0 })
        }
    }

    @Test(.timeLimit(.minutes(5))) func `is no longer than one argument may be`() async throws {
        try await withTemporaryDirectory { root in
            let nodetool = try ScriptedNodetool(in: root)
            try nodetool.answer(output: "Snapshot directory: x\n")
            let long = String(repeating: "x", count: 44)
            let tables = (1000..<3500).map { TableName(keyspace: long, name: "\(long)\($0)") }
            try await nodetool.control().takeSnapshot(
                SnapshotTag("t"),
                of: .tables(tables),
                ttl: nil,
                skipsFlush: false
            )
            let lists = nodetool.calls.compactMap(\.last)
            #expect(lists.count == 3)
            #expect(lists.allSatisfy { $0.utf8.count < 128 << 10 })
            #expect(lists.flatMap { $0.split(separator: ",") } == tables.map { Substring($0.description) })
        }
    }

    /// Its script would split, expand or drop them, or take them for its own options.
    @Test(arguments: ["a b", "a*", "a\\nb", "-p", "--ssl", "-Dx=y", "what?", "[x]", "a\tb"])
    func `is no tag that would reach the node as another`(tag: String) async throws {
        try await withTemporaryDirectory { root in
            let nodetool = try ScriptedNodetool(in: root)
            try nodetool.answer(output: "Snapshot directory: x\n")
            let control = try nodetool.control()
            let failure = await nodeFailure {
                try await control.takeSnapshot(SnapshotTag(tag), of: .everything, ttl: nil, skipsFlush: false)
            }
            #expect(failure?.code == .invalid)
            let clearing = await nodeFailure { try await control.clearSnapshot(SnapshotTag(tag), keyspaces: []) }
            #expect(clearing?.code == .invalid)
            #expect(nodetool.calls.isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(5))) func `is no name that Cassandra could not have`() async throws {
        try await withTemporaryDirectory { root in
            let nodetool = try ScriptedNodetool(in: root)
            try nodetool.answer()
            let control = try nodetool.control()
            for name in ["", "-p", "a b", "a;b", "a.b", "é"] {
                let table = TableName(keyspace: "shop", name: name)
                #expect(await nodeFailure { try await control.refresh(table) }?.code == .invalid)
                #expect(await nodeFailure { try await control.flush(keyspace: name, tables: []) }?.code == .invalid)
                #expect(await nodeFailure { _ = try await control.ranges(ofKeyspace: name) }?.code == .invalid)
            }
            #expect(nodetool.calls.isEmpty)
        }
    }

    @Test(arguments: ["-pw", "-pw=x", "--password", "--password=hunter2", "status"])
    func `is no password, and no command by an option`(option: String) {
        var settings = NodetoolSettings()
        settings.options = [option]
        let error = #expect(throws: CassandraError.self) { try Nodetool(settings) }
        #expect(error?.code == .invalid)
        #expect(error?.description.contains("hunter2") == false)
    }
}
