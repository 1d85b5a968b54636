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
        try await promise.check(RetryingStore(MeasuredStore(FaultyStore(MemoryStore(), script: []))))
    }
}

@Suite(.timeLimit(.minutes(5))) struct `A listing` {
    /// Gives pages by a rule, and nothing else.
    private struct PagedStore: ObjectStore {
        let page: @Sendable (Int) -> (keys: [String], hasMore: Bool)
        let location = "paged"

        func list(prefix: String, from cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
            let number = cursor.flatMap { Int($0.text) } ?? 0
            let (keys, hasMore) = page(number)
            let objects = keys.compactMap { try? ObjectKey($0) }.map { ObjectInfo(key: $0, size: 1, modified: 0) }
            return ListPage(objects: objects, next: hasMore ? ListCursor("\(number + 1)") : nil)
        }

        func put(
            _ body: borrowing BufferLease,
            at key: ObjectKey,
            _ condition: PutCondition,
            digest: SHA256Digest?
        ) async throws(StoreError) -> PutResult { throw StoreError(.refused, "put", key) }

        func get(
            _ key: ObjectKey,
            range: Range<Int64>?,
            into buffer: inout BufferLease
        ) async throws(StoreError) -> ObjectInfo { throw StoreError(.refused, "get", key) }

        func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? { nil }
        func delete(_ key: ObjectKey) async throws(StoreError) {}
    }

    private func walk(_ page: @escaping @Sendable (Int) -> (keys: [String], hasMore: Bool)) async throws -> [String] {
        var keys: [String] = []
        try await PagedStore(page: page).forEachObject(prefix: "") { keys.append($0.key.description) }
        return keys
    }

    @Test func `goes over empty pages`() async throws {
        #expect(try await walk { ($0 == 999 ? ["a"] : [], $0 < 999) } == ["a"])
    }

    @Test func `that never ends is an error`() async {
        await expectError(.corrupt) { _ = try await walk { _ in ([], true) } }
    }

    @Test func `that goes backwards or repeats a key is an error`() async {
        await expectError(.corrupt) { _ = try await walk { ($0 == 0 ? ["b"] : ["a"], $0 < 1) } }
        await expectError(.corrupt) { _ = try await walk { _ in (["a"], true) } }
    }
}
