internal import TransferEngine
internal import Vault

/// What a journal knows, read beside the plan: both ascend, so one look ahead is enough for the groups that are whole.
///
/// Pieces of groups that were not whole are held in memory, since they come in any order; there are only those that can
/// have been under way at one time.
struct JournalResumption: ~Copyable {
    private var groups: JournalLines?
    private var ahead: JournaledGroup?
    private var pieces: [ManifestPosition: [JournaledPiece]]

    init(_ groups: consuming JournalLines?, pieces: [ManifestPosition: [JournaledPiece]]) {
        self.groups = groups
        self.pieces = pieces
    }

    /// The whole group at `position`, if the journal has it; must be asked in ascending order.
    mutating func group(at position: ManifestPosition) -> JournaledGroup? {
        while true {
            if let ahead {
                if position < ahead.group.position { return nil }
                self.ahead = nil
                if ahead.group.position == position { return ahead }
            }
            // What cannot be read any more is read from the node's files again.
            guard case .group(let next)? = (try? groups?.next()) ?? nil else {
                groups = nil
                return nil
            }
            ahead = next
        }
    }

    /// The pieces of the group at `position`; they are forgotten with this.
    mutating func pieces(at position: ManifestPosition) -> [JournaledPiece] {
        pieces.removeValue(forKey: position) ?? []
    }
}
