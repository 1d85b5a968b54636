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
            guard let next = next() else { return nil }
            ahead = next
        }
    }

    /// The next group of a table that is whole in the journal; nil behind its last.
    ///
    /// Must be asked in ascending order as well.
    mutating func nextGroup(of table: String) -> JournaledGroup? {
        while let group = ahead ?? next() {
            ahead = nil
            if group.group.table.utf8.elementsEqual(table.utf8) { return group }
            if table.utf8.lexicographicallyPrecedes(group.group.table.utf8) {
                ahead = group
                return nil
            }
        }
        return nil
    }

    private mutating func next() -> JournaledGroup? {
        while true {
            switch (try? groups?.next()) ?? nil {
            case .group(let group)?: return group
            case .snapshot?, .end?: continue
            // What cannot be read any more is read from the node's files again.
            case .piece?, .counts?, nil:
                groups = nil
                return nil
            }
        }
    }

    /// The pieces of the group at `position`; they are forgotten with this.
    mutating func pieces(at position: ManifestPosition) -> [JournaledPiece] {
        pieces.removeValue(forKey: position) ?? []
    }
}
