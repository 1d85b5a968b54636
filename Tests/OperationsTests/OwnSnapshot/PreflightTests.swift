import Cassandra
import Glibc
import ObjectStorage
import SystemPackage
import TestSupport
import Testing
import TransferEngine
import Vault

@testable import Operations

@Suite(.timeLimit(.minutes(5))) struct `A preflight` {
    private func filled(in root: FilePath) async throws -> SnapshotNode {
        let node = try await SnapshotNode(in: root.appending("node"))
        for table in SnapshotNode.all { try node.node.addSSTable(1, in: nil, data: noise(1000, seed: 1), table: table) }
        return node
    }

    private func preflight(
        _ node: SnapshotNode,
        _ told: Preflight.Told = .init(),
        _ change: (inout Preflight.Space) -> Void = { _ in },
        adopts: Bool = false,
        capture: (@Sendable () async throws -> Void)? = {}
    ) -> Preflight {
        var space = Preflight.Space()
        space.least = 1
        change(&space)
        return Preflight(
            node.fake,
            told: told,
            directories: node.node.data,
            space: space,
            adoptsCluster: adopts,
            tryCapture: capture
        )
    }

    private func report(_ preflight: Preflight, _ store: any ObjectStore) async throws -> PreflightReport {
        await preflight.run(.success(try await Vault.open(store)))
    }

    @Test func `passes where all is well, one finding a check, and leaves nothing in the store`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await filled(in: root)
            let before = node.base.keys
            let report = try await report(preflight(node), node.base)
            #expect(report.isPassed, "\(report.failures)")
            #expect(report.findings.map(\.check) == PreflightCheck.allCases)
            #expect(report.findings.filter { $0.result != .ok }.map(\.check) == [])
            #expect(node.base.keys == before)
            #expect(node.fake.calls.contains { if case .takeSnapshot = $0 { true } else { false } } == false)
        }
    }

    @Test func `tells everything that is wrong at once`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await filled(in: root)
            node.fake.change { answers in
                answers.mode = .drained
                let version = "c02bd832-60a8-3bab-8067-2acf2c5ad874"
                var ring = RingState(members: [], schemaVersions: [version: ["127.0.0.1"]], unreachable: [])
                ring.schemaVersions["d02bd832-60a8-3bab-8067-2acf2c5ad874"] = ["127.0.0.2"]
                let id = node.node.host.description
                ring.members.append(
                    RingState.Member(
                        address: "127.0.0.1",
                        hostID: id,
                        datacenter: "dc1",
                        rack: "rack1",
                        isUp: true,
                        state: .leaving
                    )
                )
                answers.ring = ring
            }
            let other = try #require(HostID("99999999-2222-3333-4444-555555555555"))
            let told = Preflight.Told(cluster: "Other", host: other, datacenter: "dc9", rack: "rack9")
            let denied = FaultyStore(node.base) { $0.operation == .put ? .failBefore(.accessDenied) : nil }
            let struggling = preflight(node, told) {
                $0.least = .max
            } capture: {
                throw CassandraError(.denied, "read", "the schema", "wrong password")
            }
            let report = try await report(struggling, denied)
            #expect(
                report.failures.map(\.check) == [.identity, .mode, .ring, .schema, .capture, .space, .store]
            )
            let error = #expect(throws: RunError.self) { try report.check("node 1") }
            #expect(error?.code == .refused)
            let text = "\(try #require(error))"
            for part in [
                "--host-id", "--cluster", "--datacenter", "--rack", "DRAINED", "leaving", "different schemas",
                "--cqlsh",
                "--min-free", "access denied",
            ] { #expect(text.contains(part), "\(part) in \(text)") }
        }
    }

    @Test func `of a node that does not answer says so, and looks at the rest`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await filled(in: root)
            node.fake.change { answers in
                answers.failure = { _ in CassandraError(.unreachable, "ask", "the node", "connection refused") }
            }
            let report = try await report(preflight(node), node.base)
            #expect(report.failures.map(\.check) == [.node])
            #expect(report.findings.filter { $0.result == .notTried }.count == 6)
            #expect(
                report.findings.filter { $0.result == .ok }.map(\.check) == [.directories, .clearing, .space, .store]
            )
        }
    }

    @Test func `warns of nodes that are down, and goes on`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await filled(in: root)
            node.fake.change { answers in
                let version = "c02bd832-60a8-3bab-8067-2acf2c5ad874"
                func member(_ number: Int, _ id: String, isUp: Bool) -> RingState.Member {
                    RingState.Member(
                        address: "127.0.0.\(number)",
                        hostID: id,
                        datacenter: "dc1",
                        rack: "rack1",
                        isUp: isUp,
                        state: .normal
                    )
                }
                answers.ring = RingState(
                    members: [
                        member(1, node.node.host.description, isUp: true),
                        member(2, "22222222-2222-3333-4444-555555555555", isUp: false),
                    ],
                    schemaVersions: [version: ["127.0.0.1"]],
                    unreachable: ["127.0.0.2"]
                )
            }
            let report = try await report(preflight(node, capture: nil), node.base)
            #expect(report.isPassed)
            #expect(report.findings.filter { $0.result == .warning }.map(\.check) == [.ring, .schema, .capture])
            #expect(report.warnings.count == 3)
        }
    }

    @Test func `refuses a filter that finds nothing, and directories that are none`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await filled(in: root)
            let wrong = Preflight(
                node.fake,
                directories: node.node.data,
                filter: try TableFilter(["shop.nothing_*"]),
                tryCapture: {}
            )
            #expect(try await report(wrong, node.base).failures.map(\.check) == [.directories])
            let missing = Preflight(node.fake, directories: [root.appending("nowhere")], tryCapture: {})
            #expect(try await report(missing, node.base).failures.map(\.check) == [.directories])
        }
    }

    @Test(.enabled(if: geteuid() != 0)) func `warns where nothing may be removed`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await filled(in: root)
            let path = node.node.data[0].appending(SnapshotNode.parts)
            #expect(unsafe path.withPlatformString { unsafe chmod($0, 0o555) } == 0)
            let report = try await report(preflight(node), node.base)
            #expect(unsafe path.withPlatformString { unsafe chmod($0, 0o755) } == 0)
            #expect(report.findings.first { $0.check == .clearing }?.result == .warning)
        }
    }

    @Test func `warns of what cannot be removed from the store`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await filled(in: root)
            let store = FaultyStore(node.base) { $0.operation == .delete ? .failBefore(.accessDenied) : nil }
            let report = try await report(preflight(node), store)
            #expect(report.isPassed)
            #expect(report.findings.first { $0.check == .store }?.result == .warning)
        }
    }

    /// Another ring of the same name.
    private func move(_ node: SnapshotNode, tokens: [String]) {
        node.fake.change { answers in
            answers.facts.hostID = "99999999-2222-3333-4444-555555555555"
            answers.facts.tokens = tokens
        }
    }

    @Test func `tells two rings of one name apart by their nodes and tokens`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await filled(in: root)
            var options = try node.options("one")
            options.id = try BackupID(cluster: "Test Cluster", backup: "one")
            let capture = NodeCapture(node.fake, session: nil, directories: node.node.data.map(\.string))
            _ = try await node.run(options) { facts in try await capture.documents(facts) }
            func finding(adopts: Bool = false) async throws -> PreflightFinding? {
                try await report(preflight(node, adopts: adopts), node.base).findings.first { $0.check == .cluster }
            }
            #expect(try await finding()?.result == .ok)
            move(node, tokens: ["0", "-9223372036854775808"])  // a rebuilt node: its tokens, another id
            #expect(try await finding()?.result == .ok)
            move(node, tokens: ["1", "2"])
            #expect(try await finding()?.result == .failed)
            #expect(try await finding()?.advice?.contains("--adopt-cluster") == true)
            #expect(try await finding(adopts: true)?.result == .warning)
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct `What a backup keeps of its node` {
    @Test func `is who it is, its schema, and its settings without secrets`() async throws {
        try await withTemporaryDirectory { root in
            let text = """
                cluster_name: Shop
                data_file_directories: [/d1, /d2]
                commitlog_directory: /c
                server_encryption_options:
                    keystore_password: geheim
                """
            let configuration = try CassandraConfiguration(
                file: FilePath("/etc/cassandra/cassandra.yaml"),
                text: text,
                rackDC: "dc=dc1\nrack=rack1\n",
                environment: [:]
            )
            let fake = FakeNode()
            let cql = FakeCQL()
            cql["system.local"] = [
                try CQLRow(
                    json: "{\"release_version\":\"4.1.7\",\"schema_version\":\"c02bd832-60a8-3bab-8067-2acf2c5ad874\"}"
                )
            ]
            let capture = NodeCapture(fake, session: cql, configuration: configuration, directories: [])
            cql["system_auth.roles"] = [
                try CQLRow(
                    json: "{\"role\":\"app\",\"can_login\":true,\"is_superuser\":false,\"salted_hash\":\"$2a$x\"}"
                )
            ]
            try await capture.trial?()
            let roles = NodeCapture(fake, session: cql, keepsRoles: true, directories: [])
            let kept = try await roles.secrets(try await fake.facts())
            #expect(kept.map(\.name) == ["roles.cql"])
            #expect(kept.last?.text.contains("CREATE ROLE") == true)
            let documents = try await capture.documents(try await fake.facts())
            #expect(
                documents.map(\.name) == [
                    "node.json", "schema.json", "schema.cql", "cassandra.yaml", "cassandra-rackdc.properties",
                ]
            )
            let record = documents[0].text
            for part in ["\"/d1\"", "\"/c\"", "\"Test Cluster\"", "-9223372036854775808", "\"ring\"", "4.1.7"] {
                #expect(record.contains(part), "\(part)")
            }
            #expect(documents.contains { $0.text.contains("geheim") } == false)
        }
    }

    @Test func `is not the schema of another node`() async throws {
        let cql = FakeCQL()
        cql["system.local"] = [
            try CQLRow(
                json: "{\"release_version\":\"4.1.7\",\"schema_version\":\"d02bd832-60a8-3bab-8067-2acf2c5ad874\"}"
            )
        ]
        let fake = FakeNode()
        let capture = NodeCapture(fake, session: cql, directories: [])
        let facts = try await fake.facts()
        let error = await #expect(throws: CassandraError.self) { try await capture.documents(facts) }
        #expect(error?.code == .changing)
    }

    @Test func `holds no secret on this host`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await SnapshotNode(in: root.appending("node"))
            for table in SnapshotNode.all {
                try node.node.addSSTable(1, in: nil, data: noise(90_000, seed: 1), table: table)
            }
            let options = try node.options("one")
            let found = ThreadLock<Bool?>(nil)
            let store = FaultyStore(node.base) { call in
                guard call.operation == .put, call.subject.hasPrefix("blobs/") else { return nil }
                return .hook {
                    let all = (try? files(below: node.state.path)) ?? [:]
                    let texts = all.values.map { String(decoding: $0, as: UTF8.self) }
                    let isThere = texts.contains { $0.contains("geheim") }
                    found.withLock { $0 = $0 ?? false || isThere }
                    if texts.contains(where: { $0.contains("offen") }) == false { found.withLock { $0 = nil } }
                }
            }
            let roles = ManifestDocument(name: ManifestDocument.roles, text: "geheim")
            _ = try await node.run(options, store) { _ in
                [ManifestDocument(name: "node.json", text: "offen")]
            } secrets: { _ in
                [roles]
            }
            #expect(found.withLock { $0 } == false)
            #expect(try await node.lines("one").contains(.document(roles)))
        }
    }

    @Test func `has no schema where CQL is left alone`() async throws {
        let fake = FakeNode()
        let capture = NodeCapture(fake, session: nil, directories: ["/d"])
        #expect(capture.trial == nil)
        #expect(try await capture.documents(try await fake.facts()).map(\.name) == ["node.json"])
    }
}
