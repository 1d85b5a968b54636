package import ObjectStorage

/// What lies in a vault besides its blobs.
package enum VaultSurroundings {
    package enum Kind: Sendable, Hashable {
        /// `vault.json`, keys, and what belongs to backups.
        case document
        /// A manifest below `trash/`.
        case trash
        /// A list below `condemned/`, and what belongs to it.
        case condemned
        /// Nothing that this program knows.
        case stray
    }

    /// A listing has come to the blobs, which are listed elsewhere, folder by folder.
    private struct ReachedBlobs: Error {}

    /// Calls `body` for every object that is not below `blobs/`, except for those that begin with another `b`, or with
    /// what is no ASCII: a listing can leave nothing out, so what lies behind the blobs is asked for letter by letter.
    package static func forEachObject(
        in vault: Vault,
        _ body: (ObjectInfo, Kind) async throws -> Void
    ) async throws {
        do {
            try await vault.store.forEachObject(prefix: "") { object in
                // Most vaults have `blobs/` first.
                guard object.key.description < "blobs/" else { throw ReachedBlobs() }
                try await body(object, kind(object.key))
            }
        } catch is ReachedBlobs {}
        for letter in UInt8(ascii: "c")...UInt8(ascii: "z") {
            try await vault.store.forEachObject(prefix: String(Unicode.Scalar(letter))) { object in
                try await body(object, kind(object.key))
            }
        }
    }

    static func kind(_ key: ObjectKey) -> Kind {
        let text = key.description
        if text == "vault.json" || text.hasPrefix("keys/") { return .document }
        if text.hasPrefix("trash/") { return .trash }
        if text.hasPrefix("condemned/") { return .condemned }
        return CatalogueEntry(key) == nil ? .stray : .document
    }
}
