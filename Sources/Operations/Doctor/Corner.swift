internal import ObjectStorage
internal import TransferEngine

/// The doctor's own corner of a store: objects that no vault can have, and no other doctor.
///
/// The keys of a vault begin with `vault.json` and names of directories, none of them with a dot.
final class Corner: Sendable {
    /// What the first segment of every doctor's keys begins with.
    ///
    /// Each has a segment of its own: in a directory, the one who is done removes it under no one else's feet.
    static let marker = ".ringvault-doctor-"
    /// Seconds after which a corner is taken for that of a doctor that was killed.
    static let abandonedAge: Int64 = 3600

    let segment: String
    private let store: any ObjectStore
    /// What may have been put.
    private let keys = ThreadLock<Set<ObjectKey>>([])

    init(_ store: any ObjectStore) {
        self.store = store
        segment = Self.marker + String(UInt64.random(in: 1 << 60 ... .max), radix: 36)
    }

    /// What all keys in the corner begin with.
    var prefix: String { "\(segment)/" }

    func key(_ name: String) throws(StoreError) -> ObjectKey {
        do throws(ObjectKeyError) {
            return try ObjectKey(prefix + name)
        } catch {
            throw StoreError(.refused, "name", prefix + name, cause: error)
        }
    }

    /// The key of an object that is going to be put.
    func taking(_ name: String) throws(StoreError) -> ObjectKey {
        let key = try key(name)
        keys.withLock { _ = $0.insert(key) }
        return key
    }

    /// Says that `key` was not put: the store refused it.
    func release(_ key: ObjectKey) { keys.withLock { _ = $0.remove(key) } }

    /// Removes everything in the corner.
    ///
    /// - Returns: how many objects may have been there, and what may still be, in order.
    func clear() async -> (count: Int, left: [ObjectKey]) {
        let all = keys.withLock { $0.sorted() }
        guard !all.isEmpty else { return (0, []) }
        let failed: [ObjectKey]
        do throws(StoreError) {
            failed = try await store.delete(all).map(\.key)
        } catch {
            failed = all
        }
        // A key whose put was refused cannot be removed either where nothing can, and is not there.
        var left: [ObjectKey] = []
        for key in failed.sorted() where (try? await store.head(key)) != .some(.none) { left.append(key) }
        // A listing may know more than the answers told.
        for key in (try? await keys(below: prefix)) ?? [] where !left.contains(key) {
            if (try? await store.head(key)) != .some(.none) { left.append(key) }
        }
        return (all.count, left.sorted())
    }

    /// Removes what doctors have left that were killed over an hour before `now`, by the store's clock.
    ///
    /// - Returns: how many objects.
    func sweep(now: Int64) async throws(StoreError) -> Int {
        var abandoned: [ObjectKey] = []
        var cursor: ListCursor?
        // More pages than any number of doctors leaves.
        for _ in 0..<100 {
            let page = try await store.list(prefix: Self.marker, from: cursor, limit: 1000)
            for object in page.objects
            where object.key.segments.first != segment[...] && object.modified > 0
                && object.modified + Self.abandonedAge < now
            {
                abandoned.append(object.key)
            }
            guard let next = page.next, next != cursor else { break }
            cursor = next
        }
        guard !abandoned.isEmpty else { return 0 }
        let failed = try await store.delete(abandoned).count
        for segment in Set(abandoned.compactMap { $0.segments.first.map(String.init) }) {
            await store.probe?.tidier(for: segment)()
        }
        return abandoned.count - failed
    }

    /// At most a page of keys.
    private func keys(below prefix: String) async throws(StoreError) -> [ObjectKey] {
        try await store.list(prefix: prefix, from: nil, limit: 1000).objects.map(\.key)
    }
}
