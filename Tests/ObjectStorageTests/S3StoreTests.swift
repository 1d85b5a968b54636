import TestSupport
import Testing
import TransferEngine

@testable import ObjectStorage

@Suite(.timeLimit(.minutes(5))) struct `An S3 store` {
    /// The store under test on a fake cloud of its own, which is stopped in the end.
    static func withStore(
        _ options: FakeCloud.Options = FakeCloud.Options(),
        prefix: String = "backups/ring one",
        faults: (@Sendable (FakeCloud.Request) -> FakeCloud.Fault?)? = nil,
        settings change: (inout StoreSettings, FakeCloud) -> Void = { _, _ in },
        _ body: (S3Store, FakeCloud) async throws -> Void
    ) async throws {
        let cloud = FakeCloud(.s3, options, faults: faults)
        defer { cloud.stop() }
        var settings = CloudProvider.s3.settings(for: cloud)
        change(&settings, cloud)
        let bucket = try BucketLocation("\(FakeCloud.bucket)/\(prefix)", of: "")
        let store = try S3Store(.s3, bucket, settings, io: IOExecutor(threads: 2))
        try await body(store, cloud)
    }

    @Test(arguments: StoreContract.all)
    func `keeps the contract`(promise: StoreContract) async throws {
        try await Self.withStore { store, _ in try await promise.check(store) }
    }

    @Test(arguments: StoreContract.withoutExclusion)
    func `keeps the contract with pages of three, no condition, no checksums and no DeleteObjects`(
        promise: StoreContract
    ) async throws {
        var options = FakeCloud.Options()
        options.pageLimit = 3
        options.conditional = .notImplemented
        options.checksums = []
        options.unknownChecksum = .notImplemented
        options.batchDelete = .notImplemented
        options.refusesHead = true
        options.etags = .random
        options.requestsPerConnection = 7
        try await Self.withStore(options, prefix: "") { store, _ in try await promise.check(store) }
    }

    @Test(arguments: StoreContract.withoutExclusion)
    func `keeps the contract where the condition is left out of account`(promise: StoreContract) async throws {
        var options = FakeCloud.Options()
        options.conditional = .ignored
        options.acceptsUnsignedPayload = false
        try await Self.withStore(options) { store, _ in try await promise.check(store) }
    }

    @Test func `tells the checksum that an object was put with`() async throws {
        let bytes = Content.random(1000)
        let key = try ObjectKey("a")
        var sum = CRC32C()
        sum.update(bytes.span)
        for (checksum, told) in [(ContentChecksum.crc32c, sum.value), (.md5, nil)] {
            let change = { (settings: inout StoreSettings, _: FakeCloud) in settings.checksum = checksum }
            try await Self.withStore(settings: change) { store, _ in
                _ = try await store.put(bytes, key)
                #expect(try await store.head(key)?.crc32c == told)
            }
        }
    }

    @Test(arguments: [403, 400])
    func `is asked for no checksum where that alone is refused`(status: Int) async throws {
        @Sendable func asks(_ request: FakeCloud.Request) -> Bool {
            request.headers.contains { $0.name.lowercased() == "x-amz-checksum-mode" }
        }
        let faults = { @Sendable (request: FakeCloud.Request) in
            asks(request) ? FakeCloud.Fault.refuse(status, code: "No") : nil
        }
        try await Self.withStore(faults: faults) { store, cloud in
            let key = try ObjectKey("a")
            _ = try await store.put([1, 2, 3], key)
            for _ in 0..<3 { #expect(try await store.head(key)?.size == 3) }
            let looks = cloud.requests.filter { $0.operation == .head }
            // The client may have asked twice, to see whether fresh credentials help.
            #expect(looks.prefix(2).contains { asks($0) })
            #expect(!looks.suffix(2).contains { asks($0) })
        }
    }
}
