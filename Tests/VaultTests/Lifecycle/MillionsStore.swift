import ObjectStorage
import SystemPackage
import TestSupport
import TransferEngine

@testable import Vault

/// A vault of any number of blobs that are not there: a function of their number gives their names, in ascending order.
///
/// Only the manifests and lists are objects, in a directory. A tenth of the blobs is named by none.
final class MillionsStore: ObjectStore {
    static let blobSize: Int64 = 1000

    let count: Int
    private let base: any ObjectStore
    private let deletions = ThreadLock(0)

    init(_ count: Int, base: any ObjectStore) {
        self.count = count
        self.base = base
    }

    /// Blobs that were deleted: they are only counted, and stay in the listing.
    var deleted: Int { deletions.withLock { $0 } }

    /// The blob of that number; names ascend with numbers.
    func name(_ number: Int) -> BlobName {
        var random = SeededRandom(UInt64(number))
        let first = UInt64.max / UInt64(count) * UInt64(number)
        let digest = SHA256Digest(words: (first, random.next(), random.next(), random.next()))
        return BlobName(plain: digest, generation: 0, format: .zstd)
    }

    func isNamed(_ number: Int) -> Bool { !number.isMultiple(of: 10) }

    var location: String { "synthetic://\(count)" }

    func put(
        _ body: borrowing BufferLease,
        at key: ObjectKey,
        _ condition: PutCondition,
        digest: SHA256Digest?
    ) async throws(StoreError) -> PutResult {
        try await base.put(body, at: key, condition, digest: digest)
    }

    func get(
        _ key: ObjectKey,
        range: Range<Int64>?,
        into buffer: inout BufferLease
    ) async throws(StoreError) -> ObjectInfo {
        try await base.get(key, range: range, into: &buffer)
    }

    func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? { try await base.head(key) }

    func delete(_ key: ObjectKey) async throws(StoreError) { try await base.delete(key) }

    func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [DeleteFailure] {
        guard keys.first?.description.hasPrefix("blobs/") == true else { return try await base.delete(keys) }
        deletions.withLock { $0 += keys.count }
        return []
    }

    func list(prefix: String, from cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        guard prefix == "blobs/" else { return try await base.list(prefix: prefix, from: cursor, limit: limit) }
        let start = cursor.flatMap { Int($0.text) } ?? 0
        let end = min(count, start + limit)
        var objects: [ObjectInfo] = []
        objects.reserveCapacity(end - start)
        for number in start..<end {
            guard let key = try? name(number).key else { continue }
            objects.append(ObjectInfo(key: key, size: Self.blobSize, modified: 0))
        }
        return ListPage(objects: objects, next: end < count ? ListCursor("\(end)") : nil)
    }
}
