internal import FoundationEssentials
package import ObjectStorage
internal import TransferEngine

/// A prefix in a store that holds backups: described by its `vault.json`, which is written once.
package struct Vault: Sendable {
    /// The document `vault.json`.
    ///
    /// Format: `docs/vault-format.md`.
    package struct Description: Sendable, Hashable, Codable {
        /// How an encrypted vault is made.
        package struct Encryption: Sendable, Hashable, Codable {
            /// The algorithms, all of them, so that there is nothing to choose from.
            package static let currentSuite = "X25519, HKDF-SHA-256, HMAC-SHA-256, AES-256-GCM"

            package var suite = Encryption.currentSuite
            /// X25519, 64 hex digits.
            package var publicKey: String
            /// HMAC-SHA-256 of the document's bytes with 64 zeros in its place, under a key of the vault's.
            package var mac: String
        }

        /// Raised when an older program could no longer read the vault.
        package static let currentVersion = 2
        /// Of a vault without encryption, which needs nothing newer.
        static let plainVersion = 1
        static let encryptedVersion = 2

        package var format = "ringvault"
        package var version = Description.plainVersion
        /// A UUID, so that two vaults are never taken for one.
        package var id: String
        /// Bytes: the most plain content of one blob.
        package var chunkSize: Int
        package var created: Timestamp
        /// Nil in a vault that is not encrypted.
        package var encryption: Encryption?
    }

    package static let defaultChunkSize = 16 << 20
    /// Chunk sizes that a vault may have: powers of two, in bytes.
    package static let chunkSizes = (1 << 20)...(64 << 20)

    package let store: any ObjectStore
    package let description: Description
    /// What seals and opens its objects; nil in a vault that is not encrypted.
    package let encryption: VaultEncryption?

    /// A vault that is known, and not read from the store.
    init(store: any ObjectStore, description: Description, keys: VaultKeys? = nil) {
        self.store = store
        self.description = description
        encryption = keys.map { VaultEncryption($0, vault: description.id) }
    }

    private static func descriptionKey() throws -> ObjectKey { try ObjectKey("vault.json") }

    static func isChunkSize(_ size: Int) -> Bool { chunkSizes.contains(size) && size.nonzeroBitCount == 1 }

    // MARK: Making

    /// Makes a vault where there is none.
    ///
    /// - Parameters:
    ///   - key: what the vault is encrypted for; nil: it is not encrypted.
    ///   - label: of the key.
    /// - Throws: `VaultError` with code `.exists` if there is one already.
    package static func create(
        in store: any ObjectStore,
        chunkSize: Int = defaultChunkSize,
        encryptingFor key: NewKey? = nil,
        label: String = ""
    ) async throws -> Vault {
        guard isChunkSize(chunkSize) else {
            throw VaultError(
                .invalid,
                "create a vault in",
                store.location,
                "the chunk size must be a power of two from 1 MiB to 64 MiB, not \(chunkSize) bytes"
            )
        }
        var description = Description(id: UUID().uuidString.lowercased(), chunkSize: chunkSize, created: .now)
        let taken = VaultError(.exists, "create a vault in", store.location, "there is one already")
        guard let key else {
            guard try await put(description, in: store) else { throw taken }
            // Read back: where a store ignores the condition, or two create at once, all must go on with the same one.
            let vault = try await open(store)
            guard vault.description.id == description.id else { throw taken }
            return vault
        }
        guard try await store.head(try descriptionKey()) == nil else { throw taken }
        let vaultKey = SecretBytes.random(32)
        description.version = Description.encryptedVersion
        try description.prove(VaultKeys(vaultKey))
        // The key first: a vault that is there can be opened.
        let ring = KeyRing(store)
        let id = try await ring.add(vaultKey, description.id, key, label: label)
        guard try await put(description, in: store) else {
            try await ring.discard(id)
            throw taken
        }
        do {
            return try await open(store, with: key.source)
        } catch let error as VaultError where error.code == .damaged || error.code == .locked {
            // Another has made one at the same moment, in a store that lets both.
            try await ring.discard(id)
            throw taken
        }
    }

    /// - Returns: false if there is one already.
    private static func put(_ description: Description, in store: any ObjectStore) async throws -> Bool {
        let document = try Document.encode(description)
        return try await store.put(document: document, at: try descriptionKey(), .onlyIfAbsent) == .stored
    }

    // MARK: Opening

    /// - Parameter source: what an encrypted vault is opened with.
    /// - Throws: `VaultError`: `.notFound` where there is no vault; `.locked` if it is encrypted and the source does not open it;
    ///   `.invalid` if a key was given and the vault is not encrypted.
    package static func open(_ store: any ObjectStore, with source: KeySource = .none) async throws -> Vault {
        try await opening(store, with: source).vault
    }

    /// The same.
    ///
    /// - Returns: also the id of the wrapping under `keys/` that the source has opened, if there is one.
    package static func opening(
        _ store: any ObjectStore,
        with source: KeySource
    ) async throws -> (vault: Vault, key: String?) {
        if case .writeOnly(let key) = source {
            return (Vault(store: store, description: key.description, keys: key.keys), nil)
        }
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
        try description.check(store.location)
        guard let encryption = description.encryption else {
            guard source.name == nil else {
                throw VaultError(
                    .invalid,
                    "open",
                    store.location,
                    "a key was given, and by its vault.json the vault is not encrypted: nothing is read from it or "
                        + "written to it; either it is another vault than you mean, or someone has replaced that file"
                )
            }
            return (Vault(store: store, description: description), nil)
        }
        let (keys, id) = try await KeyRing(store).unlock(source) { keys in
            Base16.text(of: keys.publicKey) == encryption.publicKey && description.isProved(by: keys, in: bytes)
        }
        return (Vault(store: store, description: description, keys: keys), id)
    }

    /// Opens the vault, or makes one without encryption where there is none and no key was given.
    ///
    /// - Returns: also whether it was made now.
    package static func openOrCreate(
        in store: any ObjectStore,
        with source: KeySource = .none
    ) async throws -> (vault: Vault, isNew: Bool) {
        do {
            return (try await open(store, with: source), false)
        } catch let error as VaultError where error.code == .notFound {
            guard source.name == nil else {
                throw VaultError(
                    .notFound,
                    "open",
                    store.location,
                    "there is no vault, and one that is encrypted is made by 'ringvault vault init --encrypt' alone"
                )
            }
            do {
                return (try await create(in: store), true)
            } catch let error as VaultError where error.code == .exists {
                return (try await open(store, with: source), false)  // another node was faster
            }
        }
    }
}

extension Vault.Description {
    /// - Throws: `VaultError`: `.damaged` for values that no vault has, `.unsupported` for a later version.
    fileprivate func check(_ location: String) throws(VaultError) {
        func damaged(_ reason: String) -> VaultError {
            VaultError(.damaged, "open", location, "by its vault.json \(reason)")
        }
        guard format == "ringvault" else { throw damaged("it is of another program") }
        guard version <= Self.currentVersion else {
            throw VaultError(
                .unsupported,
                "open",
                location,
                "by its vault.json it has format version \(version), this program knows up to \(Self.currentVersion): "
                    + "use a newer ringvault"
            )
        }
        guard Vault.isChunkSize(chunkSize) else {
            throw damaged("its chunk size is \(chunkSize) bytes, which cannot be right")
        }
        guard version == (encryption == nil ? Self.plainVersion : Self.encryptedVersion) else {
            throw damaged("it has version \(version) and \(encryption == nil ? "no encryption" : "encryption")")
        }
        if let encryption, encryption.suite != Encryption.currentSuite {
            throw VaultError(
                .unsupported,
                "open",
                location,
                "by its vault.json it is encrypted with \(encryption.suite.debugDescription), which this program does not know"
            )
        }
    }

    /// Adds `encryption`, with its code over everything else.
    fileprivate mutating func prove(_ keys: VaultKeys) throws {
        encryption = Encryption(publicKey: Base16.text(of: keys.publicKey), mac: MaskedText.blank(64))
        let blank = try Document.encode(self)
        encryption?.mac = Self.code(of: blank, keys) ?? ""
    }

    /// Whether `bytes`, which this was read from, are what someone with these keys has written.
    fileprivate func isProved(by keys: VaultKeys, in bytes: [UInt8]) -> Bool {
        guard let mac = encryption?.mac, let masked = MaskedText.masking([mac], in: bytes),
            let code = Self.code(of: masked, keys)
        else { return false }
        return ConstantTime.areEqual(Array(code.utf8), Array(mac.utf8))
    }

    private static func code(of bytes: [UInt8], _ keys: VaultKeys) -> String? {
        keys.secret?.document.withBytes { key in HMACSHA256.code(of: bytes.span, key: key).description }
    }
}

extension Vault {
    /// A vault without encryption in another store that takes this one's manifests as they are before they are sealed.
    package func plainMirror(in store: any ObjectStore) -> Vault {
        var description = description
        (description.version, description.encryption) = (Description.plainVersion, nil)
        return Vault(store: store, description: description)
    }

    /// What a node needs to back up into this vault, and not to read from it.
    ///
    /// - Throws: `VaultError` if the vault is not encrypted, or was opened with such a key itself.
    package func writeOnlyKey() throws(VaultError) -> WriteOnlyKey {
        guard let encryption else {
            throw VaultError(.invalid, "export a key of", store.location, "the vault is not encrypted")
        }
        try checkReading("export a key of", store.location)
        return WriteOnlyKey(description, encryption.keys)
    }
}
