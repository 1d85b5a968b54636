package import ObjectStorage
package import TransferEngine

/// Seals and opens the objects of an encrypted vault.
///
/// Each object is sealed under a key of its own, made of the writer's data key, a random salt, the vault's id and the object's
/// key in the store: an object that lies under another key cannot be opened. The data key is made anew by each process
/// and stands in every object's header in a box, so each object can be read alone.
package final class VaultEncryption: Sendable {
    /// Boxes that are remembered: a backup names blobs of many runs, and each had one.
    private static let remembered = 4096

    /// Where objects of deleted backups lie, each still sealed for where it came from.
    private static let trash = "trash/"

    let keys: VaultKeys
    private let vault: String
    private let own: ThreadLock<DataKey?> = ThreadLock(nil)
    private let opened = ThreadLock<[[UInt8]: SecretBytes]>([:])

    /// - Parameter vault: its id.
    init(_ keys: VaultKeys, vault: String) {
        self.keys = keys
        self.vault = vault
    }

    /// Whether what is stored can be read; false for a node that may only write.
    package var canRead: Bool { keys.secret != nil }

    /// Bytes of an object that holds `count` plain bytes.
    package static func sealedSize(of count: Int) -> Int { SealedHeader.size + SegmentStream.sealedSize(of: count) }

    /// Bytes that sealing adds to at most `count` plain bytes.
    package static func overhead(of count: Int) -> Int { sealedSize(of: count) - count }

    /// Seals what `lease` holds, where it lies.
    ///
    /// - Parameters:
    ///   - lease: with room for `sealedSize(of:)` bytes.
    ///   - key: where the object is going to be stored.
    package func seal(_ lease: inout BufferLease, for key: ObjectKey) {
        let data = own.withLock { own in
            let data = own ?? DataKey(for: keys, vault: vault)
            own = data
            return data
        }
        let header = SealedHeader(box: data.box, salt: SecureRandom.bytes(32))
        SegmentStream.seal(&lease, header: header.bytes, key: objectKey(data.key, header.salt, key))
    }

    /// Opens the whole object that `lease` holds, where it lies.
    ///
    /// - Parameter key: where it was found.
    /// - Throws: `VaultError` with code `.damaged` if it is not what was sealed for that key; `.locked` where reading is not allowed.
    package func open(_ lease: inout BufferLease, from key: ObjectKey) throws(VaultError) {
        let cipher = try cipher(for: lease.bytes, from: key)
        do throws(CodecError) {
            try SegmentStream.open(&lease, skipping: SealedHeader.size, first: 0, isEnd: true, with: cipher)
        } catch {
            throw VaultError(.damaged, "read", key.description, error.reason)
        }
    }

    /// What opens the segments of an object that begins with `bytes`.
    func cipher(for bytes: Span<UInt8>, from key: ObjectKey) throws(VaultError) -> AESGCM {
        guard canRead else { throw Self.unreadable("read", key.description) }
        guard let header = SealedHeader(bytes) else {
            throw VaultError(.damaged, "read", key.description, "it is not sealed as objects of this vault are")
        }
        guard let data = dataKey(in: header.box) else {
            throw VaultError(.damaged, "read", key.description, "its header was changed, or is of another vault")
        }
        return AESGCM(objectKey(data, header.salt, key), .opening)
    }

    /// Where an object belongs: of one in the trash, where it came from.
    static func home(of key: ObjectKey) -> ObjectKey {
        guard key.description.hasPrefix(trash) else { return key }
        return (try? ObjectKey(String(key.description.dropFirst(trash.count)))) ?? key
    }

    static func unreadable(_ operation: String, _ subject: String) -> VaultError {
        VaultError(
            .locked,
            operation,
            subject,
            "the key that was given lets this machine write and not read; use a key file or a passphrase of the vault"
        )
    }

    private func dataKey(in box: [UInt8]) -> SecretBytes? {
        if let known = opened.withLock({ $0[box] }) { return known }
        guard let key = DataKey.key(in: box, keys, vault: vault) else { return nil }
        opened.withLock { opened in
            if opened.count >= Self.remembered { opened.removeAll() }
            opened[box] = key
        }
        return key
    }

    private func objectKey(_ data: SecretBytes, _ salt: [UInt8], _ key: ObjectKey) -> SecretBytes {
        let home = Self.home(of: key).description
        let info = Array("ringvault object".utf8) + [0] + Array(vault.utf8) + [0] + Array(home.utf8)
        return HKDF.derive(from: data, salt: salt, info: info)
    }
}
