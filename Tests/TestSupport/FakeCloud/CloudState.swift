internal import Glibc

/// What a fake cloud knows, behind its lock.
struct CloudState: Sendable {
    var bucket = CloudBucket()
    var requests: [FakeCloud.Request] = []
    var served = 0
    var refused = 0
    /// Conditional puts so far, of which every second meets a conflict if so wished.
    var conditionalPuts = 0
    /// Temporary keys that were given out, by access key.
    var temporaryKeys: [String: TemporaryKeys] = [:]

    /// AWS credentials that end.
    struct TemporaryKeys: Sendable {
        let secretKey: String
        let token: String
        /// In seconds since 1970.
        var expiry: Int64
    }

    /// OAuth tokens that were given out.
    var bearers: [String: Bearer] = [:]
    /// What a workload shows to get credentials.
    var identityToken = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQifQ.c2lnbmF0dXJl"

    /// Who may use an OAuth token for what.
    struct Bearer: Sendable {
        let scopes: Set<String>
        /// In seconds since 1970.
        var expiry: Int64
        /// Whether it is of one whom the policy binds.
        var isRestricted = false
    }

    /// Seconds of the monotonic clock at which `tokens` was right; nil before the first request.
    private var refilled: Double?
    private var tokens = 0.0

    /// Whether one more request may be done now.
    mutating func takeToken(_ rate: FakeCloud.Options.RequestRate) -> Bool {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        let now = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        tokens = refilled.map { min(rate.burst, tokens + (now - $0) * rate.perSecond) } ?? rate.burst
        refilled = now
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }

    /// Changes an object behind the service's back: an object that is there keeps what is said of it.
    mutating func plant(_ bytes: [UInt8]?, at key: CloudKey, _ now: Int64) {
        guard let bytes else { return bucket.set(nil, at: key, request: requests.count) }
        var object =
            bucket[key]
            ?? CloudObject(
                bytes: bytes,
                etag: HexText.encode(WireDigest.md5(bytes)),
                modified: now,
                generation: bucket.nextGeneration(),
                headers: [("content-type", "application/octet-stream")]
            )
        object.bytes = bytes
        bucket.set(object, at: key, request: requests.count)
    }
}

/// What a dialect knows of the request at hand.
struct CloudContext {
    let request: FakeCloud.Request
    let body: [UInt8]
    /// In seconds since 1970.
    let now: Int64
    let options: FakeCloud.Options
    /// Where the cloud listens: `http://127.0.0.1:port`.
    let endpoint: String

    var fault: FakeCloud.Fault? { request.fault }

    /// An object as a reader is to see it, which a fault may have changed.
    func object(_ key: CloudKey, in bucket: CloudBucket) -> CloudObject? {
        switch fault {
        case .staleObject(let count): return bucket.before(count, request.index)[key].map(adjusted)
        case .wrongObject:
            guard var object = bucket[key] else { return nil }
            let other = bucket.objects.first { $0.key != key && $0.value.bytes.count == object.bytes.count }
            object.bytes = other?.value.bytes ?? object.bytes.map { ~$0 }
            return adjusted(object)
        case .shortObject(let count):
            guard var object = bucket[key] else { return nil }
            object.bytes.removeLast(min(count, object.bytes.count))
            return adjusted(object)
        default: return bucket[key].map(adjusted)
        }
    }

    /// The object with its time and ETag as they are told.
    func adjusted(_ object: CloudObject) -> CloudObject {
        var object = object
        object.modified += options.modifiedSkew
        if case .skewedTime(let seconds) = fault { object.modified += seconds }
        if fault == .randomETag { object.etag = Self.randomETag() }
        return object
    }

    func etag(of bytes: [UInt8]) -> String {
        switch options.etags {
        case .md5: HexText.encode(WireDigest.md5(bytes))
        case .random: Self.randomETag()
        }
    }

    /// The bytes that a Range header asks for; nil if there is none to be followed.
    func range(_ header: String?, of size: Int) throws(UnsatisfiableRange) -> Range<Int>? {
        guard let header, header.hasPrefix("bytes="), fault != .rangeIgnored else { return nil }
        let parts = header.dropFirst(6).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !header.contains(",") else { return nil }
        if parts[0].isEmpty {
            guard let count = Int(parts[1]) else { return nil }
            guard count > 0, size > 0 else { throw UnsatisfiableRange() }
            return max(0, size - count)..<size
        }
        guard let first = Int(parts[0]), first >= 0 else { return nil }
        guard let last = parts[1].isEmpty ? Int.max - 1 : Int(parts[1]), last >= first else { return nil }
        guard first < size else { throw UnsatisfiableRange() }
        return first..<min(last + 1, size)
    }

    /// The bytes of a range, or of another if the fault is such.
    func cut(_ object: CloudObject, _ range: Range<Int>) -> [UInt8] {
        guard case .rangeShifted(let count) = fault else { return Array(object.bytes[range]) }
        return range.map { object.bytes[(($0 + count) % object.bytes.count + object.bytes.count) % object.bytes.count] }
    }

    struct UnsatisfiableRange: Error {}

    private static func randomETag() -> String {
        HexText.encode((0..<16).map { _ in UInt8.random(in: 0...255) })
    }
}
