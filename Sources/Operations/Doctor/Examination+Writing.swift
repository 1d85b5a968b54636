internal import ObjectStorage

extension Examination {
    /// How many writers want the same name at the same moment.
    private static let writers = 8

    func createOnly() async throws(StoreError) -> Finding {
        let key = try corner.taking("create-only/one")
        let first = Self.content(50)
        guard try await put(first, key, .onlyIfAbsent) == .stored else {
            return Check.createOnly.finding(error: "a name that is free is said to be taken")
        }
        let second = try await put(Self.content(50), key, .onlyIfAbsent)
        guard second == .existed, try await bytes(key) == first else {
            return Check.createOnly.finding(error: "a second put has overwritten the first")
        }
        if let probe = store.probe {
            let bytes = Self.content(50)
            let answer = try await patiently { () async throws(StoreError) in
                try await probe.putOnlyIfAbsent(bytes, at: key)
            }
            switch answer {
            case .existed: break
            case .stored, nil:
                // What the look first is worth, which is Ringvault's own.
                let winners = try await race { (bytes, key) async throws(StoreError) in
                    try await put(bytes, key, .onlyIfAbsent)
                }
                let what = answer == nil ? "refuses" : "ignores"
                return Check.createOnly.finding(
                    error: "\(what) If-None-Match: \(winners) of \(Self.writers) at once won"
                )
            }
        }
        let winners = try await race { (bytes, key) async throws(StoreError) in try await putOnce(bytes, key) }
        guard winners <= 1 else {
            return Check.createOnly.finding(
                error: "one after another yes, but \(winners) of \(Self.writers) at once won"
            )
        }
        let who = store.probe == nil ? "one" : "the store lets one"
        let found = "\(who) of \(Self.writers) writers at the same moment win"
        return Finding(.createOnly, .ok, found, "What is stored once is never overwritten.")
    }

    /// - Returns: how many of several writers of one name were told that theirs is stored.
    private func race(
        _ put: @escaping @Sendable ([UInt8], ObjectKey) async throws(StoreError) -> PutResult?
    ) async throws(StoreError) -> Int {
        let key = try corner.taking("create-only/race")
        let results = await withTaskGroup(of: Result<PutResult?, StoreError>.self) { group in
            for _ in 0..<Self.writers {
                group.addTask { @Sendable in
                    let bytes = Self.content(50)
                    do throws(StoreError) {
                        return .success(try await put(bytes, key))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            var results: [Result<PutResult?, StoreError>] = []
            for await result in group { results.append(result) }
            return results
        }
        // A loser may be told that it met another and should try again: that is no victory.
        let failures = results.compactMap { if case .failure(let error) = $0 { error } else { nil } }
        if let error = failures.first(where: { !$0.isTransient }) { throw error }
        if failures.count == results.count, let error = failures.first { throw error }
        return results.count { (try? $0.get()) == .stored }
    }

    private func putOnce(_ bytes: [UInt8], _ key: ObjectKey) async throws(StoreError) -> PutResult? {
        guard let probe = store.probe else { return try await put(bytes, key, .onlyIfAbsent) }
        return try await patiently { () async throws(StoreError) in try await probe.putOnlyIfAbsent(bytes, at: key) }
    }

    func checksums() async throws(StoreError) -> Finding {
        guard let probe = store.probe else {
            return Finding(.checksum, .notTried, "this kind of store does not tell", "Nothing is known of it.")
        }
        let key = try corner.taking("checksum")
        let checks = try await patiently { () async throws(StoreError) in try await probe.uploadChecks(at: key) }
        let names = { (isEnforced: Bool) in
            checks.filter { $0.isEnforced == isEnforced }.map(\.name).joined(separator: ", ")
        }
        switch (probe.transport, names(true), names(false)) {
        case (.files, _, _):
            return Finding(
                .checksum,
                .ok,
                "none: bytes do not travel",
                "Each blob is checked by its name when it is read."
            )
        case (_, "", ""):
            return Check.checksum.finding(error: "none is sent")
        case (_, "", let ignored):
            return Check.checksum.finding(error: "a wrong one is taken: \(ignored)")
        case (_, let enforced, let ignored):
            let found = "a wrong one is refused: \(enforced)" + (ignored.isEmpty ? "" : "; ignored: \(ignored)")
            return Finding(.checksum, .ok, found, "What is damaged on the way is not stored.")
        }
    }
}
