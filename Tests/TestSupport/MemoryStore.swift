internal import Glibc
package import ObjectStorage
package import TransferEngine

/// Objects in memory, as strict as the contract allows.
///
/// Calls that fail, die or wait are `FaultyStore`'s. What only a store can do is here: a clock of its own, pages of any
/// length, conditions that are ignored, and objects that are locked against removal.
package final class MemoryStore: ObjectStore {
    private struct Object {
        let key: ObjectKey
        /// Of the key: what a listing is ordered by.
        let name: [UInt8]
        let bytes: [UInt8]
        let modified: Int64
    }

    private struct State {
        /// In order of their names.
        var objects: [Object] = []
        var isLocked: (@Sendable (String) -> Bool)?
    }

    private let state = ThreadLock(State())
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

    // MARK: What tests see and do

    /// All keys in order of their bytes.
    package var keys: [String] { state.withLock { $0.objects.map(\.key.description) } }

    /// Looks at an object, or changes, makes or removes it, past the protocol: what time and accidents do to a store.
    package subscript(key: String) -> [UInt8]? {
        get { state.withLock { Self.find(Array(key.utf8), in: $0).object?.bytes } }
        set {
            guard let key = try? ObjectKey(key) else { preconditionFailure("no key") }
            let modified = now()
            state.withLock { Self.set(newValue, modified, at: key, in: &$0) }
        }
    }

    /// When the object was put last, by the store's clock; nil if there is none.
    package func modified(_ key: String) -> Int64? {
        state.withLock { Self.find(Array(key.utf8), in: $0).object?.modified }
    }

    /// Objects whose removal is denied from now on, as a retention period does; nil: none.
    package func lock(_ isLocked: (@Sendable (String) -> Bool)?) {
        state.withLock { $0.isLocked = isLocked }
    }

    // MARK: ObjectStore

    package func put(
        _ body: borrowing BufferLease,
        at key: ObjectKey,
        _ condition: PutCondition,
        digest: SHA256Digest?
    ) async throws(StoreError) -> PutResult {
        try check("put", key)
        let (bytes, modified) = (body.array, now())
        return state.withLock { state in
            if condition == .onlyIfAbsent, !ignoresConditions, Self.find(key, in: state).object != nil {
                return .existed
            }
            Self.set(bytes, modified, at: key, in: &state)
            return .stored
        }
    }

    package func get(
        _ key: ObjectKey,
        range: Range<Int64>?,
        into buffer: inout BufferLease
    ) async throws(StoreError) -> ObjectInfo {
        try check("get", key)
        guard let object = state.withLock({ Self.find(key, in: $0).object }) else {
            throw StoreError(.notFound, "get", key)
        }
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
        return state.withLock { Self.find(key, in: $0).object.map(Self.info) }
    }

    package func delete(_ key: ObjectKey) async throws(StoreError) {
        try check("delete", key)
        try state.withLock { state throws(StoreError) in
            if let isLocked = state.isLocked, isLocked(key.description) {
                throw StoreError(.accessDenied, "delete", key)
            }
            Self.set(nil, 0, at: key, in: &state)
        }
    }

    /// At once, so that nothing comes between.
    package func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [DeleteFailure] {
        var failures: [DeleteFailure] = []
        for key in keys {
            do throws(StoreError) {
                try await delete(key)
            } catch {
                if error.code == .cancelled { throw error }
                failures.append(DeleteFailure(key: key, error: error))
            }
        }
        return failures
    }

    package func list(prefix: String, from cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        if Task.isCancelled { throw StoreError(.cancelled, "list", prefix) }
        let wanted = max(1, min(limit, pageLimit))
        let prefix = Array(prefix.utf8)
        return state.withLock { state in
            // Behind the key that ended the page before: its own place and one more.
            let after = cursor.map { Array($0.text.utf8) + [0] }
            let start = Self.find(after ?? prefix, in: state).index
            var found: [ObjectInfo] = []
            for object in state.objects[start...] {
                guard Self.begins(object.name, with: prefix) else { break }
                if found.count == wanted {
                    return ListPage(objects: found, next: found.last.map { ListCursor($0.key.description) })
                }
                found.append(Self.info(object))
            }
            return ListPage(objects: found, next: nil)
        }
    }

    // MARK: The array

    private static func find(_ key: ObjectKey, in state: State) -> (index: Int, object: Object?) {
        find(Array(key.description.utf8), in: state)
    }

    /// Where `name` stands or would stand.
    private static func find(_ name: [UInt8], in state: State) -> (index: Int, object: Object?) {
        var (low, high) = (0, state.objects.count)
        while low < high {
            let middle = (low + high) / 2
            let order = compare(state.objects[middle].name, name)
            if order == 0 { return (middle, state.objects[middle]) }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return (low, nil)
    }

    private static func set(_ bytes: [UInt8]?, _ modified: Int64, at key: ObjectKey, in state: inout State) {
        let name = Array(key.description.utf8)
        let (index, standing) = find(name, in: state)
        if standing != nil { state.objects.remove(at: index) }
        guard let bytes else { return }
        state.objects.insert(Object(key: key, name: name, bytes: bytes, modified: modified), at: index)
    }

    private static func info(_ object: Object) -> ObjectInfo {
        ObjectInfo(key: object.key, size: Int64(object.bytes.count), modified: object.modified)
    }

    /// memcmp(3): the tests are built without optimisation, and this is their innermost loop.
    private static func compare(_ left: [UInt8], _ right: [UInt8]) -> Int {
        let order = unsafe memcmp(left, right, min(left.count, right.count))
        return order != 0 ? Int(order) : left.count - right.count
    }

    private static func begins(_ name: [UInt8], with prefix: [UInt8]) -> Bool {
        unsafe name.count >= prefix.count && memcmp(name, prefix, prefix.count) == 0
    }

    private func check(_ operation: String, _ key: ObjectKey) throws(StoreError) {
        if Task.isCancelled { throw StoreError(.cancelled, operation, key) }
    }
}
