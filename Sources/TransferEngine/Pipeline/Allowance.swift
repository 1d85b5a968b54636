/// What one taker of a `TokenBucket` may use now, for takers that cannot wait: callbacks.
///
/// Those who share a bucket get its bytes in turns of one step each, so none starves. What was handed out and not used
/// when the taker ends counts as used; that is a step at most.
package struct Allowance: Sendable {
    private let bucket: TokenBucket
    private var place: TokenBucket.Place?
    /// Bytes handed out and not used yet.
    private var ready = 0
    /// What the last `use` wanted, and was too little of.
    private var wanted = (most: 0, least: 0)

    package init(of bucket: TokenBucket) {
        self.bucket = bucket
    }

    /// How many of `count` bytes may be used now, which are then counted as used; at least `least`, or 0.
    ///
    /// 0 means to ask again when `wait` says so.
    package mutating func use(upTo count: Int, atLeast least: Int = 1) -> Int {
        if bucket.isUnlimited {
            place = nil
            ready = 0
            return count
        }
        wanted = (count, least)
        guard wait() == .zero else { return 0 }
        let used = min(count, ready)
        ready -= used
        return used
    }

    /// How long until what `use` had too little of is there; zero if it is.
    ///
    /// Never long, since the rate may change meanwhile.
    package mutating func wait() -> Duration {
        while ready < wanted.least, !bucket.isUnlimited {
            var place = place ?? bucket.reserve(upTo: wanted.most - ready, atLeast: wanted.least - ready)
            let (bytes, wait) = bucket.claim(&place, atLeast: min(wanted.least - ready, 1 << 30))
            self.place = place.isSpent ? nil : place
            ready += bytes
            if bytes == 0 { return wait }
        }
        return .zero
    }
}
