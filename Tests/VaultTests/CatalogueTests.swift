import ObjectStorage
import Testing

@testable import Vault

@Suite(.timeLimit(.minutes(5))) struct `A catalogue` {
    private static let hosts = ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"]

    private struct Fixture {
        let store = VaultMemoryStore()
        let vault: Vault
        let catalogue: Catalogue
        let hosts: [HostID]

        init() async throws {
            vault = try await Vault.create(in: store)
            catalogue = Catalogue(vault)
            hosts = `A catalogue`.hosts.compactMap { HostID($0) }
        }

        @discardableResult
        func begin(_ id: BackupID, _ host: HostID, expecting: [HostID]? = nil) async throws -> BackupIntent {
            try await catalogue.begin(
                BackupIntent(
                    cluster: id.cluster,
                    backup: id.backup,
                    started: Timestamp(seconds: 1_800_000_000),
                    expectedNodes: expecting
                ),
                id,
                host: host
            )
        }

        func publish(
            _ id: BackupID,
            _ host: HostID,
            _ change: (inout ManifestHeader.Totals) -> Void = { _ in }
        ) async throws {
            let header = ManifestHeader(
                vault: vault.description.id,
                cluster: id.cluster,
                backup: id.backup,
                hostId: host,
                datacenter: nil,
                rack: nil,
                started: Timestamp(seconds: 1_800_000_000),
                source: "live",
                dataDirectories: ["/data"]
            )
            var totals = ManifestHeader.Totals()
            change(&totals)
            let writer = try ManifestWriter(header, chunkSize: vault.description.chunkSize)
            _ = try await writer.publish(in: vault, at: try id.manifestKey(host), totals: totals)
        }
    }

    @Test func `of a new vault is empty`() async throws {
        let fixture = try await Fixture()
        #expect(try await fixture.catalogue.backups().isEmpty)
        let error = await #expect(throws: VaultError.self) { try await fixture.catalogue.find("daily-1", cluster: nil) }
        #expect(error?.code == .notFound)
    }

    @Test func `lists what stands of every backup, in order`() async throws {
        let fixture = try await Fixture()
        for cluster in ["prod", "Test Cluster", "..", "prod-2"] {
            for backup in ["b", "b-1", "b/1", "é"] {
                let id = try BackupID(cluster: cluster, backup: backup)
                try await fixture.begin(id, fixture.hosts[0])
                for host in fixture.hosts.reversed() { try await fixture.publish(id, host) }
            }
        }
        let listings = try await fixture.catalogue.backups()
        #expect(listings.count == 16)
        #expect(listings.map(\.id) == listings.map(\.id).sorted())
        #expect(listings.allSatisfy { $0.hasIntent && !$0.isComplete && $0.nodes == fixture.hosts })
        #expect(try await fixture.catalogue.backups(ofCluster: "prod").count == 4)
        #expect(try await fixture.catalogue.backups(ofCluster: "pro").isEmpty)
        #expect(try await fixture.catalogue.backups(ofCluster: "..").map(\.id.cluster) == ["..", "..", "..", ".."])
    }

    @Test func `passes over keys that are not ours`() async throws {
        let fixture = try await Fixture()
        let host = Self.hosts[0]
        for key in [
            "clusters/prod/x", "clusters/prod/daily/other.json", "clusters/prod/daily/nodes/x.jsonl.zst",
            "clusters/README",
            "clusters/prod/daily/nodes/\(host).jsonl", "clusters/prod/daily/nodes/\(host).jsonl.zst.tmp",
            "clusters/prod/daily/nodes/ABCDEF00-0000-4000-8000-000000000001.jsonl.zst",
            "clusters/a b/daily/backup.json",
            "clusters/prod/%41/backup.json", "clusters/prod/.daily/backup.json",
            "clusters/prod/daily/nodes/deep/\(host).jsonl.zst",
            "clusters/prod/daily/schema.cql.zst", "clusters-old/prod/daily/backup.json",
            "trash/clusters/prod/daily/backup.json",
            "condemned/1.jsonl.zst", "clusters/prod/daily/deep/backup.json",
            "clusters/prod/daily/nodes/\(host.dropLast()).jsonl.zst",
        ] {
            fixture.store[key] = [0x7B, 0x7D]
        }
        #expect(try await fixture.catalogue.backups().isEmpty)
    }

    @Test func `finds a backup by its name, and asks for the cluster only where it must`() async throws {
        let fixture = try await Fixture()
        for (cluster, backup) in [("a", "daily"), ("b", "daily"), ("b", "weekly")] {
            try await fixture.begin(try BackupID(cluster: cluster, backup: backup), fixture.hosts[0])
        }
        #expect(try await fixture.catalogue.find("weekly", cluster: nil).id.cluster == "b")
        #expect(try await fixture.catalogue.find("daily", cluster: "a").id.cluster == "a")
        let ambiguous = await #expect(throws: VaultError.self) {
            try await fixture.catalogue.find("daily", cluster: nil)
        }
        #expect(ambiguous?.code == .invalid)
        let unknown = await #expect(throws: VaultError.self) {
            try await fixture.catalogue.find("hourly", cluster: nil)
        }
        #expect(unknown?.code == .notFound)
        #expect(unknown?.description.contains("'weekly' of cluster 'b'") == true)
    }

    @Test func `keeps names apart that are equal to Swift alone`() async throws {
        let fixture = try await Fixture()
        for name in ["\u{E9}", "e\u{301}"] {
            try await fixture.begin(try BackupID(cluster: "prod", backup: name), fixture.hosts[0])
        }
        #expect(try await fixture.catalogue.backups().count == 2)
        let found = try await fixture.catalogue.find("e\u{301}", cluster: nil)
        #expect(found.id.backup.utf8.count == 3)
    }

    @Test func `gives every node the intent of the first`() async throws {
        let fixture = try await Fixture()
        let id = try BackupID(cluster: "prod", backup: "daily")
        let first = try await fixture.begin(id, fixture.hosts[0], expecting: fixture.hosts)
        let second = try await fixture.begin(id, fixture.hosts[1], expecting: nil)
        #expect(first == second)
        #expect(second.expectedNodes == fixture.hosts)
    }

    @Test func `does not let a node begin that is done, or not expected`() async throws {
        let fixture = try await Fixture()
        let id = try BackupID(cluster: "prod", backup: "daily")
        try await fixture.begin(id, fixture.hosts[0], expecting: [fixture.hosts[0]])
        let stranger = await #expect(throws: VaultError.self) { try await fixture.begin(id, fixture.hosts[1]) }
        #expect(stranger?.code == .invalid)
        try await fixture.publish(id, fixture.hosts[0])
        let again = await #expect(throws: VaultError.self) { try await fixture.begin(id, fixture.hosts[0]) }
        #expect(again?.code == .exists)
    }

    @Test func `calls a backup complete when the last expected node has published`() async throws {
        let fixture = try await Fixture()
        let id = try BackupID(cluster: "prod", backup: "daily")
        let intent = try await fixture.begin(id, fixture.hosts[0], expecting: fixture.hosts)
        try await fixture.publish(id, fixture.hosts[1]) { $0.storedBytes = 5 }
        #expect(try await !fixture.catalogue.complete(id, intent))
        var listing = try await fixture.catalogue.find("daily", cluster: nil)
        var summary = try await fixture.catalogue.summary(of: listing)
        #expect(summary.state == .incomplete)
        #expect(summary.missingNodes == [fixture.hosts[0]])

        try await fixture.publish(id, fixture.hosts[0]) { $0.storedBytes = 7 }
        #expect(try await fixture.catalogue.complete(id, intent))
        #expect(try await fixture.catalogue.complete(id, intent))
        listing = try await fixture.catalogue.find("daily", cluster: nil)
        #expect(listing.isComplete)
        summary = try await fixture.catalogue.summary(of: listing)
        #expect(summary.state == .complete)
        #expect(summary.nodes == fixture.hosts)
        #expect(try await fixture.catalogue.detail(of: listing).nodes.map(\.hostId) == fixture.hosts)
        #expect(summary.totals.storedBytes == 12)
    }

    @Test func `tells of all backups in order, reading one small object of each complete one`() async throws {
        let fixture = try await Fixture()
        for index in 0..<70 {
            let id = try BackupID(cluster: index < 40 ? "prod" : "a", backup: "daily-\(index)")
            let intent = try await fixture.begin(id, fixture.hosts[0], expecting: fixture.hosts)
            for host in fixture.hosts { try await fixture.publish(id, host) { $0.storedBytes = Int64(index) } }
            #expect(try await fixture.catalogue.complete(id, intent))
        }
        let open = try BackupID(cluster: "prod", backup: "open")
        try await fixture.begin(open, fixture.hosts[0], expecting: fixture.hosts)
        try await fixture.publish(open, fixture.hosts[1])

        let measured = MeasuredStore(fixture.store)
        let catalogue = Catalogue(try await Vault.open(measured))
        let before = measured.counts
        let summaries = try await catalogue.summaries()
        let after = measured.counts
        // The open one costs its manifest and its intent, too.
        #expect(after.gets - before.gets == 70 + 2)
        #expect((after.getBytes - before.getBytes) / 72 < 1000)
        #expect(summaries.map(\.backup) == (try await catalogue.backups()).map(\.id.backup))
        #expect(summaries.count { $0.state == .complete } == 70)
        #expect(summaries.last?.missingNodes == [fixture.hosts[0]])
        #expect(summaries.first { $0.backup == "daily-7" }?.totals.storedBytes == 14)
        #expect(try await catalogue.summaries(ofCluster: "a").count == 30)
    }

    @Test func `finds a backup of a known cluster without listing all others`() async throws {
        let fixture = try await Fixture()
        for index in 0..<30 {
            try await fixture.begin(try BackupID(cluster: "prod", backup: "daily-\(index)"), fixture.hosts[0])
        }
        for key in fixture.store.keys where key.hasSuffix("daily-9/backup.json") { fixture.store[key] = [0x7B] }
        #expect(try await fixture.catalogue.find("daily-1", cluster: "prod").id.backup == "daily-1")
        let error = await #expect(throws: VaultError.self) {
            try await fixture.catalogue.find("daily-", cluster: "prod")
        }
        #expect(error?.code == .notFound)
        #expect(error?.description.contains("daily-9") == true)
    }

    @Test func `writes no complete.json where nobody said which nodes`() async throws {
        let fixture = try await Fixture()
        let id = try BackupID(cluster: "prod", backup: "daily")
        let intent = try await fixture.begin(id, fixture.hosts[0])
        try await fixture.publish(id, fixture.hosts[0])
        #expect(try await !fixture.catalogue.complete(id, intent))
        let summary = try await fixture.catalogue.summary(of: fixture.catalogue.find("daily", cluster: nil))
        #expect(summary.state == .complete)
        #expect(!fixture.store.keys.contains { $0.hasSuffix("complete.json") })
    }

    @Test func `sums up hostile totals without overflowing`() async throws {
        let fixture = try await Fixture()
        let id = try BackupID(cluster: "prod", backup: "daily")
        for host in fixture.hosts {
            try await fixture.publish(id, host) {
                $0.storedBytes = .max
                $0.reusedFiles = .min
            }
        }
        let summary = try await fixture.catalogue.summary(of: fixture.catalogue.find("daily", cluster: nil))
        #expect(summary.totals.storedBytes == .max)
        #expect(summary.totals.reusedFiles == .min)
    }

    @Test func `knows the manifest that a node published last of another backup`() async throws {
        let fixture = try await Fixture()
        let ids = try ["z", "a", "m"].map { try BackupID(cluster: "prod", backup: $0) }
        #expect(try await fixture.catalogue.latestManifest(of: fixture.hosts[0], besides: ids[0]) == nil)
        for id in ids { try await fixture.publish(id, fixture.hosts[0]) }
        try await fixture.publish(try BackupID(cluster: "other", backup: "x"), fixture.hosts[0])
        try await fixture.publish(try BackupID(cluster: "prod", backup: "x"), fixture.hosts[1])
        let key = try ids[2].manifestKey(fixture.hosts[0])
        #expect(try await fixture.catalogue.latestManifest(of: fixture.hosts[0], besides: ids[0]) == key)
        let before = try ids[1].manifestKey(fixture.hosts[0])
        #expect(try await fixture.catalogue.latestManifest(of: fixture.hosts[0], besides: ids[2]) == before)
    }

    @Test(arguments: [
        ("\"version\" : 1", "\"version\" : 2", VaultError.Code.unsupported), ("\"backup\",", "\"other\",", .damaged),
        ("{", "[", .damaged),
    ])
    func `refuses documents of a later version or another type`(
        text: String,
        other: String,
        code: VaultError.Code
    ) async throws {
        let fixture = try await Fixture()
        let id = try BackupID(cluster: "prod", backup: "daily")
        try await fixture.begin(id, fixture.hosts[0])
        let key = try id.intentKey.description
        let document = String(decoding: try #require(fixture.store[key]), as: UTF8.self)
        try #require(document.contains(text))
        fixture.store[key] = Array(document.replacing(text, with: other).utf8)
        let error = await #expect(throws: VaultError.self) { try await fixture.catalogue.intent(of: id) }
        #expect(error?.code == code)
    }

    @Test func `refuses a complete.json of a later version`() async throws {
        let fixture = try await Fixture()
        let id = try BackupID(cluster: "prod", backup: "daily")
        let completion = BackupCompletion(started: .now, finished: .now, nodes: [], totals: .init())
        let text = String(decoding: try Document.encode(completion), as: UTF8.self)
            .replacing("\"version\" : 1", with: "\"version\" : 2")
        fixture.store[try id.completionKey.description] = Array(text.utf8)
        let listing = try await fixture.catalogue.find("daily", cluster: nil)
        let error = await #expect(throws: VaultError.self) { try await fixture.catalogue.summary(of: listing) }
        #expect(error?.code == .unsupported)
    }
}
