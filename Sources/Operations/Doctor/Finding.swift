/// What one check of a store has found.
package struct Finding: Sendable, Hashable, Codable {
    package enum Result: String, Sendable, Codable {
        case ok
        /// A vault is safe with it; something else is not as it could be.
        case limited
        /// A vault cannot be safe with it, or not be used at all.
        case failed
        case notTried = "not tried"
    }

    package let check: Check
    package let result: Result
    /// A fact, in few words; of an error the store's own.
    package let found: String
    /// What it means for those who back up here: one sentence.
    package let follows: String

    init(_ check: Check, _ result: Result, _ found: String, _ follows: String) {
        self.check = check
        self.result = result
        self.found = found
        self.follows = follows
    }
}

/// What a store is examined for, in the order it is told.
package enum Check: String, Sendable, Codable, CaseIterable {
    case transport
    case clock
    case list
    case put
    case read
    case range
    case empty
    case names
    case paging
    case fresh
    case createOnly = "create-only"
    case checksum
    case delete
    case deleteMany = "delete-many"
    case latency
    case cleaning

    /// The finding if the store answers with an error where none is due.
    func finding(error words: String) -> Finding {
        switch self {
        case .transport, .clock, .latency: Finding(self, .limited, words, "This could not be found out.")
        case .list: Finding(self, .failed, words, "Neither backups nor restores find what is there: both list.")
        case .put: Finding(self, .failed, words, "Nothing can be backed up here.")
        case .read: Finding(self, .failed, words, "What is backed up here cannot be restored.")
        case .range: Finding(self, .failed, words, "Parts of objects cannot be read.")
        case .empty: Finding(self, .limited, words, "Only objects without bytes are in danger; a vault has none.")
        case .names: Finding(self, .limited, words, "Choose another location if its prefix has such characters.")
        case .paging: Finding(self, .failed, words, "Backups would be overlooked: listings are not whole.")
        case .fresh: Finding(self, .failed, words, "New backups would be overlooked: listings lag behind.")
        case .createOnly: Finding(self, .limited, words, Self.emulated)
        case .checksum: Finding(self, .limited, words, "Damage on the way is found when an object is read, not before.")
        case .delete: Finding(self, .limited, words, Self.cannotDelete)
        case .deleteMany: Finding(self, .limited, words, "Collection cannot remove several objects at a time.")
        case .cleaning: Finding(self, .limited, words, "What doctor made stays there; it is no part of a vault.")
        }
    }

    static let emulated = "Ringvault looks first; two that store the same content at once may both write it: no harm."
    static let cannotDelete = "Backups work; collection and doctor's own cleaning do not."
}
