import TestSupport
import Testing
import TransferEngine

@testable import ObjectStorage

@Suite(.timeLimit(.minutes(5))) struct `The contract of stores on real servers` {
    private static func check(_ server: RealServer, _ promise: StoreContract, _ scheme: String) async throws {
        // As it is always used: moto answers 500 at times where two write at once.
        let store = RetryingStore(try #require(server.access).store(scheme))
        try await promise.check(store)
        var keys: [ObjectKey] = []
        try await store.forEachObject(prefix: "") { keys.append($0.key) }
        #expect(try await store.delete(keys).isEmpty)
    }

    @Test(.running(.rgw), arguments: StoreContract.all)
    func `is kept by Ceph's gateway`(promise: StoreContract) async throws {
        try await Self.check(.rgw, promise, "ceph")
    }

    @Test(.running(.rgwTLS), arguments: StoreContract.all)
    func `is kept by Ceph's gateway behind TLS`(promise: StoreContract) async throws {
        try await Self.check(.rgwTLS, promise, "s3")
    }

    /// moto lets two creators in where bodies are large.
    @Test(.running(.moto), arguments: StoreContract.withoutExclusion)
    func `is kept by moto`(promise: StoreContract) async throws { try await Self.check(.moto, promise, "minio") }

    /// Swift answers 501 to the condition.
    @Test(.running(.swift), arguments: StoreContract.withoutExclusion)
    func `is kept by OpenStack Swift`(promise: StoreContract) async throws {
        try await Self.check(.swift, promise, "s3")
    }
}
