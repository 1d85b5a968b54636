/// The objects of a fake cloud, and what they were before the last few requests.
struct CloudBucket: Sendable {
    struct Page {
        var objects: [(key: CloudKey, object: CloudObject)]
        /// Where the next page begins; nil if this is the last.
        var token: String?
    }

    private struct Change {
        let request: Int
        let key: CloudKey
        let before: CloudObject?
    }

    private(set) var objects: [CloudKey: CloudObject] = [:]
    /// The keys in order; nil when one came or went since.
    private var order: [CloudKey]?
    private var changes: [Change] = []
    private var generation: Int64 = 1_700_000_000_000_000
    /// What the tokens handed out stand for: the last key of their page, and the prefix that was asked for.
    private var tokens: [String: (after: CloudKey?, prefix: [UInt8])] = [:]
    private var random = SystemRandomNumberGenerator()

    subscript(key: CloudKey) -> CloudObject? { objects[key] }

    /// - Parameter request: the index of the request that does it, for who is to see what was before.
    mutating func set(_ object: CloudObject?, at key: CloudKey, request: Int) {
        changes.append(Change(request: request, key: key, before: objects[key]))
        if (objects[key] == nil) != (object == nil) { order = nil }
        objects[key] = object
    }

    mutating func nextGeneration() -> Int64 {
        generation += 1
        return generation
    }

    /// The objects as they were before the last `count` requests, of which `request` is the newest.
    func before(_ count: Int, _ request: Int) -> [CloudKey: CloudObject] {
        var past = objects
        for change in changes.reversed() where change.request >= request - count { past[change.key] = change.before }
        return past
    }

    /// The objects whose keys begin with `prefix`, in the order of their bytes.
    ///
    /// - Parameters:
    ///   - isAfter: whether a key lies where the page begins or beyond, in the order of keys; ignored with a token.
    ///   - staleBy: gives what was there before so many requests.
    /// - Returns: nil if the token is not one of this listing.
    mutating func page(
        prefix: [UInt8],
        token: String?,
        limit: Int,
        request: Int,
        fault: FakeCloud.Fault?,
        isAfter: (CloudKey) -> Bool
    ) -> Page? {
        var past: [CloudKey: CloudObject]?
        if case .staleList(let count) = fault { past = before(count, request) }
        let keys: [CloudKey]
        if let past {
            keys = past.keys.sorted()
        } else {
            keys = order ?? objects.keys.sorted()
            order = keys
        }
        var start: Int
        var last: CloudKey?
        if let token {
            guard let place = tokens[token], place.prefix == prefix else { return nil }
            last = place.after
            start = place.after.map { after in keys.firstPlace { after < $0 } } ?? 0
        } else {
            start = keys.firstPlace(where: isAfter)
        }
        if fault == .samePage { start = 0 }
        let first = CloudKey(prefix)
        start = max(start, keys.firstPlace { !($0 < first) })
        var found: [(key: CloudKey, object: CloudObject)] = []
        while start < keys.count, keys[start].bytes.starts(with: prefix) {
            if found.count == limit || fault == .emptyPage { break }
            let key = keys[start]
            if let object = past?[key] ?? objects[key] { found.append((key, object)) }
            start += 1
        }
        let hasMore = start < keys.count && keys[start].bytes.starts(with: prefix) || fault == .samePage
        last = found.last?.key ?? last ?? (start > 0 ? keys[start - 1] : nil)
        let next = hasMore ? makeToken(after: last, prefix: prefix) : nil
        return Page(objects: disturb(found, prefix, by: fault), token: next)
    }

    private func disturb(
        _ page: [(key: CloudKey, object: CloudObject)],
        _ prefix: [UInt8],
        by fault: FakeCloud.Fault?
    ) -> [(key: CloudKey, object: CloudObject)] {
        switch fault {
        case .foreignKeys:
            let stranger = CloudObject(bytes: [], etag: "0", modified: 0, generation: 1)
            return page + [(CloudKey(prefix.dropLast() + Array("~foreign".utf8)), stranger)]
        case .keysGoBack: return page.reversed() + page.prefix(1)
        default: return page
        }
    }

    /// Random, with bytes that must be percent-encoded in a query.
    private mutating func makeToken(after key: CloudKey?, prefix: [UInt8]) -> String {
        let token = Base64Text.encode(
            [0xFB, 0xEF, 0xFE] + (0..<13).map { _ in UInt8.random(in: 0...255, using: &random) }
        )
        tokens[token] = (key, prefix)
        return token
    }
}

extension [CloudKey] {
    /// The first place, in a sorted array, from which on `isBeyond` holds.
    fileprivate func firstPlace(where isBeyond: (CloudKey) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isBeyond(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
