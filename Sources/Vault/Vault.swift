internal import FoundationEssentials
package import ObjectStorage

/// A prefix in a store that holds backups: described by its `vault.json`, which is written once.
package struct Vault: Sendable {
    /// The document `vault.json`.
    ///
    /// Format: `docs/vault-format.md`.
    package struct Description: Sendable, Hashable, Codable {
        /// Raised when an older program could no longer read the vault.
        package static let currentVersion = 1

        package var format = "ringvault"
        package var version = Description.currentVersion
        /// A UUID, so that two vaults are never taken for one.
        package var id: String
        /// Bytes: the most plain content of one blob.
        package var chunkSize: Int
        package var created: Timestamp
    }

    package static let defaultChunkSize = 16 << 20
    /// Chunk sizes that a vault may have: powers of two, in bytes.
    package static let chunkSizes = (1 << 20)...(64 << 20)

    package let store: any ObjectStore
    package let description: Description

    private static func descriptionKey() throws -> ObjectKey { try ObjectKey("vault.json") }

    /// Makes a vault where there is none.
    ///
    /// - Throws: `VaultError` with code `.exists` if there is one already.
    package static func create(in store: any ObjectStore, chunkSize: Int = defaultChunkSize) async throws -> Vault {
        guard chunkSizes.contains(chunkSize), chunkSize.nonzeroBitCount == 1 else {
            throw VaultError(
                .invalid,
                "create a vault in",
                store.location,
                "the chunk size must be a power of two from 1 MiB to 64 MiB, not \(chunkSize) bytes"
            )
        }
        let description = Description(
            id: UUID().uuidString.lowercased(),
            chunkSize: chunkSize,
            created: .now
        )
        let result = try await store.put(
            document: try Document.encode(description),
            at: try descriptionKey(),
            .onlyIfAbsent
        )
        // Read back: where a store ignores the condition, or two create at once, all must go on with the same one.
        let vault = try await open(store)
        guard result == .stored, vault.description.id == description.id else {
            throw VaultError(.exists, "create a vault in", store.location, "there is one already")
        }
        return vault
    }

    /// - Throws: `VaultError` with code `.notFound` where there is no vault.
    package static func open(_ store: any ObjectStore) async throws -> Vault {
        let key = try descriptionKey()
        let bytes: [UInt8]
        do throws(StoreError) {
            bytes = try await store.document(key)
        } catch {
            guard error.code == .notFound else { throw error }
            throw VaultError(
                .notFound,
                "open",
                store.location,
                "there is no vault; 'ringvault vault init --location \(store.location)' makes one"
            )
        }
        let description = try Document.decode(Description.self, from: bytes, key: key)
        guard description.format == "ringvault" else {
            throw VaultError(.damaged, "open", store.location, "vault.json is of another program")
        }
        guard description.version <= Description.currentVersion else {
            throw VaultError(
                .unsupported,
                "open",
                store.location,
                "it has format version \(description.version), this program knows up to "
                    + "\(Description.currentVersion): use a newer ringvault"
            )
        }
        guard chunkSizes.contains(description.chunkSize), description.chunkSize.nonzeroBitCount == 1 else {
            throw VaultError(
                .damaged,
                "open",
                store.location,
                "its chunk size of \(description.chunkSize) bytes cannot be right"
            )
        }
        return Vault(store: store, description: description)
    }

    /// Opens the vault, or makes it where there is none.
    ///
    /// - Returns: also whether it was made now.
    package static func openOrCreate(in store: any ObjectStore) async throws -> (vault: Vault, isNew: Bool) {
        do {
            return (try await open(store), false)
        } catch let error as VaultError where error.code == .notFound {
            do {
                return (try await create(in: store), true)
            } catch let error as VaultError where error.code == .exists {
                return (try await open(store), false)  // another node was faster
            }
        }
    }
}
