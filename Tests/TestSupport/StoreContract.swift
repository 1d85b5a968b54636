package import ObjectStorage
package import Testing
internal import TransferEngine

/// One promise of `ObjectStore`, checked against any store that is empty.
///
/// A store's suite runs them all, each with a store of its own:
/// `@Test(arguments: StoreContract.all) func `keeps`(_ promise: StoreContract) async throws { try await promise.check(store) }`
package struct StoreContract: Sendable, CustomTestStringConvertible {
    package let testDescription: String
    package let check: @Sendable (any ObjectStore) async throws -> Void

    private init(_ promise: String, _ check: @escaping @Sendable (any ObjectStore) async throws -> Void) {
        testDescription = promise
        self.check = check
    }

    package static let all: [StoreContract] = wholeObjects + ranges + writing + naming + listing + cancelling
}

// MARK: - Whole objects

extension StoreContract {
    private static let wholeObjects: [StoreContract] = [
        StoreContract("an object is got as it was put, and its size is known") { store in
            let bytes = Content.random(100_000)
            let key = try ObjectKey("blobs/ab/abcd.zst")
            #expect(try await store.put(bytes, key) == .stored)
            #expect(areSame(try await store.bytes(key), bytes))
            #expect(try await store.head(key)?.size == 100_000)
            #expect(try await store.head(key)?.key == key)
        },
        StoreContract("an empty object is an object") { store in
            let key = try ObjectKey("empty")
            #expect(try await store.put([], key) == .stored)
            #expect(try await store.bytes(key) == [])
            #expect(try await store.head(key)?.size == 0)
            #expect(try await store.keys() == ["empty"])
        },
        StoreContract("an object of 16 MiB is whole") { store in
            let bytes = Content.random(16 << 20)
            let key = try ObjectKey("large")
            #expect(try await store.put(bytes, key) == .stored)
            #expect(areSame(try await store.bytes(key), bytes))
        },
        StoreContract("a right digest given with the body changes nothing") { store in
            let bytes = Content.random(5000)
            let key = try ObjectKey("digested")
            let body = BufferLease(holding: bytes)
            let digest = SHA256.digest(of: body.bytes)
            #expect(try await store.put(body, at: key, .always, digest: digest) == .stored)
            #expect(areSame(try await store.bytes(key), bytes))
        },
        StoreContract("what is got goes behind what the buffer holds") { store in
            let key = try ObjectKey("a")
            _ = try await store.put([4, 5, 6], key)
            var buffer = BufferLease(holding: [1, 2, 3], spare: 3)
            let info = try await store.get(key, range: nil, into: &buffer)
            #expect(info.size == 3)
            let bytes = buffer.array
            #expect(bytes == [1, 2, 3, 4, 5, 6])
        },
        StoreContract("what is missing is not found, by head nil") { store in
            let key = try ObjectKey("missing")
            #expect(try await store.head(key) == nil)
            await expectError(.notFound) { _ = try await store.bytes(key) }
            await expectError(.notFound) { _ = try await store.bytes(key, 0..<10) }
            _ = try await store.put([1], try ObjectKey("missing-not"))
            #expect(try await store.head(key) == nil)
        },
        StoreContract("a deleted object is gone, and deleting it again is fine") { store in
            let key = try ObjectKey("a/b")
            try await store.delete(key)
            _ = try await store.put([1, 2], key)
            try await store.delete(key)
            #expect(try await store.head(key) == nil)
            #expect(try await store.keys() == [])
            try await store.delete(key)
            #expect(try await store.put([3], key, .onlyIfAbsent) == .stored)
            #expect(try await store.bytes(key) == [3])
        },
        StoreContract("a buffer too small for an object is an error that leaves it as it was") { store in
            let key = try ObjectKey("a")
            _ = try await store.put(Content.random(1000), key)
            var buffer = BufferLease(holding: [9], spare: 999)
            await expectError(.badRange) { _ = try await store.get(key, range: nil, into: &buffer) }
            buffer.truncate(to: min(buffer.count, 1))
            let kept = buffer.array
            #expect(kept == [9])
            _ = try await store.get(key, range: 0..<999, into: &buffer)
            let filled = buffer.count
            #expect(filled == 1000)
        },
    ]
}

// MARK: - Ranges

extension StoreContract {
    private static let ranges: [StoreContract] = [
        StoreContract("a range gives those bytes and the whole size") { store in
            let bytes = Content.random(1000)
            let key = try ObjectKey("a")
            _ = try await store.put(bytes, key)
            for range in [0..<1, 0..<1000, 1..<999, 999..<1000, 500..<500] as [Range<Int64>] {
                var buffer = BufferLease(unpooledCapacity: range.count)
                let info = try await store.get(key, range: range, into: &buffer)
                #expect(info.size == 1000)
                let got = buffer.array
                #expect(got == Array(bytes[Int(range.lowerBound)..<Int(range.upperBound)]), "\(range)")
            }
        },
        StoreContract("what lies beyond the end of an object is left out of a range") { store in
            let bytes = Content.random(1000)
            let key = try ObjectKey("a")
            _ = try await store.put(bytes, key)
            #expect(try await store.bytes(key, 990..<2000) == Array(bytes[990...]))
            #expect(try await store.bytes(key, 0..<5_000_000_000, capacity: 1000) == bytes)
            #expect(try await store.bytes(key, 1000..<1010) == [])
        },
        StoreContract("a range that starts beyond the end is an error") { store in
            let key = try ObjectKey("a")
            _ = try await store.put([1, 2, 3], key)
            await expectError(.badRange) { _ = try await store.bytes(key, 4..<10) }
            _ = try await store.put([], key)
            #expect(try await store.bytes(key, 0..<10) == [])
            await expectError(.badRange) { _ = try await store.bytes(key, 1..<10) }
        },
    ]
}

// MARK: - Writing

extension StoreContract {
    private static let writing: [StoreContract] = [
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
        StoreContract("of 64 creators of one key exactly one stores, and what it stored is whole") { store in
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

// MARK: - Names

extension StoreContract {
    /// Valid, and each has tripped some store or signer.
    private static let oddKeys: [String] = {
        let long = String(repeating: "l", count: 255)
        return [
            "with space", " leading", "trailing ", "a+b", "a%2Fb", "%", "100%", "a&b=c?d#e", "tilde~", "star*",
            "(round)",
            "back\\slash", "quote\"'", "a:b", "a;b@c", "<xml>&amp;", "$(id)", "dollar$", "comma,", "[x]{y}|^`",
            "...", "..a", "a..b", ".hidden", "-", "--help",
            "Größe", "日本語/ファイル", "😀", "nfc-\u{E9}", "nfd-e\u{301}", "a/\u{301}b", "rtl-\u{202E}x", "zero\u{200B}width",
            "deep/" + (1...60).map { "\($0)" }.joined(separator: "/"), long, "m\(long.dropLast())/\(long)/\(long)",
            String(repeating: "é", count: 127) + "x", "UPPER", "upper",
        ]
    }()

    private static let naming: [StoreContract] = [
        StoreContract("odd but valid keys are kept byte by byte and apart") { store in
            for (index, text) in oddKeys.enumerated() {
                #expect(try await store.put([UInt8(index)], try ObjectKey(text), .onlyIfAbsent) == .stored, "\(text)")
            }
            for (index, text) in oddKeys.enumerated() {
                #expect(try await store.bytes(try ObjectKey(text)) == [UInt8(index)], "\(text)")
            }
            let sorted = oddKeys.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
            #expect(try await store.keys().map { Array($0.utf8) } == sorted)
            for text in oddKeys { try await store.delete(try ObjectKey(text)) }
            #expect(try await store.keys() == [])
        },
        StoreContract("texts that look alike but differ in bytes are two objects") { store in
            let composed = try ObjectKey("caf\u{E9}")
            let decomposed = try ObjectKey("cafe\u{301}")
            #expect(try await store.put([1], composed, .onlyIfAbsent) == .stored)
            #expect(try await store.put([2], decomposed, .onlyIfAbsent) == .stored)
            #expect(try await store.bytes(composed) == [1])
            #expect(try await store.bytes(decomposed) == [2])
            let first = try await store.list(prefix: "", after: nil, limit: 1)
            #expect(first.objects.map { Array($0.key.description.utf8) } == [Array("cafe\u{301}".utf8)])
        },
    ]
}

// MARK: - Lists

extension StoreContract {
    /// In the order of their bytes: `-` and `.` come before `/`, which comes before digits and letters.
    private static let tree = [
        "a", "b-c/x", "b.c", "b/a", "b/b/1", "b/b/2", "b/c", "b0", "blob", "blobs/00/1", "blobs/00/2", "blobs/01/1",
        "c",
        "c-d", "z/z",
    ]

    private static func plant(_ store: any ObjectStore) async throws {
        for text in tree.shuffled() {
            _ = try await store.put(Array(text.utf8), try ObjectKey(text))
        }
    }

    private static let listing: [StoreContract] = [
        StoreContract("an empty store lists nothing") { store in
            let page = try await store.list(prefix: "", after: nil, limit: 10)
            #expect(page.objects.isEmpty)
            #expect(!page.hasMore)
            #expect(try await store.keys(prefix: "a/b/") == [])
        },
        StoreContract("a list is in the order of the keys' bytes, each once, with sizes") { store in
            try await plant(store)
            #expect(try await store.keys() == tree)
            for object in try await store.list(prefix: "", after: nil, limit: 1000).objects {
                #expect(object.size == Int64(object.key.description.utf8.count))
            }
        },
        StoreContract("pages of every size give the same keys") { store in
            try await plant(store)
            for limit in 1...tree.count + 1 {
                #expect(try await store.keys(limit: limit) == tree, "pages of \(limit)")
                #expect(try await store.keys(prefix: "b", limit: limit) == tree.filter { $0.hasPrefix("b") })
            }
        },
        StoreContract("a prefix may end anywhere in a key") { store in
            try await plant(store)
            for prefix in [
                "a", "b", "b/", "b/b", "b/b/", "b/b/2", "blob", "blobs/0", "blobs/00/1", "blobs/00/1x", "c", "z/z",
                "z/z/",
                "none", "/", "B",
            ] {
                let expected = tree.filter { $0.utf8.starts(with: prefix.utf8) }
                #expect(try await store.keys(prefix: prefix) == expected, "prefix \(prefix)")
            }
        },
        StoreContract("a prefix may end inside of what people see as one character") { store in
            _ = try await store.put([1], try ObjectKey("dir/cafe\u{301}"))
            #expect(try await store.keys(prefix: "dir/cafe").count == 1)
            #expect(try await store.keys(prefix: "dir/caf\u{E9}").isEmpty)
        },
        StoreContract("a list goes on after any key, whether an object has it or not") { store in
            try await plant(store)
            for after in tree + ["0", "b/b/", "b/b", "blobs/00", "b-", "z/z/z", "~"].filter({ !$0.hasSuffix("/") }) {
                let expected = tree.filter { after.utf8.lexicographicallyPrecedes($0.utf8) }
                #expect(try await store.keys(after: try ObjectKey(after)) == expected, "after \(after)")
                let page = try await store.list(prefix: "b", after: try ObjectKey(after), limit: 1000)
                let below = expected.filter { $0.utf8.starts(with: "b".utf8) }
                #expect(page.hasMore || page.objects.map(\.key.description) == below, "b after \(after)")
            }
        },
        StoreContract("a list sees every put and delete that has returned") { store in
            var expected: Set<String> = []
            for index in 0..<20 {
                let text = "d\(index % 3)/\(index)"
                _ = try await store.put([1], try ObjectKey(text), index % 2 == 0 ? .always : .onlyIfAbsent)
                expected.insert(text)
                if index % 4 == 3 {
                    let victim = try #require(expected.min())
                    try await store.delete(try ObjectKey(victim))
                    expected.remove(victim)
                }
                #expect(Set(try await store.keys()) == expected)
            }
        },
        StoreContract("all objects are walked over, page by page") { store in
            try await plant(store)
            var walked: [String] = []
            try await store.forEachObject(prefix: "bl") { walked.append($0.key.description) }
            #expect(walked == tree.filter { $0.hasPrefix("bl") })
        },
        StoreContract("documents are put and got whole, and a larger one than allowed is an error") { store in
            let key = try ObjectKey("clusters/c/backup.json")
            #expect(try await store.put(document: Array("{}".utf8), at: key, .onlyIfAbsent) == .stored)
            #expect(try await store.document(key) == Array("{}".utf8))
            #expect(try await store.document(key, limit: 2) == Array("{}".utf8))
            await expectError(.badRange) { _ = try await store.document(key, limit: 1) }
            await expectError(.notFound) { _ = try await store.document(try ObjectKey("clusters/c/none.json")) }
        },
    ]
}

// MARK: - Cancelling

extension StoreContract {
    private static let cancelling: [StoreContract] = [
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
            for object in try await store.list(prefix: "c/", after: nil, limit: 1000).objects {
                #expect(object.size == 300_000)
                #expect(areSame(try await store.bytes(object.key), bytes))
            }
        }
    ]
}

// MARK: - Shorter ways to ask

/// Expects `body` to throw a `StoreError` with this code.
package func expectError(
    _ code: StoreError.Code,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
) async {
    do {
        try await body()
        Issue.record("no error where '\(code.rawValue)' was due", sourceLocation: sourceLocation)
    } catch let error as StoreError {
        #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
    } catch {
        Issue.record(error, "not a StoreError", sourceLocation: sourceLocation)
    }
}

extension ObjectStore {
    /// Puts `bytes` from a buffer of its own.
    package func put(
        _ bytes: [UInt8],
        _ key: ObjectKey,
        _ condition: PutCondition = .always
    ) async throws(StoreError) -> PutResult {
        let body = BufferLease(holding: bytes)
        return try await put(body, at: key, condition, digest: nil)
    }

    /// Gets an object, or a range of it, into a buffer of its own.
    ///
    /// - Parameter capacity: of the buffer, in bytes; nil: what the object or the range needs.
    package func bytes(
        _ key: ObjectKey,
        _ range: Range<Int64>? = nil,
        capacity: Int? = nil
    ) async throws(StoreError) -> [UInt8] {
        let size: Int
        if let capacity {
            size = capacity
        } else if let range {
            size = range.count
        } else {
            size = 17 << 20
        }
        var buffer = BufferLease(unpooledCapacity: size)
        _ = try await get(key, range: range, into: &buffer)
        return buffer.array
    }

    /// All keys under `prefix`, in the order the pages give them.
    package func keys(
        prefix: String = "",
        after: ObjectKey? = nil,
        limit: Int = 1000
    ) async throws(StoreError) -> [String] {
        var keys: [String] = []
        var after = after
        while true {
            let page = try await list(prefix: prefix, after: after, limit: limit)
            #expect(page.objects.count <= limit)
            keys += page.objects.map(\.key.description)
            guard page.hasMore else { return keys }
            guard let last = page.objects.last else {
                Issue.record("a page that says there is more, but has no key to go on after")
                return keys
            }
            after = last.key
        }
    }
}
