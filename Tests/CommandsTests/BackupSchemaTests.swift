import FoundationEssentials
import ObjectStorage
import SystemPackage
import TestSupport
import Testing
import TransferEngine
import Vault

/// A vault with backups of nodes that were asked, and of one that was not.
@Suite(.timeLimit(.minutes(5))) struct `The schema of a backup` {
    private static let hosts = ["11111111-2222-3333-4444-555555555555", "21111111-2222-3333-4444-555555555555"]
    private static let passphrase = "correct horse battery staple"
    private static let statements = "CREATE KEYSPACE \"Größe\" …;\n\tCREATE TABLE it's\\n;\n"

    private struct Fixture {
        let root: FilePath
        private let isEncrypted: Bool

        init(in root: FilePath, isEncrypted: Bool) async throws {
            self.root = root
            self.isEncrypted = isEncrypted
            let store = FileStore(root: root.appending("vault"), io: IOExecutor(threads: 2))
            let secret = SecretBytes(copying: Array(passphrase.utf8))
            let vault = try await Vault.create(
                in: store,
                chunkSize: 1 << 20,
                encryptingFor: isEncrypted ? NewKey(passphrase: secret) : nil
            )
            let file = try WritableFile(root.appending("passphrase"), creation: .mustBeNew, mode: 0o600)
            try file.write(Array(passphrase.utf8).span, at: 0)
            for (index, host) in hosts.enumerated() {
                try await Self.publish("asked", host, vault) { header in
                    header.releaseVersion = "4.1.7"
                    header.schemaVersion = "d7f98c2a-52f3-38e7-8138-9224d9a0ae3b"
                } lines: {
                    [
                        .document(ManifestDocument(name: "schema.cql", text: statements)),
                        .document(ManifestDocument(name: "node.json", text: #"{"node": \#(index)}"#)),
                        .table(ManifestTable(path: "ks/t-\(String(repeating: "a", count: 32))", schema: "not this")),
                    ]
                }
            }
            let ids = ["1", "2", "3"].map { String(repeating: $0, count: 32) }
            try await Self.publish("files", hosts[0], vault) { _ in
            } lines: {
                [
                    .table(ManifestTable(path: "ks/a-\(ids[0])", schema: "CREATE MATERIALIZED VIEW ks.a …;\n")),
                    .table(ManifestTable(path: "ks/b-\(ids[1])", schema: "CREATE TABLE ks.b …;")),
                    .table(ManifestTable(path: "ks/c-\(ids[2])", schema: nil)),
                ]
            }
            try await Self.publish("bare", hosts[0], vault) { _ in
            } lines: {
                []
            }
        }

        private static func publish(
            _ name: String,
            _ host: String,
            _ vault: Vault,
            _ change: (inout ManifestHeader) -> Void,
            lines: () -> [ManifestLine]
        ) async throws {
            let id = try BackupID(cluster: "prod", backup: name)
            let host = try #require(HostID(host))
            var header = ManifestHeader(
                vault: vault.description.id,
                cluster: "prod",
                backup: name,
                hostId: host,
                datacenter: nil,
                rack: nil,
                started: Timestamp(seconds: 1_795_143_600),
                source: "snapshot x",
                dataDirectories: ["/data"]
            )
            change(&header)
            var writer = try ManifestWriter(header, chunkSize: 1 << 20)
            for line in lines() { try writer.write(line) }
            _ = try await writer.publish(in: vault, at: try id.manifestKey(host), totals: ManifestHeader.Totals())
        }

        func schema(_ arguments: [String]) async throws -> Program.Answer {
            let key = isEncrypted ? ["--passphrase-file", "\(root)/passphrase"] : []
            return try await Program.run(
                ["backup", "schema"] + arguments + ["--location", "file://\(root)/vault"] + key
            )
        }
    }

    @Test(arguments: [false, true])
    func `is printed as it was kept`(isEncrypted: Bool) async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root, isEncrypted: isEncrypted)
            let plain = try await fixture.schema(["asked"])
            #expect(plain.status == 0 && plain.output == Self.statements, "\(plain.errors)")
            let one = try await fixture.schema(["asked", "--document", "node.json", "--host-id", Self.hosts[1]])
            #expect(one.output == "{\"node\": 1}\n")
            struct JSON: Decodable {
                let hostId, document, text: String
                let isSubstitute: Bool
            }
            let answer = try await fixture.schema(["asked", "--output", "json"])
            let json = try JSONDecoder().decode(JSON.self, from: Data(answer.output.utf8))
            #expect(json.text == Self.statements && json.document == "schema.cql" && !json.isSubstitute)
            #expect(json.hostId == Self.hosts[0])
        }
    }

    @Test func `is listed with all else that is kept`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root, isEncrypted: false)
            struct JSON: Decodable {
                struct Node: Decodable {
                    struct Document: Decodable {
                        let name: String
                        let bytes: Int
                    }
                    let hostId: String
                    let releaseVersion: String?
                    let documents: [Document]
                }
                let nodes: [Node]
            }
            let answer = try await fixture.schema(["asked", "--list", "--output", "json"])
            let json = try JSONDecoder().decode(JSON.self, from: Data(answer.output.utf8))
            #expect(json.nodes.map(\.hostId) == Self.hosts)
            #expect(json.nodes[1].documents.map(\.name) == ["schema.cql", "node.json"])
            #expect(json.nodes[0].documents[0].bytes == Self.statements.utf8.count)
            #expect(json.nodes[0].releaseVersion == "4.1.7")
            let text = try await fixture.schema(["asked", "--list"]).output
            #expect(text.contains("node.json") && text.contains("d7f98c2a-52f3-38e7-8138-9224d9a0ae3b"))
            #expect(try await fixture.schema(["bare", "--list"]).output.contains(Self.hosts[0]))
        }
    }

    @Test func `is put together from its tables where the node was not asked`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root, isEncrypted: true)
            let answer = try await fixture.schema(["files"])
            #expect(answer.status == 0)
            #expect(answer.output.hasPrefix("-- This backup has no schema.cql"))
            #expect(answer.output.hasSuffix("\n\nCREATE TABLE ks.b …;\n\nCREATE MATERIALIZED VIEW ks.a …;\n"))
        }
    }

    @Test func `is missed in words`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root, isEncrypted: false)
            let cases: [([String], Int32, String)] = [
                (["bare"], 3, "the backup has none: the node was not asked"),
                (["asked", "--document", "roles.cql"], 3, "the backup has node.json, schema.cql"),
                (["asked", "--document", "node.json"], 64, "have different ones: say --host-id"),
                (["files", "--host-id", Self.hosts[1]], 3, "has no part in it: \(Self.hosts[0])"),
                (["none"], 3, "the last there are"),
                (["asked", "--list", "--document", "x"], 64, "leave out --document"),
            ]
            for (arguments, status, words) in cases {
                let answer = try await fixture.schema(arguments)
                #expect(answer.status == status && answer.errors.contains(words), "\(arguments): \(answer.errors)")
                #expect(answer.output.isEmpty)
            }
        }
    }
}
