internal import FoundationEssentials
package import ObjectStorage
internal import TransferEngine

/// The objects below `condemned/`: lists, marks that a list is done, and clock readings.
///
/// ```text
/// condemned/<id>.jsonl.zst    a list: immutable; the id is the SHA-256 of the object
/// condemned/<id>.done.json    that nothing is deleted by that list any more
/// condemned/<uuid>.clock      put to learn the store's time, and deleted at once
/// ```
package struct CondemnedLists: Sendable {
    /// One list, or what is left of one.
    package struct Entry: Sendable, Hashable {
        package let id: String
        /// The list; nil where only its mark is left.
        package internal(set) var list: ObjectInfo?
        /// The mark; nil while the list stands undone.
        package internal(set) var done: ObjectInfo?
    }

    static let prefix = "condemned/"
    private static let suffixes = (list: ".jsonl.zst", done: ".done.json", clock: ".clock")

    let vault: Vault
    /// A new UUID; tests give ones that are the same on every run.
    let newID: @Sendable () -> String

    package init(_ vault: Vault) { self.init(vault) { UUID().uuidString.lowercased() } }

    init(_ vault: Vault, newID: @escaping @Sendable () -> String) {
        self.vault = vault
        self.newID = newID
    }

    static func listKey(_ id: String) throws(ObjectKeyError) -> ObjectKey { try ObjectKey(prefix + id + suffixes.list) }
    static func doneKey(_ id: String) throws(ObjectKeyError) -> ObjectKey { try ObjectKey(prefix + id + suffixes.done) }
    static func clockKey(_ id: String) throws(ObjectKeyError) -> ObjectKey {
        try ObjectKey(prefix + id + suffixes.clock)
    }

    /// Everything there is, in order of ids.
    ///
    /// - Returns: also the clock readings of processes that were killed.
    /// - Throws: `VaultError` with code `.unsupported` for an object of another kind: it may condemn blobs in a way that
    ///   this program does not know.
    package func all() async throws -> (entries: [Entry], readings: [ObjectInfo]) {
        var entries: [Entry] = []
        var readings: [ObjectInfo] = []
        try await vault.store.forEachObject(prefix: Self.prefix) { object in
            let name = object.key.description.dropFirst(Self.prefix.count)
            func id(_ suffix: String) -> String? {
                let id = name.dropLast(suffix.count)
                return name.hasSuffix(suffix) && SHA256Digest(hex: id) != nil ? String(id) : nil
            }
            if name.hasSuffix(Self.suffixes.clock) {
                readings.append(object)
                return
            }
            let (list, done) = (id(Self.suffixes.list), id(Self.suffixes.done))
            guard let id = list ?? done else {
                throw VaultError(
                    .unsupported,
                    "read the lists of condemned blobs with",
                    object.key.description,
                    "this program does not know what it is: use a newer ringvault, or remove it if it is no part of "
                        + "the vault"
                )
            }
            if entries.last?.id != id { entries.append(Entry(id: id)) }
            if list != nil {
                entries[entries.count - 1].list = object
            } else {
                entries[entries.count - 1].done = object
            }
        }
        return (entries, readings)
    }

    /// Whether the list stands and is not done.
    ///
    /// The mark is asked for first: a list is removed before its mark, so one that stands after its mark was missing was
    /// not done at that moment.
    func isUndone(_ id: String) async throws -> Bool {
        guard try await vault.store.head(try Self.doneKey(id)) == nil else { return false }
        return try await vault.store.head(try Self.listKey(id)) != nil
    }

    /// Says that nothing more is deleted by the list.
    func markDone(_ id: String) async throws {
        let mark = DoneMark(list: id, finished: .now)
        _ = try await vault.store.put(
            document: try Document.encode(mark),
            at: try Self.doneKey(id),
            .onlyIfAbsent
        )
    }

    /// The store's time, in seconds since 1970: that of an object put now.
    ///
    /// - Throws: `VaultError` with code `.damaged` if the store does not have what was put.
    func storeTime() async throws -> Int64 {
        let key = try Self.clockKey(newID())
        _ = try await vault.store.put(document: [0x0A], at: key, .always)
        let found = try await vault.store.head(key)
        try await vault.store.delete(key)
        guard let found else {
            throw VaultError(.damaged, "read the clock of", vault.store.location, "it does not have what was put")
        }
        return found.modified
    }

    /// `<id>.done.json`.
    private struct DoneMark: Encodable {
        var type = "done"
        var version = 1
        let list: String
        let finished: Timestamp
    }
}
