import TestSupport
import Testing
import TransferEngine

@testable import ObjectStorage

@Suite(.timeLimit(.minutes(5))) struct `A Google Cloud store` {
    /// The store under test on a fake cloud of its own, which is stopped in the end.
    static func withStore(
        _ options: FakeCloud.Options = FakeCloud.Options(),
        prefix: String = "backups/ring one",
        faults: (@Sendable (FakeCloud.Request) -> FakeCloud.Fault?)? = nil,
        settings: StoreSettings = StoreSettings(),
        _ body: (GoogleCloudStore, FakeCloud) async throws -> Void
    ) async throws {
        let cloud = FakeCloud(.googleCloud, options, faults: faults)
        defer { cloud.stop() }
        var settings = settings
        settings.endpoint = cloud.endpoint
        settings.secret = .given(StorageSecret([.gcp: cloud.serviceAccountKey]))
        let bucket = try BucketLocation("\(FakeCloud.bucket)/\(prefix)", of: "")
        let store = try GoogleCloudStore("gs", bucket, settings, io: IOExecutor(threads: 2))
        try await body(store, cloud)
    }

    @Test(arguments: StoreContract.all)
    func `keeps the contract with pages of three`(promise: StoreContract) async throws {
        var options = FakeCloud.Options()
        options.pageLimit = 3
        try await Self.withStore(options) { store, _ in try await promise.check(store) }
    }

    @Test(arguments: StoreContract.withoutExclusion)
    func `keeps the contract without a prefix where conditions are left out of account`(
        promise: StoreContract
    ) async throws {
        var options = FakeCloud.Options()
        options.conditional = .ignored
        options.requestsPerConnection = 7
        try await Self.withStore(options, prefix: "") { store, _ in try await promise.check(store) }
    }

    @Test(arguments: StoreContract.withoutExclusion)
    func `keeps the contract when repeated through faults that pass`(promise: StoreContract) async throws {
        let random = FakeCloud.randomFaults(seed: 11, share: 0.1)
        let faults: @Sendable (FakeCloud.Request) -> FakeCloud.Fault? = { request in
            // Whose answer is lost, that one cannot know whether it was the creator.
            request.target.contains("ifGenerationMatch") ? nil : random(request)
        }
        try await Self.withStore(faults: faults) { store, _ in
            try await promise.check(RetryingStore(store, clock: ManualClock(advancesItself: true)))
        }
    }

    /// The emulator gives all objects in one page, whatever limit is asked for.
    private static let promisesOfTheEmulator = StoreContract.withoutExclusion.filter { promise in
        !["pages of every size", "a listing goes on where", "texts that look alike"]
            .contains { promise.testDescription.hasPrefix($0) }
    }

    @Test(.running(.googleCloudEmulator), arguments: promisesOfTheEmulator)
    func `keeps the contract on the emulator, as far as that knows pages`(promise: StoreContract) async throws {
        #expect(Self.promisesOfTheEmulator.count == StoreContract.withoutExclusion.count - 3)
        let access = try #require(RealServer.googleCloudEmulator.access)
        var settings = StoreSettings()
        settings.environment = ["STORAGE_EMULATOR_HOST": access.url]
        let prefix = "google/\(UInt64.random(in: 0 ... .max))"
        let bucket = try BucketLocation("\(access.bucket)/\(prefix)", of: "")
        let store = try GoogleCloudStore("gcp", bucket, settings, io: IOExecutor(threads: 2))
        try await promise.check(store)
    }

    @Test func `is named as people write it`() throws {
        let io = IOExecutor(threads: 1)
        for (scheme, text, name) in [
            ("gs", "bucket/a/b", "gs://bucket/a/b"), ("gcp", "bucket/", "gcp://bucket"), ("gs", "b.c_d", "gs://b.c_d"),
        ] {
            let bucket = try BucketLocation(text, of: "")
            #expect(try GoogleCloudStore(scheme, bucket, StoreSettings(), io: io).location == name)
        }
    }

    @Test func `asks each time for the prefix, the fields and the names as one part of the path`() async throws {
        try await Self.withStore(prefix: "deep/pre fix") { store, cloud in
            let key = try ObjectKey("a/ü+%")
            _ = try await store.put([1], key)
            _ = try await store.head(key)
            _ = try await store.list(prefix: "a/", from: nil, limit: 5)
            let targets = cloud.requests.map(\.target)
            let name = "deep%2Fpre%20fix%2Fa%2F%C3%BC%2B%25"
            #expect(targets.contains("/storage/v1/b/vault/o/\(name)?fields=name%2Csize%2Cupdated%2Ccrc32c"))
            let query =
                "prefix=deep%2Fpre%20fix%2Fa%2F&maxResults=5&fields=nextPageToken%2Citems%28name%2Csize%2Cupdated%2Ccrc32c%29"
            #expect(targets.contains("/storage/v1/b/vault/o?\(query)"))
            #expect(cloud["deep/pre fix/a/ü+%"] == [1])
        }
    }

    // MARK: Reading

    @Test func `tells the checksum that the service keeps, by look and by listing`() async throws {
        try await Self.withStore { store, _ in
            let bytes = Content.random(1000)
            let key = try ObjectKey("a")
            _ = try await store.put(bytes, key)
            var sum = CRC32C()
            sum.update(bytes.span)
            #expect(try await store.head(key)?.crc32c == sum.value)
            #expect(try await store.list(prefix: "", from: nil, limit: 5).objects.first?.crc32c == sum.value)
        }
    }

    private static func onEveryGet(
        _ fault: FakeCloud.Fault
    ) -> @Sendable (FakeCloud.Request) -> FakeCloud.Fault? {
        { $0.operation == .get ? fault : nil }
    }

    @Test(arguments: FakeCloud.Fault.lying + [.gzip, .truncated(by: 7), .resetInAnswer(after: 10)])
    func `gives no bytes of an object that is not as the store keeps it`(fault: FakeCloud.Fault) async throws {
        try await Self.withStore(faults: Self.onEveryGet(fault)) { store, _ in
            let key = try ObjectKey("a")
            _ = try await store.put(Content.repetitive(100_000), key)
            _ = try await store.put(Content.random(100_000), .of("b"))
            var buffer = BufferLease(holding: [9], spare: 200_000)
            do throws(StoreError) {
                let info = try await store.get(key, range: nil, into: &buffer)
                Issue.record("got \(info) in spite of \(fault)")
            } catch {
                #expect([.unavailable, .corrupt].contains(error.code), "\(error)")
            }
            let kept = buffer.array
            #expect(kept == [9])
        }
    }

    @Test func `takes the whole object for a range only where it is the range`() async throws {
        try await Self.withStore(faults: Self.onEveryGet(.rangeIgnored)) { store, _ in
            let key = try ObjectKey("a")
            let bytes = Content.random(1000)
            _ = try await store.put(bytes, key)
            #expect(try await store.bytes(key, 0..<1000) == bytes)
            #expect(try await store.bytes(key, 0..<5000) == bytes)
            await expectError(.corrupt) { _ = try await store.bytes(key, 500..<1000, capacity: 2000) }
            await expectError(.corrupt) { _ = try await store.bytes(key, 0..<500, capacity: 2000) }
        }
    }

    @Test func `wants nothing decompressed`() async throws {
        try await Self.withStore { store, cloud in
            let key = try ObjectKey("a")
            _ = try await store.put([1], key)
            _ = try await store.bytes(key)
            let get = try #require(cloud.requests.last { $0.operation == .get })
            #expect(get.header("Accept-Encoding") == "gzip")
        }
    }

    @Test func `takes no bytes for those of a range only at the object's end`() async throws {
        let refuse = FakeCloud.Fault.refuse(416, code: "requestedRangeNotSatisfiable")
        try await Self.withStore(faults: Self.onEveryGet(refuse)) { store, _ in
            let key = try ObjectKey("a")
            _ = try await store.put([UInt8](repeating: 1, count: 10), key)
            await expectError(.unavailable) { _ = try await store.bytes(key) }
            await expectError(.unavailable) { _ = try await store.bytes(key, 9..<20) }
            #expect(try await store.bytes(key, 10..<20) == [])
            await expectError(.badRange) { _ = try await store.bytes(key, 11..<20) }
            await expectError(.notFound) { _ = try await store.bytes(.of("none"), 0..<1) }
        }
    }

    // MARK: Create-only

    @Test func `looks first and learns from a small put that an endpoint keeps to the condition`() async throws {
        try await Self.withStore { store, cloud in
            let heads = { cloud.requests.filter { $0.operation == .head }.count }
            let large = try await store.put(Content.random(100_000), .of("large"), .onlyIfAbsent)
            #expect(large == .stored)
            #expect(heads() == 1)
            #expect(try await store.put([1], .of("small"), .onlyIfAbsent) == .stored)
            #expect(heads() == 2)
            #expect(try await store.put([1], .of("next"), .onlyIfAbsent) == .stored)
            #expect(try await store.put([2], .of("next"), .onlyIfAbsent) == .existed)
            #expect(heads() == 2)
        }
    }

    @Test func `goes on looking where the condition is left out of account`() async throws {
        var options = FakeCloud.Options()
        options.conditional = .ignored
        try await Self.withStore(options) { store, cloud in
            for index in 0..<3 {
                let key = try ObjectKey("\(index)")
                #expect(try await store.put([1], key, .onlyIfAbsent) == .stored)
                #expect(try await store.put([2], key, .onlyIfAbsent) == .existed)
                #expect(try await store.bytes(key) == [1])
            }
            #expect(cloud.requests.filter { $0.operation == .head }.count == 6)
        }
    }

    @Test func `believes Google that it keeps to the condition`() throws {
        for (endpoint, isGoogle) in [
            (nil, true), ("https://storage.googleapis.com/", true), ("https://storage-x.p.googleapis.com", true),
            ("http://storage.googleapis.com", false), ("https://googleapis.com.evil.example", false),
            ("https://evilgoogleapis.com", false), ("https://127.0.0.1:4443", false),
        ] {
            var settings = StoreSettings()
            settings.endpoint = endpoint
            #expect(try GoogleEndpoint(settings, bucket: "b").isGoogle == isGoogle, "\(endpoint ?? "none")")
        }
    }
}

extension ObjectKey {
    /// A text that is known to be a key.
    static func of(_ text: String) -> ObjectKey {
        guard let key = try? ObjectKey(text) else { preconditionFailure("\(text) is no key") }
        return key
    }
}
