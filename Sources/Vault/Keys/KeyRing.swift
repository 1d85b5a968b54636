package import ObjectStorage
internal import TransferEngine

/// The wrappings of a vault's key: `keys/`.
///
/// There may be several, each opens the same vault, and what is stored does not change when one comes or goes.
package struct KeyRing: Sendable {
    /// One wrapping, as people are told of it.
    package struct Entry: Sendable, Hashable, Codable {
        package let id: String
        /// `key file` or `passphrase`; nil if the document cannot be read.
        package let kind: String?
        package let label: String?
        package let created: Timestamp?
        /// What is wrong with it; nil: nothing.
        package let damage: String?
    }

    /// Wrappings that are tried with a passphrase, which takes half a second each.
    private static let mostTried = 64

    private let store: any ObjectStore

    package init(_ store: any ObjectStore) {
        self.store = store
    }

    // MARK: Looking

    /// All wrappings, by their ids.
    package func entries() async throws -> [Entry] {
        var entries: [Entry] = []
        for key in try await keys() {
            guard let id = KeyWrapping.id(of: key) else { continue }
            do {
                let (wrapping, _) = try await read(key)
                entries.append(
                    Entry(
                        id: id,
                        kind: wrapping.kind.rawValue,
                        label: wrapping.label,
                        created: wrapping.created,
                        damage: nil
                    )
                )
            } catch let error as VaultError {
                entries.append(
                    Entry(id: id, kind: nil, label: nil, created: nil, damage: error.reason)
                )
            }
        }
        return entries
    }

    /// Finds the vault's keys with what someone has.
    ///
    /// - Parameter isRight: whether keys are this vault's.
    /// - Returns: the keys, and the id of the wrapping that gave them.
    /// - Throws: `VaultError`: `.locked` if the source opens none; `.damaged` if that may be for a damaged one, or if what it opens is
    ///   not this vault's.
    func unlock(
        _ source: KeySource,
        _ isRight: (VaultKeys) -> Bool
    ) async throws -> (keys: VaultKeys, id: String) {
        var damage: [VaultError] = []
        var isOpened = false
        var source = source
        var kinds: Set<KeyWrapping.Kind> = []
        var tried = 0
        for key in try await keys() {
            guard let id = KeyWrapping.id(of: key) else { continue }
            do {
                let (wrapping, bytes) = try await read(key)
                kinds.insert(wrapping.kind)
                if case .asking(let ask) = source, wrapping.kind == .passphrase {
                    source = .passphrase(try await ask())
                }
                guard let secret = source.secret(for: wrapping.kind), tried < Self.mostTried else { continue }
                tried += 1
                guard let vaultKey = try await wrapping.vaultKey(secret, in: bytes, at: key) else { continue }
                let keys = VaultKeys(vaultKey)
                if isRight(keys) { return (keys, id) }
                isOpened = true
            } catch let error as VaultError where error.code == .damaged || error.code == .unsupported {
                damage.append(error)
            }
        }
        if let first = damage.first { throw first }
        if isOpened {
            throw VaultError(
                .damaged,
                "open",
                store.location,
                "vault.json was changed since it was written, or is of another vault"
            )
        }
        throw locked(source, kinds)
    }

    private func locked(_ source: KeySource, _ kinds: Set<KeyWrapping.Kind>) -> VaultError {
        func error(_ reason: String) -> VaultError { VaultError(.locked, "open", store.location, reason) }
        if kinds.isEmpty { return error("the vault is encrypted, and has no key under keys/ that could open it") }
        let there = kinds.map(\.rawValue).sorted().map { $0 == "passphrase" ? "a passphrase" : "a key file" }
            .joined(separator: " or ")
        guard let name = source.name else {
            return error("the vault is encrypted: it is opened with \(there) (--key-file, --passphrase-file)")
        }
        return error(
            "the vault is encrypted, and this \(name) does not open it: it is another vault's, or was removed from this "
                + "one; it is opened with \(there)"
        )
    }

    // MARK: Changing

    /// Wraps the vault's key once more.
    ///
    /// - Returns: the id of what was written, which has been read back and opened.
    package func add(_ new: NewKey, label: String, to vault: Vault) async throws -> String {
        let secret = try vault.secret("add a key to")
        return try await add(secret.vault, vault.description.id, new, label: label)
    }

    func add(_ vaultKey: SecretBytes, _ vault: String, _ new: NewKey, label: String) async throws -> String {
        guard label.utf8.count <= 200, !label.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw VaultError(
                .invalid,
                "use as a label",
                label.debugDescription,
                "it takes at most 200 bytes, and no control characters"
            )
        }
        let (id, bytes) = try await KeyWrapping.make(vaultKey, vault: vault, label: label, with: new)
        let key = try KeyWrapping.key(ofID: id)
        _ = try await store.put(document: bytes, at: key, .onlyIfAbsent)
        let (wrapping, stored) = try await read(key)
        guard let found = try await wrapping.vaultKey(new.secret, in: stored, at: key), found.isEqual(to: vaultKey)
        else { throw VaultError(.damaged, "add a key to", store.location, "\(key) does not come back as it was put") }
        return id
    }

    /// Removes a wrapping: what it was made with then opens the vault no more.
    ///
    /// - Parameter opener: the wrapping that the vault was opened by, which stays: so the last one cannot go.
    /// - Throws: `VaultError`: `.notFound`; `.invalid` for the opener itself.
    package func remove(_ id: String, from vault: Vault, openedBy opener: String?) async throws {
        _ = try vault.secret("remove a key from")
        let all = try await keys().compactMap { KeyWrapping.id(of: $0) }
        guard all.contains(id) else {
            throw VaultError(.notFound, "remove the key", "'\(id)'", "the vault has \(all.joined(separator: ", "))")
        }
        guard let opener, opener != id else {
            throw VaultError(
                .invalid,
                "remove the key",
                "'\(id)'",
                "it is the one that you have opened the vault with: give one that stays, or use 'vault key rotate'"
            )
        }
        try await store.delete(try KeyWrapping.key(ofID: id))
    }

    /// Wraps the vault's key anew, and removes the wrapping that the vault was opened by.
    ///
    /// - Parameters:
    ///   - opener: that wrapping's id.
    ///   - label: of the new one; nil: the old one's.
    /// - Returns: the id of the new one, which has been read back and opened before the old one went.
    package func replace(_ opener: String, by new: NewKey, label: String?, of vault: Vault) async throws -> String {
        let former = try await entries().first { $0.id == opener }?.label
        let added = try await add(new, label: label ?? former ?? "", to: vault)
        try await store.delete(try KeyWrapping.key(ofID: opener))
        return added
    }

    /// Removes a wrapping of a vault that was not made after all.
    func discard(_ id: String) async throws { try await store.delete(try KeyWrapping.key(ofID: id)) }

    // MARK: The store

    private func keys() async throws -> [ObjectKey] {
        var keys: [ObjectKey] = []
        try await store.forEachObject(prefix: KeyWrapping.prefix) { object in
            guard KeyWrapping.id(of: object.key) != nil else { return }
            keys.append(object.key)
            guard keys.count <= 1000 else {
                throw VaultError(.damaged, "open", store.location, "it has over 1,000 keys under keys/")
            }
        }
        return keys
    }

    private func read(_ key: ObjectKey) async throws -> (wrapping: KeyWrapping, bytes: [UInt8]) {
        let bytes: [UInt8]
        do throws(StoreError) {
            bytes = try await store.document(key, limit: KeyWrapping.limit)
        } catch {
            guard error.code == .badRange else { throw error }
            throw VaultError(.damaged, "read", key.description, "it is larger than a key can be")
        }
        return (try KeyWrapping(from: bytes, at: key), bytes)
    }
}

extension KeySource {
    /// What a wrapping of this kind may be opened with.
    fileprivate func secret(for kind: KeyWrapping.Kind) -> SecretBytes? {
        switch (self, kind) {
        case (.keyFile(let secret), .keyFile), (.passphrase(let secret), .passphrase): secret
        default: nil
        }
    }
}

extension Vault {
    fileprivate func secret(_ operation: String) throws(VaultError) -> VaultKeys.Secret {
        guard let encryption else {
            throw VaultError(.invalid, operation, store.location, "the vault is not encrypted, and cannot become so")
        }
        guard let secret = encryption.keys.secret else {
            throw VaultEncryption.unreadable(operation, store.location)
        }
        return secret
    }
}
