import TestSupport
import Testing
import TransferEngine

@testable import ObjectStorage

@Suite(.timeLimit(.minutes(5))) struct `An Azure store` {
    @Test(arguments: StoreContract.all)
    func `keeps the contract`(promise: StoreContract) async throws {
        try await AzureFake.with { store, _ in try await promise.check(store) }
    }

    @Test(arguments: StoreContract.all)
    func `keeps the contract with pages of three, MD5 and short connections`(promise: StoreContract) async throws {
        var options = FakeCloud.Options()
        options.pageLimit = 3
        options.etags = .random
        options.requestsPerConnection = 7
        try await AzureFake.with(
            options,
            prefix: "",
            settings: AzureFake.setting(\.checksum, .md5),
            { store, _ in try await promise.check(store) }
        )
    }

    /// Where Azure itself drops dots, and the account is in the host.
    @Test(arguments: StoreContract.all.filter { !$0.testDescription.hasPrefix("odd but valid keys") })
    func `keeps the contract with the account in the host and a SAS token`(promise: StoreContract) async throws {
        let fixture = try SignatureFixture.load(`Signatures of Azure requests`.Fixture.self, "azure.json")
        var options = FakeCloud.Options()
        options.now = { AzureFake.time }
        try await AzureFake.with(
            options,
            settings: { settings, cloud in
                settings.endpoint = "http://\(FakeCloud.account).blob.localhost:\(cloud.port)"
                settings.environment = ["AZURE_STORAGE_SAS_TOKEN": "?\(fixture.account_sas)\n"]
            },
            { store, cloud in
                try await promise.check(store)
                #expect(cloud.requests.allSatisfy { $0.header("Authorization") == nil })
            }
        )
    }

    @Test func `sends a checksum, the tier and the scope with each blob`() async throws {
        let change: AzureFake.Change = { settings, _ in
            settings.storageClass = "Cool"
            settings.encryption = .key("ring-scope")
        }
        try await AzureFake.with(settings: change) { store, cloud in
            _ = try await store.put([1, 2, 3], try ObjectKey("a"), .onlyIfAbsent)
            let put = try #require(cloud.requests.first)
            #expect(put.method == "PUT")
            #expect(put.path == "/devstoreaccount1/vault/backups/ring%20one/a")
            #expect(put.header("x-ms-blob-type") == "BlockBlob")
            #expect(put.header("x-ms-version") == "2021-12-02")
            #expect(put.header("x-ms-access-tier") == "Cool")
            #expect(put.header("x-ms-encryption-scope") == "ring-scope")
            #expect(put.header("If-None-Match") == "*")
            #expect(put.header("x-ms-content-crc64")?.count == 12)
            #expect(put.header("Content-MD5") == nil)
            #expect(store.location == "azure://vault/backups/ring one")
        }
    }

    @Test(arguments: [
        (500, "FeatureNotSupported"), (400, "InvalidHeaderValue"), (400, "UnsupportedHeader"), (501, "NotImplemented"),
    ])
    func `sends MD5 to a store that takes no CRC64, and asks it only once`(status: Int, code: String) async throws {
        let faults: AzureFake.Faults = { request in
            request.header("x-ms-content-crc64") == nil ? nil : .refuse(status, code: code)
        }
        try await AzureFake.with(faults: faults) { store, cloud in
            for index in 0..<3 {
                let key = try ObjectKey("\(index)")
                #expect(try await store.put([1], key, .onlyIfAbsent) == .stored)
            }
            let puts = cloud.requests.filter { $0.operation == .put }
            #expect(puts.map(\.status) == [status, 201, 201, 201])
            #expect(puts.dropFirst().allSatisfy { $0.header("Content-MD5") == "VaVACK0bpYmqIQ0mKcHfQQ==" })
        }
    }

    @Test func `sends MD5 to a store that leaves CRC64 out of account`() async throws {
        let server = HTTPFaultServer(["/": .answer(201)])
        defer { server.stop() }
        let store = try AzureFake.store(server)
        for index in 0..<3 { _ = try await store.put([1], try ObjectKey("\(index)")) }
        #expect(server.seen.map { $0.header("x-ms-content-crc64") != nil } == [true, false, false])
        #expect(server.seen.map { $0.header("Content-MD5") != nil } == [false, true, true])
    }

    @Test func `sends the checksum that was asked for and no other`() async throws {
        let faults: AzureFake.Faults = { request in
            request.header("x-ms-content-crc64") == nil ? nil : .refuse(400, code: "UnsupportedHeader")
        }
        let change: AzureFake.Change = { settings, _ in settings.checksum = .crc64 }
        try await AzureFake.with(faults: faults, settings: change) { store, cloud in
            await expectError(.refused) { _ = try await store.put([1], try ObjectKey("a")) }
            #expect(cloud.requests.count == 1)
        }
        try await AzureFake.with(settings: AzureFake.setting(\.checksum, .none)) { store, cloud in
            _ = try await store.put([1], try ObjectKey("a"))
            #expect(cloud.requests.first?.header("x-ms-content-crc64") == nil)
            #expect(cloud.requests.first?.header("Content-MD5") == nil)
        }
    }

    @Test(arguments: ["Md5Mismatch", "Crc64Mismatch"])
    func `sends again what was damaged on the way`(code: String) async throws {
        let faults: AzureFake.Faults = { request in
            request.index == 0 ? .refuse(400, code: code) : nil
        }
        try await AzureFake.with(faults: faults) { store, cloud in
            let patient = RetryingStore(store, clock: ManualClock(advancesItself: true))
            let key = try ObjectKey("a")
            #expect(try await patient.put([1], key, .onlyIfAbsent) == .stored)
            #expect(cloud.requests.count == 2)
        }
    }

    @Test func `removes what the store says it holds in other bytes, and that alone`() async throws {
        let answer: [String] = ["x-ms-content-crc64: AAAAAAAAAAA=", "ETag: \"0x1\""]
        let path = "/devstoreaccount1/vault/a"
        let server = HTTPFaultServer([path: .answer(201, headers: answer)])
        defer { server.stop() }
        let store = try AzureFake.store(server)
        await expectError(.unavailable) { _ = try await store.put([1], try ObjectKey("a"), .onlyIfAbsent) }
        #expect(server.seen.map(\.method) == ["PUT", "DELETE"])
        #expect(server.seen.last?.header("If-Match") == "\"0x1\"")
    }

    @Test(arguments: [
        (409, "BlobAlreadyExists"), (412, "ConditionNotMet"), (403, "UnauthorizedBlobOverwrite"),
    ])
    func `knows each way to say that a blob exists`(status: Int, code: String) async throws {
        try await AzureFake.with(faults: AzureFake.each(.refuse(status, code: code))) { store, _ in
            let key = try ObjectKey("a")
            #expect(try await store.put([1], key, .onlyIfAbsent) == .existed)
            await #expect(throws: StoreError.self) { _ = try await store.put([1], try ObjectKey("a"), .always) }
        }
    }

    @Test(
        arguments: [
            (409, "ContainerBeingDeleted", .refused), (412, "LeaseIdMissing", .accessDenied),
            (409, "SnapshotsPresent", .accessDenied), (404, "ContainerNotFound", .noBucket),
            (409, "AccountBeingCreated", .unavailable),
        ] as [(Int, String, StoreError.Code)]
    )
    func `takes no other conflict for a blob that exists`(
        status: Int,
        code: String,
        meaning: StoreError.Code
    ) async throws {
        try await AzureFake.with(faults: AzureFake.each(.refuse(status, code: code))) { store, _ in
            await expectError(meaning) { _ = try await store.put([1], try ObjectKey("a"), .onlyIfAbsent) }
        }
    }

    @Test func `tells a missing container from a missing blob`() async throws {
        try await AzureFake.with(faults: AzureFake.each(.refuse(404, code: "ContainerNotFound"))) { store, _ in
            let key = try ObjectKey("a")
            await expectError(.noBucket) { _ = try await store.head(key) }
            await expectError(.noBucket) { _ = try await store.bytes(key) }
            await expectError(.noBucket) { try await store.delete(key) }
            await expectError(.noBucket) { _ = try await store.list(prefix: "", from: nil, limit: 1) }
            let error = await #expect(throws: StoreError.self) { _ = try await store.head(key) }
            #expect(error?.description.contains("make the container 'vault'") == true)
        }
        try await AzureFake.with(faults: AzureFake.each(.refuse(404, code: "BlobNotFound"))) { store, _ in
            let key = try ObjectKey("a")
            #expect(try await store.head(key) == nil)
            try await store.delete(try ObjectKey("a"))
        }
    }

    @Test(arguments: [.rangeIgnored, .gzip] as [FakeCloud.Fault])
    func `gives no other bytes than those asked for`(fault: FakeCloud.Fault) async throws {
        let bytes = Content.random(5000)
        let key = try ObjectKey("a")
        try await AzureFake.with(faults: AzureFake.each(fault, of: .get)) { store, _ in
            _ = try await store.put(bytes, key)
            var buffer = BufferLease(holding: [7], spare: 10_000)
            await expectError(.corrupt) { _ = try await store.get(key, range: 100..<200, into: &buffer) }
            let kept = buffer.array
            #expect(kept == [7])
        }
    }

    @Test func `takes a whole object for a range that holds it`() async throws {
        try await AzureFake.with(faults: AzureFake.each(.rangeIgnored, of: .get)) { store, _ in
            _ = try await store.put([1, 2, 3], try ObjectKey("a"))
            let key = try ObjectKey("a")
            #expect(try await store.bytes(key, 0..<10) == [1, 2, 3])
            await expectError(.corrupt) { _ = try await store.bytes(try ObjectKey("a"), 0..<2, capacity: 5) }
        }
    }

    @Test func `knows the size of a blob that a range lies behind, also where the refusal does not tell it`()
        async throws
    {
        let faults: AzureFake.Faults = { request in
            request.operation == .get ? .refuse(416, code: "InvalidRange") : nil
        }
        try await AzureFake.with(faults: faults) { store, _ in
            _ = try await store.put([1, 2, 3], try ObjectKey("a"))
            let key = try ObjectKey("a")
            #expect(try await store.bytes(key, 3..<10) == [])
            await expectError(.badRange) { _ = try await store.bytes(try ObjectKey("a"), 4..<10) }
        }
    }

    @Test(arguments: ["x-ms-resource-type: directory", "x-ms-meta-hdi_isfolder: true"])
    func `takes a directory for no object`(header: String) async throws {
        let server = HTTPFaultServer(["/": .answer(200, headers: [header, "Content-Length: 0"])])
        defer { server.stop() }
        let store = try AzureFake.store(server)
        let key = try ObjectKey("a")
        #expect(try await store.head(key) == nil)
        await expectError(.notFound) { _ = try await store.bytes(try ObjectKey("a")) }
    }

    @Test func `believes no success that is none of Azure's`() async throws {
        let server = HTTPFaultServer(["/": .answer(200, body: Array("<html>Sign in</html>".utf8))])
        defer { server.stop() }
        let store = try AzureFake.store(server)
        let key = try ObjectKey("a")
        await expectError(.unavailable) { _ = try await store.put([1], key) }
        await expectError(.unavailable) { try await store.delete(key) }
        await expectError(.unavailable) { _ = try await store.list(prefix: "", from: nil, limit: 10) }
    }

    @Test(arguments: ["a./b", "a.", "...", "a/b..", "../a"])
    func `refuses keys that Azure would take for others`(text: String) async throws {
        guard let key = try? ObjectKey(text) else { return }
        let change: AzureFake.Change = { settings, cloud in
            settings.endpoint = "http://\(FakeCloud.account).blob.localhost:\(cloud.port)"
        }
        try await AzureFake.with(settings: change) { store, cloud in
            await expectError(.refused) { _ = try await store.put([1], key) }
            await expectError(.refused) { _ = try await store.head(key) }
            await expectError(.refused) { _ = try await store.bytes(key) }
            await expectError(.refused) { try await store.delete(key) }
            #expect(cloud.requests.isEmpty)
            let fine = try ObjectKey(".a/..b/c.d")
            #expect(try await store.put([1], fine) == .stored)
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: [UInt64(1), 2, 3])
    func `gets everything done through passing faults`(seed: UInt64) async throws {
        let random = FakeCloud.randomFaults(seed: seed, share: 0.3)
        let faults: AzureFake.Faults = { request in
            let fault = random(request)
            // A look that states a wrong length nobody can tell from a true one.
            return request.operation == .head && fault == .truncated(by: 7) ? nil : fault
        }
        try await AzureFake.with(faults: faults) { store, cloud in
            let patient = RetryingStore(store, clock: ManualClock(advancesItself: true))
            for index in 0..<30 {
                let key = try ObjectKey("k/\(index)")
                let bytes = Content.random(3000 + index, seed: UInt64(index))
                _ = try await patient.put(bytes, key, .onlyIfAbsent)
                #expect(try await patient.bytes(key) == bytes)
                #expect(try await patient.head(key)?.size == Int64(bytes.count))
            }
            #expect(try await patient.keys(prefix: "k/").count == 30)
            let keys = try (0..<30).map { try ObjectKey("k/\($0)") }
            #expect(try await patient.delete(keys).isEmpty)
            #expect(cloud.objects.isEmpty)
        }
    }

    @Test(arguments: [.samePage, .foreignKeys, .keysGoBack] as [FakeCloud.Fault])
    func `lets no false listing pass for a true one`(fault: FakeCloud.Fault) async throws {
        var options = FakeCloud.Options()
        options.pageLimit = 3
        try await AzureFake.with(options, faults: AzureFake.each(fault, of: .list)) { store, _ in
            for index in 0..<8 { _ = try await store.put([1], try ObjectKey("k/\(index)")) }
            await expectError(.corrupt) { try await store.forEachObject(prefix: "k/") { _ in } }
        }
    }
}
