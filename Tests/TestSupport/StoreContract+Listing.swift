internal import ObjectStorage
internal import Testing

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

    static let naming: [StoreContract] = [
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
            let first = try await store.list(prefix: "", from: nil, limit: 1)
            #expect(first.objects.map { Array($0.key.description.utf8) } == [Array("cafe\u{301}".utf8)])
        },
    ]
}

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

    static let listing: [StoreContract] = [
        StoreContract("an empty store lists nothing") { store in
            let page = try await store.list(prefix: "", from: nil, limit: 10)
            #expect(page.objects.isEmpty)
            #expect(page.next == nil)
            #expect(try await store.keys(prefix: "a/b/") == [])
        },
        StoreContract("a list is in the order of the keys' bytes, each once, with sizes") { store in
            try await plant(store)
            #expect(try await store.keys() == tree)
            for object in try await store.list(prefix: "", from: nil, limit: 1000).objects {
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
        StoreContract("a listing goes on where it stopped, whatever was put and deleted meanwhile") { store in
            try await plant(store)
            let page = try await store.list(prefix: "b", from: nil, limit: 3)
            let seen = page.objects.map(\.key.description)
            let next = try #require(page.next)
            try await store.delete(try ObjectKey("blob"))
            _ = try await store.put([1], try ObjectKey("b/zz"))
            for text in seen { try await store.delete(try ObjectKey(text)) }
            var rest: [String] = []
            var cursor: ListCursor? = next
            while let from = cursor {
                let page = try await store.list(prefix: "b", from: from, limit: 3)
                rest += page.objects.map(\.key.description)
                cursor = page.next
            }
            let expected = tree.filter { $0.hasPrefix("b") && $0 != "blob" && !seen.contains($0) }
            #expect(rest.filter { $0 != "b/zz" } == expected)
        },
        StoreContract("several objects are removed at once, also those that are not there") { store in
            try await plant(store)
            let victims = ["b/a", "b/b/1", "none", "blobs/00/1", "z/z"]
            #expect(try await store.delete(victims.map { try ObjectKey($0) }).isEmpty)
            #expect(try await store.keys() == tree.filter { !victims.contains($0) })
            #expect(try await store.delete([]).isEmpty)
            let many = try (0..<1200).map { try ObjectKey("many/\($0)") }
            _ = try await store.put([1], many[1100])
            #expect(try await store.delete(many).isEmpty)
            #expect(try await store.head(many[1100]) == nil)
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
