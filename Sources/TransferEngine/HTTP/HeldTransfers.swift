/// The transfers that libcurl has paused because a rate limit held one of their callbacks back.
///
/// Shared by a table and its transfers, on the loop's thread. Not Sendable, as they are not.
final class HeldTransfers {
    private(set) var ids: [UInt64] = []

    func add(_ id: UInt64) { ids.append(id) }

    /// Empties it: those that stay held are added again.
    func takeAll() -> [UInt64] {
        defer { ids = [] }
        return ids
    }
}
