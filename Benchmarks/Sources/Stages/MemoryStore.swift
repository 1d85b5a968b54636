internal import ObjectStorage
internal import TransferEngine

/// Objects in memory: what a stage reads and writes costs a copy and nothing else.
final class MemoryStore: ObjectStore {
    private let objects = ThreadLock<[ObjectKey: [UInt8]]>([:])

    var location: String { "memory://" }

    func put(
        _ body: borrowing BufferLease,
        at key: ObjectKey,
        _ condition: PutCondition,
        digest: SHA256Digest?
    ) async throws(StoreError) -> PutResult {
        let bytes = unsafe body.bytes.withUnsafeBufferPointer { unsafe Array($0) }
        return objects.withLock { objects in
            if condition == .onlyIfAbsent, objects[key] != nil { return .existed }
            objects[key] = bytes
            return .stored
        }
    }

    func get(
        _ key: ObjectKey,
        range: Range<Int64>?,
        into buffer: inout BufferLease
    ) async throws(StoreError) -> ObjectInfo {
        guard let object = objects.withLock({ $0[key] }) else { throw StoreError(.notFound, "get", key) }
        let wanted = range ?? 0..<Int64(object.count)
        let part = min(Int(wanted.lowerBound), object.count)..<min(Int(wanted.upperBound), object.count)
        guard part.count <= buffer.capacity - buffer.count else { throw StoreError(.badRange, "get", key) }
        buffer.append { output in
            for index in part { output.append(object[index]) }
        }
        return ObjectInfo(key: key, size: Int64(object.count), modified: 0)
    }

    func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? {
        objects.withLock { $0[key] }.map { ObjectInfo(key: key, size: Int64($0.count), modified: 0) }
    }

    func delete(_ key: ObjectKey) async throws(StoreError) { objects.withLock { $0[key] = nil } }

    func list(prefix: String, from cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        let keys = objects.withLock { $0 }.filter { $0.key.description.hasPrefix(prefix) }
        return ListPage(
            objects: keys.map { ObjectInfo(key: $0.key, size: Int64($0.value.count), modified: 0) }.sorted {
                $0.key < $1.key
            },
            next: nil
        )
    }
}
