package import ObjectStorage
package import TransferEngine

/// Objects in memory, as strict as the contract allows.
package final class MemoryStore: ObjectStore {
    private struct Object {
        var bytes: [UInt8]
        var modified: Int64
    }

    private let objects = ThreadLock<[ObjectKey: Object]>([:])
    private let ignoresConditions: Bool
    private let pageLimit: Int
    private let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - ignoresConditions: whether `.onlyIfAbsent` overwrites, as it silently does on some S3 imitations.
    ///   - pageLimit: the most keys in a page, whatever the caller asks for.
    ///   - now: the store's clock, in seconds since 1970.
    package init(
        ignoresConditions: Bool = false,
        pageLimit: Int = .max,
        now: @escaping @Sendable () -> Int64 = { 1_700_000_000 }
    ) {
        self.ignoresConditions = ignoresConditions
        self.pageLimit = pageLimit
        self.now = now
    }

    package var location: String { "memory://" }

    /// All keys in order of their bytes.
    package var keys: [String] { objects.withLock { $0.keys.sorted().map(\.description) } }

    /// Looks at an object, or changes, makes or removes it, past the protocol: what time and accidents do to a store.
    package subscript(key: String) -> [UInt8]? {
        get {
            guard let key = try? ObjectKey(key) else { return nil }
            return objects.withLock { $0[key]?.bytes }
        }
        set {
            guard let key = try? ObjectKey(key) else { preconditionFailure("no key") }
            let modified = now()
            objects.withLock { $0[key] = newValue.map { Object(bytes: $0, modified: modified) } }
        }
    }

    package func put(
        _ body: borrowing BufferLease,
        at key: ObjectKey,
        _ condition: PutCondition,
        digest: SHA256Digest?
    ) async throws(StoreError) -> PutResult {
        try check("put", key)
        let object = Object(bytes: body.array, modified: now())
        return objects.withLock { objects in
            if condition == .onlyIfAbsent, !ignoresConditions, objects[key] != nil { return .existed }
            objects[key] = object
            return .stored
        }
    }

    package func get(
        _ key: ObjectKey,
        range: Range<Int64>?,
        into buffer: inout BufferLease
    ) async throws(StoreError) -> ObjectInfo {
        try check("get", key)
        guard let object = objects.withLock({ $0[key] }) else { throw StoreError(.notFound, "get", key) }
        let size = Int64(object.bytes.count)
        let wanted = range ?? 0..<size
        guard wanted.lowerBound <= size else { throw StoreError(.badRange, "get", key) }
        let clamped = Int(wanted.lowerBound)..<Int(min(wanted.upperBound, size))
        guard clamped.count <= buffer.capacity - buffer.count else { throw StoreError(.badRange, "get", key) }
        buffer.add(Array(object.bytes[clamped]))
        return ObjectInfo(key: key, size: size, modified: object.modified)
    }

    package func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? {
        try check("head", key)
        return objects.withLock { $0[key] }.map {
            ObjectInfo(key: key, size: Int64($0.bytes.count), modified: $0.modified)
        }
    }

    package func delete(_ key: ObjectKey) async throws(StoreError) {
        try check("delete", key)
        objects.withLock { $0[key] = nil }
    }

    package func list(prefix: String, from cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        if Task.isCancelled { throw StoreError(.cancelled, "list", prefix) }
        let after = cursor.flatMap { try? ObjectKey($0.text) }
        let found = objects.withLock { objects in
            objects.filter { key, _ in
                key.description.utf8.starts(with: prefix.utf8) && after.map { $0 < key } ?? true
            }
        }
        let sorted = found.sorted { $0.key < $1.key }
        let page = sorted.prefix(max(1, min(limit, pageLimit))).map { key, object in
            ObjectInfo(key: key, size: Int64(object.bytes.count), modified: object.modified)
        }
        let next = page.count < sorted.count ? page.last.map { ListCursor($0.key.description) } : nil
        return ListPage(objects: page, next: next)
    }

    private func check(_ operation: String, _ key: ObjectKey) throws(StoreError) {
        if Task.isCancelled { throw StoreError(.cancelled, operation, key) }
    }
}
