internal import TransferEngine

/// Whether a store really keeps the second writer of a name out when it is told to.
///
/// Some answer 501 to the condition, some ignore it and overwrite (https://github.com/gaul/undocumented-s3-apis). Until one was
/// seen to honour it, a look whether the object is there comes first; of two writers at the same moment both may then
/// write, which the vault's rules allow for.
final class CreateOnly: Sendable {
    enum Knowledge: Sendable, Hashable {
        case unknown
        case honoured
        case ignored
        /// The store refuses a request that has the condition.
        case refused
        /// The credential may neither look nor put without the condition: whatever the store says, nothing else is tried.
        case required
    }

    private let state: ThreadLock<Knowledge>

    /// - Parameter knowledge: `.honoured` for a provider that documents it.
    init(_ knowledge: Knowledge) {
        state = ThreadLock(knowledge)
    }

    var knowledge: Knowledge { state.withLock { $0 } }

    /// Whether to ask for the object before it is put.
    var looksFirst: Bool { knowledge != .honoured && knowledge != .required }

    /// Whether to send the condition.
    var isAsked: Bool { knowledge != .refused }

    func learn(_ new: Knowledge) { state.withLock { if $0 != .required { $0 = new } } }

    /// Bytes of a put that is worth repeating to learn something.
    private static let probeLimit = 4096

    /// Makes a create-only put of `count` bytes, with as many looks and repeats as this store needs.
    ///
    /// - Parameters:
    ///   - isThere: looks whether there is such an object.
    ///   - write: puts it, with the condition if `isAsked`; may be called twice.
    func put(
        _ count: Int,
        isThere: () async throws(StoreError) -> Bool,
        write: () async throws(StoreError) -> PutResult
    ) async throws(StoreError) -> PutResult {
        if looksFirst, try await isThere() { return .existed }
        let result = try await write()
        guard result == .stored, knowledge == .unknown, count <= Self.probeLimit else { return result }
        // The very same bytes once more: a store that honours the condition refuses them, one that ignores it stores
        // what is there already. A failure leaves the question open.
        do throws(StoreError) {
            let again = try await write()
            if isAsked { learn(again == .existed ? .honoured : .ignored) }
        } catch {}
        return result
    }
}
