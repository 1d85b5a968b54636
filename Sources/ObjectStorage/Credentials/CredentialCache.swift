internal import TransferEngine

/// Credentials and when they end.
package struct Expiring<Value: Sendable>: Sendable {
    package let value: Value
    /// Seconds since 1970; nil: they do not end.
    package let expires: Int64?

    package init(_ value: Value, expires: Int64? = nil) {
        self.value = value
        self.expires = expires
    }
}

/// Where credentials come from: a file, the environment, a service beside the machine.
package protocol CredentialSource<Value>: Sendable {
    associatedtype Value: Sendable

    /// How people name it: `the profile 'backup'`, `the EC2 instance's role`.
    var name: String { get }

    /// Reads or asks for them anew, each time.
    func fetch() async throws(CredentialError) -> Expiring<Value>
}

/// Which credentials of a cache were used for a request: counts those that it had.
package struct CredentialGeneration: Sendable, Hashable {
    fileprivate let number: Int

    /// For stores that are asked without credentials.
    package static let none = CredentialGeneration(number: 0)
}

/// Keeps credentials and fetches new ones before they end: after four fifths of their life.
///
/// One request at a time fetches; the others go on with what is there while it is good. If new ones cannot be had, the old ones are
/// used to their end, and beyond it while the service is out of reach: stores sometimes honour them during an outage, and
/// nothing is lost by asking.
package actor CredentialCache<Value: Sendable> {
    private struct Kept {
        let value: Value
        let generation: CredentialGeneration
        let refreshAt: Int64?
        let expires: Int64?
    }

    private let source: any CredentialSource<Value>
    private let clock: WallClock
    private let gate = Slots(1)
    private var kept: Kept?
    private var lastNumber = 0
    /// Before this time a failed fetch is not repeated while old credentials are good.
    private var notBefore: Int64 = .min

    /// How long good credentials are used after a failed fetch before the next one.
    private static var pause: Int64 { 10 }

    package init(_ source: any CredentialSource<Value>, clock: WallClock) {
        self.source = source
        self.clock = clock
    }

    package nonisolated var name: String { source.name }

    /// Credentials that are good now, as far as is known.
    package func current() async throws(CredentialError) -> (value: Value, generation: CredentialGeneration) {
        if let kept, !isDue(kept) || (isGood(kept) && isFetching) { return (kept.value, kept.generation) }
        do {
            try await gate.wait()
        } catch {
            throw CredentialError(.cancelled, "cancelled while waiting for credentials")
        }
        defer { gate.signal() }
        // Another request may have fetched them while this one waited.
        if let kept, !isDue(kept) { return (kept.value, kept.generation) }
        isFetching = true
        defer { isFetching = false }
        do throws(CredentialError) {
            let fetched = try await source.fetch()
            lastNumber += 1
            let now = clock.now()
            let fresh = Kept(
                value: fetched.value,
                generation: CredentialGeneration(number: lastNumber),
                refreshAt: fetched.expires.map { now + max(0, $0 - now) * 4 / 5 },
                expires: fetched.expires
            )
            kept = fresh
            return (fresh.value, fresh.generation)
        } catch {
            notBefore = clock.now() + Self.pause
            if let kept, error.code == .unavailable || error.code == .missing || isGood(kept) {
                return (kept.value, kept.generation)
            }
            throw error
        }
    }

    /// The store said that these have ended: the next request fetches new ones.
    package func renew(after used: CredentialGeneration) {
        guard let old = kept, old.generation == used else { return }  // another request has done it
        notBefore = .min
        kept = Kept(value: old.value, generation: old.generation, refreshAt: .min, expires: .min)
    }

    private var isFetching = false

    private func isDue(_ kept: Kept) -> Bool {
        guard let refreshAt = kept.refreshAt else { return false }
        let now = clock.now()
        return now >= refreshAt && (now >= notBefore || !isGood(kept))
    }

    private func isGood(_ kept: Kept) -> Bool { kept.expires.map { clock.now() < $0 } ?? true }
}
