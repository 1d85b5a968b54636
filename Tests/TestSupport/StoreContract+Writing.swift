internal import ObjectStorage
internal import Testing

extension StoreContract {
    static let writing: [StoreContract] = [
        StoreContract("an unconditional put replaces the object, also by a shorter one") { store in
            let key = try ObjectKey("a")
            for count in [1000, 10, 0, 500] {
                let bytes = Content.random(count, seed: UInt64(count))
                #expect(try await store.put(bytes, key) == .stored)
                #expect(try await store.bytes(key) == bytes)
            }
            #expect(try await store.keys() == ["a"])
        },
        StoreContract("a create-only put leaves an object that is there as it is") { store in
            let key = try ObjectKey("a")
            #expect(try await store.put([1], key, .onlyIfAbsent) == .stored)
            #expect(try await store.put([2, 2], key, .onlyIfAbsent) == .existed)
            #expect(try await store.put([1], key, .onlyIfAbsent) == .existed)
            #expect(try await store.bytes(key) == [1])
        },
        StoreContract(
            "of 64 creators of one key exactly one stores, and what it stored is whole",
            needsExclusion: true
        ) { store in
            let key = try ObjectKey("contended/key")
            let winners = try await withThrowingTaskGroup { group in
                for creator in 0..<64 {
                    group.addTask {
                        let bytes = Content.random(10_000 + creator, seed: UInt64(creator))
                        return (creator, try await store.put(bytes, key, .onlyIfAbsent))
                    }
                }
                return try await group.reduce(into: [Int]()) { if $1.1 == .stored { $0.append($1.0) } }
            }
            #expect(winners.count == 1)
            let winner = try #require(winners.first)
            #expect(areSame(try await store.bytes(key), Content.random(10_000 + winner, seed: UInt64(winner))))
            #expect(try await store.keys() == ["contended/key"])
        },
        StoreContract("readers of a key that is overwritten see one of the objects, never a mixture") { store in
            let key = try ObjectKey("a/b")
            let versions = (0..<4).map { Content.random(50_000 + Int($0), seed: $0) }
            _ = try await store.put(versions[0], key)
            try await withThrowingDiscardingTaskGroup { group in
                for version in versions {
                    group.addTask { for _ in 0..<5 { _ = try await store.put(version, key) } }
                }
                for _ in 0..<4 {
                    group.addTask {
                        for _ in 0..<5 {
                            let bytes = try await store.bytes(key)
                            #expect(versions.contains { areSame($0, bytes) })
                        }
                    }
                }
            }
        },
        StoreContract("many keys are written and deleted at the same time") { store in
            try await withThrowingDiscardingTaskGroup { group in
                for index in 0..<50 {
                    group.addTask {
                        let key = try ObjectKey("dir-\(index % 5)/object-\(index)")
                        _ = try await store.put([UInt8(index)], key, .onlyIfAbsent)
                        if index % 2 == 1 { try await store.delete(key) }
                    }
                }
            }
            let expected = stride(from: 0, to: 50, by: 2).map { "dir-\($0 % 5)/object-\($0)" }
            #expect(try await store.keys() == expected.sorted())
        },
    ]
}

extension StoreContract {
    static let cancelling: [StoreContract] = [
        StoreContract("a cancelled call says so or is done, and nothing is half") { store in
            let bytes = Content.random(300_000)
            let calls: [@Sendable () async throws -> Void] = try (0..<20).map { index in
                let key = try ObjectKey("c/\(index)")
                return {
                    _ = try await store.put(bytes, key, .onlyIfAbsent)
                    _ = try await store.head(key)
                    let got = try await store.bytes(key)
                    #expect(areSame(got, bytes))
                    _ = try await store.keys(prefix: "c/")
                    try await store.delete(key)
                    _ = try await store.put(bytes, key)
                }
            }
            for (index, call) in calls.enumerated() {
                let task = Task { try await call() }
                for _ in 0..<index % 5 { await Task.yield() }
                task.cancel()
                do {
                    try await task.value
                } catch let error as StoreError {
                    #expect(error.code == .cancelled, "\(error)")
                }
            }
            for object in try await store.list(prefix: "c/", from: nil, limit: 1000).objects {
                #expect(object.size == 300_000)
                #expect(areSame(try await store.bytes(object.key), bytes))
            }
        }
    ]
}
