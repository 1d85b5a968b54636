import ObjectStorage
import TransferEngine

/// Objects in memory, which a test can look at, replace and count; pages of listings are short, so that there are several.
final class VaultMemoryStore: ObjectStore {
    private struct Object {
        var bytes: [UInt8]
        var modified: Int64
    }

    private struct State {
        var objects: [String: Object] = [:]
        var puts: [String] = []
        var gets: [String] = []
        var heads = 0
        var beforePut: (@Sendable (VaultMemoryStore) -> Void)?
        var time: Int64 = 1_800_000_000
    }

    private let state = ThreadLock(State())
    /// Whether create-only puts replace what is there, as some stores do that silently ignore `If-None-Match`.
    private let ignoresConditions: Bool

    init(ignoresConditions: Bool = false) {
        self.ignoresConditions = ignoresConditions
    }

    var location: String { "memory://vault" }

    // MARK: What tests see

    /// Every object's key, ascending.
    var keys: [String] {
        state.withLock { $0.objects.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }
    }

    /// Keys that were put, also where that changed nothing.
    var puts: [String] { state.withLock { $0.puts } }

    /// Keys that were got, one entry a request.
    var gets: [String] { state.withLock { $0.gets } }

    /// Looks at single objects.
    var heads: Int { state.withLock { $0.heads } }

    subscript(key: String) -> [UInt8]? {
        get { state.withLock { $0.objects[key]?.bytes } }
        set {
            state.withLock { state in
                state.time += 1
                state.objects[key] = newValue.map { Object(bytes: $0, modified: state.time) }
            }
        }
    }

    /// Calls `body` once, when the next put has begun and not looked yet.
    func beforeNextPut(_ body: @escaping @Sendable (VaultMemoryStore) -> Void) {
        state.withLock { $0.beforePut = body }
    }

    // MARK: ObjectStore

    func put(
        _ body: borrowing BufferLease,
        at key: ObjectKey,
        _ condition: PutCondition,
        digest: SHA256Digest?
    ) async throws(StoreError) -> PutResult {
        let bytes = Array(copying: body.bytes)
        if let digest, digest != SHA256.digest(of: bytes.span) { throw StoreError(.corrupt, "put", key) }
        let hook = state.withLock { state in
            state.puts.append(key.description)
            return state.beforePut.take()
        }
        hook?(self)
        return state.withLock { state in
            if condition == .onlyIfAbsent, !ignoresConditions, state.objects[key.description] != nil { return .existed }
            state.time += 1
            state.objects[key.description] = Object(bytes: bytes, modified: state.time)
            return .stored
        }
    }

    func get(
        _ key: ObjectKey,
        range: Range<Int64>?,
        into buffer: inout BufferLease
    ) async throws(StoreError) -> ObjectInfo {
        let object = state.withLock { state in
            state.gets.append(key.description)
            return state.objects[key.description]
        }
        guard let object else { throw StoreError(.notFound, "get", key) }
        let size = Int64(object.bytes.count)
        let wanted = range ?? 0..<size
        let clamped = Int(min(wanted.lowerBound, size))..<Int(min(wanted.upperBound, size))
        guard wanted.lowerBound <= size, clamped.count <= buffer.capacity - buffer.count else {
            throw StoreError(.badRange, "get", key)
        }
        buffer.append { output in
            for index in clamped { output.append(object.bytes[index]) }
        }
        return ObjectInfo(key: key, size: size, modified: object.modified)
    }

    func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? {
        state.withLock { state in
            state.heads += 1
            return state.objects[key.description]
        }.map {
            ObjectInfo(key: key, size: Int64($0.bytes.count), modified: $0.modified)
        }
    }

    func delete(_ key: ObjectKey) async throws(StoreError) {
        state.withLock { $0.objects[key.description] = nil }
    }

    func list(prefix: String, from cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        let after = cursor.flatMap { try? ObjectKey($0.text) }
        let found = keys.filter { $0.hasPrefix(prefix) }
            .compactMap { try? ObjectKey($0) }
            .filter { key in after.map { $0 < key } ?? true }
        let page = found.prefix(min(limit, 3))
        let objects = page.compactMap { key in
            state.withLock { $0.objects[key.description] }.map {
                ObjectInfo(key: key, size: Int64($0.bytes.count), modified: $0.modified)
            }
        }
        let next = page.count < found.count ? page.last.map { ListCursor($0.description) } : nil
        return ListPage(objects: objects, next: next)
    }
}

extension [UInt8] {
    init(copying bytes: Span<UInt8>) {
        self = unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
    }
}
