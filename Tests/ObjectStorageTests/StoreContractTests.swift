import ObjectStorage
import SystemPackage
import TestSupport
import Testing
import TransferEngine

@Suite struct `The contract of stores` {
    @Test(.timeLimit(.minutes(5)), arguments: StoreContract.all)
    func `is kept by the file store`(promise: StoreContract) async throws {
        try await withTemporaryDirectory { directory in
            try await promise.check(FileStore(root: directory.appending("vault"), io: IOExecutor(threads: 4)))
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: StoreContract.all)
    func `is kept by the memory store`(promise: StoreContract) async throws {
        try await promise.check(MemoryStore())
    }

    @Test(.timeLimit(.minutes(5)), arguments: StoreContract.all)
    func `is kept by a store that gives small pages`(promise: StoreContract) async throws {
        try await promise.check(MemoryStore(pageLimit: 2))
    }

    @Test(.timeLimit(.minutes(5)), arguments: StoreContract.all)
    func `is kept through all wrappers`(promise: StoreContract) async throws {
        let bucket = TokenBucket(.unlimited)
        let throttled = ThrottledStore(FaultyStore(MemoryStore(), script: []), upload: bucket, download: bucket)
        try await promise.check(RetryingStore(MeasuredStore(throttled)))
    }
}
