internal import ObjectStorage

extension Examination {
    func deletion(mayList: Bool) async throws(StoreError) -> Finding {
        let key = try await put(Self.content(100), "delete/one")
        try await store.delete(key)
        if let finding = try await remains(.delete, [key], mayList: mayList, directory: "delete/") { return finding }
        try await store.delete(key)
        return Finding(.delete, .ok, "gone at once; a second time is fine", "Space of deleted backups comes back.")
    }

    func batchDeletion() async throws(StoreError) -> Finding {
        var keys: [ObjectKey] = []
        for name in ["1", "2", "a b", "a+b&c"] { keys.append(try await put([1], "delete-many/\(name)")) }
        let failures = try await store.delete(keys)
        if let failure = failures.first {
            return Check.deleteMany.finding(
                error: "\(failures.count) of \(keys.count) stay: \(Self.words(failure.error))"
            )
        }
        if let finding = try await remains(.deleteMany, keys, mayList: false, directory: "") { return finding }
        guard let probe = store.probe else {
            return Finding(.deleteMany, .ok, "\(keys.count) are gone", "Collection can remove many objects.")
        }
        return probe.deletesInBatches
            ? Finding(.deleteMany, .ok, "up to 1,000 with one request", "Collection needs few requests.")
            : Finding(.deleteMany, .ok, "one by one, several at a time", "Collection makes a request for each object.")
    }

    /// A finding if one of `keys` can still be read, seen or listed.
    private func remains(
        _ check: Check,
        _ keys: [ObjectKey],
        mayList: Bool,
        directory: String
    ) async throws(StoreError) -> Finding? {
        let late = "Space of deleted backups comes back late, and doctor's objects may reappear."
        for key in keys {
            do throws(StoreError) {
                _ = try await bytes(key)
                return Finding(check, .limited, "a deleted object can still be read", late)
            } catch {
                if error.code == .accessDenied {
                    return Finding(
                        check,
                        .limited,
                        "is done, but nothing can be read",
                        "Whether it works cannot be seen."
                    )
                }
                guard error.code == .notFound else { throw error }
            }
            if try await store.head(key) != nil {
                return Finding(check, .limited, "a look at a deleted object still sees it", late)
            }
        }
        guard mayList else { return nil }
        let listed = try await list(directory).keys
        return listed.contains(where: keys.contains)
            ? Finding(check, .limited, "a deleted object is still listed", late) : nil
    }
}
