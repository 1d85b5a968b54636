internal import ObjectStorage

extension Examination {
    func reading() async throws(StoreError) -> Finding {
        let content = Self.content(40_000)
        let key = try await put(content, "read")
        guard try await bytes(key) == content else {
            return Check.read.finding(error: "40 kB came back as other bytes")
        }
        guard let info = try await store.head(key) else {
            return Check.read.finding(error: "a look at the object says that it is not there")
        }
        guard info.size == 40_000 else {
            return Check.read.finding(error: "a look at the object says \(info.size) bytes instead of 40000")
        }
        return Finding(.read, .ok, "40 kB came back the same", "What is stored here is what is restored.")
    }

    func ranges() async throws(StoreError) -> Finding {
        let content = Self.content(1000)
        let key = try await put(content, "range")
        for range in [0..<10, 500..<600, 999..<1000, 900..<5000, 1000..<1010] as [Range<Int64>] {
            let due = Array(content[Int(range.lowerBound)..<min(1000, Int(range.upperBound))])
            guard try await bytes(key, range) == due else {
                return Check.range.finding(error: "bytes \(range) of 1000 came back as others")
            }
        }
        return Finding(.range, .ok, "parts, and one that ends beyond the object", "Restores fetch only what they need.")
    }

    func emptiness() async throws(StoreError) -> Finding {
        let key = try await put([], "empty")
        let content = try await bytes(key)
        let size = try await store.head(key)?.size
        guard content.isEmpty, size == 0 else {
            return Check.empty.finding(
                error: "an object of no bytes came back with \(max(Int64(content.count), size ?? 0))"
            )
        }
        return Finding(.empty, .ok, "an object of no bytes is one", "Nothing to mind.")
    }

    /// Names that clients, proxies and stores have mixed up; the first is one that a vault has.
    private static let oddNames = [
        "Test%20Cluster", "a b", "a+b", "a&b=c;d", "~'()!*", "\u{E9}", "e\u{301}", "\u{732B}",
    ]

    func names(mayList: Bool) async throws(StoreError) -> Finding {
        var wrong: Set<String> = []
        var contents: [(name: String, key: ObjectKey, bytes: [UInt8])] = []
        // All first, so that two names for one object show.
        for (index, name) in Self.oddNames.enumerated() {
            do throws(StoreError) {
                let bytes = Self.content(10 + index)
                contents.append((name, try await put(bytes, "names/\(name)"), bytes))
            } catch {
                guard error.code == .refused || error.code == .notFound else { throw error }
                wrong.insert(name)
            }
        }
        for (name, key, bytes) in contents {
            do throws(StoreError) {
                if try await self.bytes(key) != bytes { wrong.insert(name) }
            } catch {
                guard error.code == .refused || error.code == .notFound else { throw error }
                wrong.insert(name)
            }
        }
        if mayList {
            let listed = Set(try await list("names/").keys)
            for (name, key, _) in contents where !listed.contains(key) { wrong.insert(name) }
        }
        guard !wrong.isEmpty else {
            return Finding(.names, .ok, "spaces, +, %, & and UTF-8 are kept", "Any prefix and cluster name will do.")
        }
        let found = "not kept: \(wrong.sorted().map { "'\($0)'" }.joined(separator: " "))"
        guard !wrong.contains(Self.oddNames[0]) else {
            return Finding(
                .names,
                .failed,
                found,
                "Backups of clusters with such names would be lost: a vault writes %."
            )
        }
        return Check.names.finding(error: found)
    }
}
