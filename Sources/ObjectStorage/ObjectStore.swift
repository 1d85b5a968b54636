package import TransferEngine

/// Where objects lie: a prefix in S3, Azure, Google Cloud, or a directory.
///
/// What a conformer promises, and `StoreContract` in the tests checks:
///
/// - An object is visible whole or not at all, to every reader, also when the writer is killed in the middle.
/// - A `put` that returned is durable, and every later `get`, `head` and `list` sees it.
/// - `put` with `.onlyIfAbsent` never changes an object that is there. Of two at the same moment one may win on a store
///   that cannot exclude it; the vault's safety does not rest on it.
/// - `get` gives the bytes that were put or an error, never fewer or others by its own fault.
/// - `delete` of what is not there succeeds. `list` gives keys in ascending order of their bytes, each once.
/// - Errors are `StoreError`; a cancelled task gets `.cancelled`, and nothing of the call goes on behind its back.
///
/// A key that another key extends by `/` need not be possible: the vault has none.
package protocol ObjectStore: Sendable {
    /// How people name it, without secrets: `file:///backups`.
    var location: String { get }

    /// What it can be asked below these promises, past every wrapper; nil: nothing.
    var probe: (any StoreProbe)? { get }

    /// Stores all of `body` as one object.
    ///
    /// - Parameter digest: the SHA-256 of `body` if the caller knows it: spares a store that needs it a second pass.
    /// - Returns: `.existed` if the condition kept it from writing.
    func put(
        _ body: borrowing BufferLease,
        at key: ObjectKey,
        _ condition: PutCondition,
        digest: SHA256Digest?
    ) async throws(StoreError) -> PutResult

    /// Fetches an object, or a part of it, behind what `buffer` holds.
    ///
    /// - Parameter range: bytes of the object; what lies beyond its end is left out. Nil: all of it.
    /// - Returns: the object as it is, with its whole size.
    /// - Throws: `.notFound`; `.badRange` if `range` starts beyond the end or the bytes do not fit into `buffer`.
    func get(
        _ key: ObjectKey,
        range: Range<Int64>?,
        into buffer: inout BufferLease
    ) async throws(StoreError) -> ObjectInfo

    /// What is known of an object; nil if there is none. Asks for its checksum as well where the store keeps one.
    func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo?

    /// Removes an object; one that is not there is fine.
    func delete(_ key: ObjectKey) async throws(StoreError)

    /// Removes several objects, in as few requests as the store allows.
    ///
    /// - Returns: those that may still be there, each with its reason; in no order.
    /// - Throws: if nothing can be said of any of them.
    func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [DeleteFailure]

    /// One page of the keys that begin with `prefix`, in ascending order of their bytes.
    ///
    /// - Parameters:
    ///   - prefix: of the key's text, not necessarily at a `/`; empty for all.
    ///   - cursor: from the page before, of the same prefix; nil: from the beginning.
    ///   - limit: at most so many; a store may give fewer, or none and still a cursor.
    func list(prefix: String, from cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage
}

package enum PutCondition: Sendable, Hashable {
    case always
    /// Create-only: an object that is there stays as it is.
    case onlyIfAbsent
}

package enum PutResult: Sendable, Hashable {
    case stored
    case existed
}

package struct ObjectInfo: Sendable, Hashable {
    package let key: ObjectKey
    /// Bytes as stored.
    package let size: Int64
    /// By the store's clock, in seconds since 1970; good for showing to people, never for deciding.
    package let modified: Int64
    /// CRC-32C of the stored bytes, where the store tells it for nothing; never that of parts of it.
    package let crc32c: UInt32?

    package init(key: ObjectKey, size: Int64, modified: Int64, crc32c: UInt32? = nil) {
        self.key = key
        self.size = size
        self.modified = modified
        self.crc32c = crc32c
    }

    /// Whether both tell of the same object as far as they go: a listing tells less than a look does.
    package func agrees(with other: Self) -> Bool {
        guard key == other.key, size == other.size, modified == other.modified else { return false }
        guard let crc32c, let theirs = other.crc32c else { return true }
        return crc32c == theirs
    }
}

package struct ListPage: Sendable, Hashable {
    package let objects: [ObjectInfo]
    /// Where the next page begins; nil: this is the last one.
    package let next: ListCursor?

    package init(objects: [ObjectInfo], next: ListCursor?) {
        self.objects = objects
        self.next = next
    }
}

/// Where a listing goes on: made by a store, and understood by no one else.
package struct ListCursor: Sendable, Hashable {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }
}

/// An object that could not be removed.
package struct DeleteFailure: Sendable {
    package let key: ObjectKey
    package let error: StoreError

    package init(key: ObjectKey, error: StoreError) {
        self.key = key
        self.error = error
    }
}

extension ObjectStore {
    package var probe: (any StoreProbe)? { nil }

    /// Stores a small document.
    package func put(
        document: some Collection<UInt8>,
        at key: ObjectKey,
        _ condition: PutCondition
    ) async throws(StoreError) -> PutResult {
        let body = BufferLease(copying: document)
        return try await put(body, at: key, condition, digest: nil)
    }

    /// Fetches a small document.
    ///
    /// - Parameter limit: bytes; a larger object is an error, so that a hostile store cannot fill the memory.
    package func document(_ key: ObjectKey, limit: Int = 1 << 20) async throws(StoreError) -> [UInt8] {
        var buffer = BufferLease(unpooledCapacity: limit)
        _ = try await get(key, range: nil, into: &buffer)
        let bytes = buffer.bytes
        return unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// One by one, some at a time.
    package func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [DeleteFailure] { try await deleteEach(keys) }

    /// Removes several objects one by one, some at a time: for stores that know no other way.
    func deleteEach(_ keys: [ObjectKey]) async throws(StoreError) -> [DeleteFailure] {
        let failures = ThreadLock<[DeleteFailure]>([])
        await withDiscardingTaskGroup { group in
            let slots = Slots(16)
            for key in keys {
                guard (try? await slots.wait()) != nil else { break }
                group.addTask { @Sendable in
                    defer { slots.signal() }
                    do throws(StoreError) {
                        try await self.delete(key)
                    } catch {
                        failures.withLock { [error] in $0.append(DeleteFailure(key: key, error: error)) }
                    }
                }
            }
        }
        if Task.isCancelled { throw StoreError(.cancelled, "delete objects in", location) }
        return failures.withLock { $0 }
    }

    /// Calls `body` for every object under `prefix`, page by page.
    ///
    /// - Throws: `.corrupt` if the listing goes in circles or backwards, which would otherwise end never, or count an
    ///   object twice.
    package func forEachObject(
        prefix: String,
        _ body: (ObjectInfo) async throws -> Void
    ) async throws {
        var cursor: ListCursor?
        var last: ObjectKey?
        var emptyPages = 0
        while true {
            let page = try await list(prefix: prefix, from: cursor, limit: 1000)
            emptyPages = page.objects.isEmpty ? emptyPages + 1 : 0
            // Stores may give some, where much was deleted; no store gives so many.
            if emptyPages > 1000 { throw StoreError(.corrupt, "list", prefix, cause: ListingError()) }
            for object in page.objects {
                if let last, object.key <= last { throw StoreError(.corrupt, "list", prefix, cause: ListingError()) }
                last = object.key
                try await body(object)
            }
            guard let next = page.next else { return }
            if next == cursor { throw StoreError(.corrupt, "list", prefix, cause: ListingError()) }
            cursor = next
        }
    }
}

/// A store's pages do not make a listing.
struct ListingError: Error, CustomStringConvertible {
    let description: String

    init() {
        description = "the store's pages repeat themselves, are out of order or never end"
    }

    init(outside prefix: String) {
        description = "the store lists what does not begin with \(prefix.prefix(200).debugDescription)"
    }
}
