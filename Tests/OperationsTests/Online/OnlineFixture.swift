import Cassandra
import FoundationEssentials
import ObjectStorage
import SystemPackage
import TestSupport
import TransferEngine
import Vault

@testable import Operations

/// A living node with the tables of a shop, a vault, and restores from one to the other.
struct OnlineFixture {
    static let text = """
        CREATE KEYSPACE shop WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': '1'};
        CREATE TABLE shop.orders (id int PRIMARY KEY, customer text, status text)
            WITH ID = 3e2816e0-e538-11f1-916b-25b74eacdfa4;
        CREATE INDEX orders_customer_idx ON shop.orders (customer);
        CREATE MATERIALIZED VIEW shop.orders_by_status AS SELECT * FROM shop.orders
            WHERE status IS NOT NULL AND id IS NOT NULL PRIMARY KEY (status, id)
            WITH ID = 3e2816e1-e538-11f1-916b-25b74eacdfa4;
        CREATE TABLE shop.orders_archive (id int PRIMARY KEY, customer text)
            WITH ID = 3e2816e2-e538-11f1-916b-25b74eacdfa4;
        CREATE TABLE shop.peers_by_city (city text PRIMARY KEY, peer text)
            WITH ID = 3e2816e3-e538-11f1-916b-25b74eacdfa4;
        CREATE TABLE shop.page_views (page text PRIMARY KEY, hits counter)
            WITH ID = 3e2816e4-e538-11f1-916b-25b74eacdfa4;
        CREATE TABLE shop.empty_table (id int PRIMARY KEY) WITH ID = 3e2816e5-e538-11f1-916b-25b74eacdfa4;
        """

    static let orders = TableName(keyspace: "shop", name: "orders")
    static let view = TableName(keyspace: "shop", name: "orders_by_status")
    static let archive = TableName(keyspace: "shop", name: "orders_archive")
    static let peers = TableName(keyspace: "shop", name: "peers_by_city")
    static let pages = TableName(keyspace: "shop", name: "page_views")

    let node: LivingNode
    let vault: TestVault

    init(in root: FilePath, directories: Int = 1, release: String = "4.1.7") async throws {
        node = try LivingNode(in: root, directories: directories, release: release, schema: Self.text)
        vault = try await TestVault()
    }

    /// Three SSTables of orders and its view, one of each other table.
    func fill() throws {
        for number in 1...3 {
            try node.flush(Self.orders, "order \(number)", number % node.data.count)
            try node.flush(Self.view, "status of order \(number)", number % node.data.count)
        }
        for table in [Self.archive, Self.peers, Self.pages] { try node.flush(table, "row of \(table)") }
    }

    /// Backs the node up by a snapshot of its own.
    func backUp(_ name: String = "one", ring: [String] = []) async throws {
        let schema = try await Schema.read(from: node)
        let facts = node.facts
        let members = ring.map {
            NodeRecord.Member(address: $0, hostID: nil, datacenter: "dc1", rack: "rack1", isUp: true, state: "normal")
        }
        let record = NodeRecord(
            releaseVersion: "\(facts.releaseVersion)",
            clusterName: facts.clusterName,
            partitioner: facts.partitioner,
            hostID: facts.hostID,
            address: facts.address,
            datacenter: facts.datacenter,
            rack: facts.rack,
            tokens: facts.tokens,
            ring: members
        )
        let documents = [
            ManifestDocument(name: ManifestDocument.schema, text: try Self.json(schema)),
            ManifestDocument(name: ManifestDocument.node, text: try Self.json(record)),
        ]
        guard let host = HostID(facts.hostID) else { throw LivingNode.Failure("no host id") }
        let options = BackupOptions(
            id: try BackupID(cluster: "test", backup: name),
            host: host,
            dataDirectories: node.data,
            source: .own
        )
        let run = BackupRun(
            vault.vault,
            options,
            TestVault.context(),
            node: BackupNode(node) { _ in documents }
        )
        _ = try await run.run()
    }

    private static func json(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }

    func request(
        _ strategy: RestoreStrategy,
        _ tables: [String] = [],
        truncates: Bool = false,
        change: (inout OnlineRequest) -> Void = { _ in }
    ) throws -> OnlineRequest {
        var restore = RestoreRequest(
            strategy,
            backup: "one",
            cluster: "test",
            dataDirectories: node.data,
            filter: try TableFilter(tables)
        )
        restore.isAgain = false
        var request = OnlineRequest(restore)
        request.truncates = truncates
        change(&request)
        return request
    }

    func restore(
        _ request: OnlineRequest,
        session: (any CQLSession)?? = .none,
        autoSnapshot: Bool? = true,
        beforeNote: (@Sendable (RestoreJournal.Record) throws -> Void)? = nil
    ) -> OnlineRestore {
        OnlineRestore(
            vault.vault,
            request,
            node: node,
            session: session ?? node,
            autoSnapshot: autoSnapshot,
            TestVault.context(),
            beforeNote: beforeNote
        )
    }

    func undo(
        beforeNote: (@Sendable (RestoreJournal.Record) throws -> Void)? = nil
    ) throws -> OnlineUndo {
        guard let folders = try RestoreFolders.all(in: node.data).last else { throw LivingNode.Failure("no restore") }
        return OnlineUndo(folders, node: node, session: node, TestVault.context(), beforeNote: beforeNote)
    }

    /// What a SELECT of every table would give.
    func content() throws -> [TableName: [String]] {
        Dictionary(uniqueKeysWithValues: try node.tables.map { ($0, try node.rows($0)) })
    }

    /// Every live file of the table with its bytes, by name.
    func liveFiles(_ table: TableName) throws -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        for index in node.data.indices {
            let place = try node.directory(table, index)
            for set in try SSTableFolder(place, readingContents: false).sets {
                for component in set.components {
                    let path = place.appending(set.fileName(component))
                    found["\(index)/\(set.fileName(component))"] = try SmallFile.bytes(of: path)
                }
            }
        }
        return found
    }

    /// Names that a restore leaves below `.ringvault`, but for what it keeps to be undone and asked for.
    func leftovers() throws -> [String] {
        try RestoreFolders.all(in: node.data).flatMap { folders in
            try folders.dataDirectories.indices.flatMap { index in
                try files(below: folders.folder(index)).keys.filter { !["journal", "plan.json"].contains($0) }
            }
        }
    }
}
