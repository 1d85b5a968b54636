import ObjectStorage
import TestSupport
import Testing
import TransferEngine

@testable import Vault

@Suite(.timeLimit(.minutes(5))) struct `An encrypted vault` {
    private static let secret = SecretBytes(copying: [UInt8](repeating: 7, count: 32))
    private static let other = SecretBytes(copying: [UInt8](repeating: 8, count: 32))
    private static let passphrase = SecretBytes(copying: Array("correct horse battery".utf8))

    private struct Fixture {
        let store = VaultMemoryStore()
        let vault: Vault

        init() async throws {
            vault = try await Vault.create(
                in: store,
                chunkSize: 1 << 20,
                encryptingFor: NewKey(keyFile: secret),
                label: "first"
            )
        }

        var ring: KeyRing { KeyRing(store) }

        func open(_ source: KeySource) async throws -> Vault { try await Vault.open(store, with: source) }

        func problem(_ source: KeySource) async -> VaultError? {
            do {
                _ = try await open(source)
                return nil
            } catch {
                return error as? VaultError
            }
        }
    }

    // MARK: Keys

    @Test func `is opened by its key and by nothing else`() async throws {
        let fixture = try await Fixture()
        let opened = try await fixture.open(.keyFile(Self.secret))
        #expect(opened.description == fixture.vault.description)
        #expect(opened.description.version == 2)
        #expect(opened.canRead)
        for source in [KeySource.none, .keyFile(Self.other), .passphrase(Self.passphrase)] {
            let error = try #require(await fixture.problem(source))
            #expect(error.code == .locked)
            #expect(error.description.contains("key file"))
            #expect(!error.description.contains("damaged"))
        }
        // Nobody is asked for a passphrase that would open nothing.
        let asking = KeySource.asking { preconditionFailure("asked") }
        #expect(await fixture.problem(asking)?.code == .locked)
    }

    @Test func `says what is missing, and what is wrong`() async throws {
        let fixture = try await Fixture()
        #expect(try #require(await fixture.problem(.none)).description.contains("--key-file"))
        #expect(try #require(await fixture.problem(.keyFile(Self.other))).description.contains("does not open it"))
    }

    @Test func `is opened by each of its keys until that is removed`() async throws {
        let fixture = try await Fixture()
        let first = try #require(try await fixture.ring.entries().first).id
        let second = try await fixture.ring.add(NewKey(keyFile: Self.other), label: "b", to: fixture.vault)
        let third = try await fixture.ring.add(NewKey(passphrase: Self.passphrase), label: "c", to: fixture.vault)
        #expect(Set(try await fixture.ring.entries().map(\.id)) == [first, second, third])
        #expect(Set(try await fixture.ring.entries().map(\.label)) == ["first", "b", "c"])
        for source in [KeySource.keyFile(Self.secret), .keyFile(Self.other), .passphrase(Self.passphrase)] {
            #expect(try await fixture.open(source).description.id == fixture.vault.description.id)
        }
        let asked = try await fixture.open(.asking { Self.passphrase })
        #expect(asked.canRead)
        let (vault, opener) = try await Vault.opening(fixture.store, with: .keyFile(Self.other))
        #expect(opener == second)
        for id in [first, third] { try await fixture.ring.remove(id, from: vault, openedBy: opener) }
        #expect(await fixture.problem(.keyFile(Self.secret))?.code == .locked)
        #expect(await fixture.problem(.passphrase(Self.passphrase))?.code == .locked)
        // The last one cannot go, and none that is not there.
        for id in [second, "0011223344556677"] {
            await #expect(throws: VaultError.self) { try await fixture.ring.remove(id, from: vault, openedBy: opener) }
        }
        #expect(try await fixture.open(.keyFile(Self.other)).canRead)
    }

    @Test func `gets another key in place of one, and nothing stored changes`() async throws {
        let fixture = try await Fixture()
        let key = try ObjectKey("clusters/c/b/backup.json")
        _ = try await fixture.vault.put(document: Array("text".utf8), at: key, .onlyIfAbsent)
        let before = fixture.store[key.description]
        let (vault, opener) = try await Vault.opening(fixture.store, with: .keyFile(Self.secret))
        let id = try await fixture.ring.replace(
            try #require(opener),
            by: NewKey(keyFile: Self.other),
            label: nil,
            of: vault
        )
        #expect(try await fixture.ring.entries().map(\.id) == [id])
        #expect(try await fixture.ring.entries().map(\.label) == ["first"])
        #expect(await fixture.problem(.keyFile(Self.secret))?.code == .locked)
        #expect(try await fixture.open(.keyFile(Self.other)).document(key) == Array("text".utf8))
        #expect(fixture.store[key.description] == before)
    }

    @Test func `takes no passphrase that is quickly guessed`() throws {
        for text in ["", "short", "elevenchars"] {
            #expect(throws: VaultError.self) { try NewKey(passphrase: SecretBytes(copying: Array(text.utf8))) }
        }
        _ = try NewKey(passphrase: SecretBytes(copying: Array("zwölf Zeichen".utf8)))
        #expect(throws: VaultError.self) { try Passphrase.secret(from: Array("\nsecond line".utf8)) }
        let line = try Passphrase.secret(from: Array("a phrase \r\nmore".utf8))
        #expect(line.isEqual(to: SecretBytes(copying: Array("a phrase ".utf8))))
    }

    @Test func `is not made where a vault is, and leaves no key behind`() async throws {
        let fixture = try await Fixture()
        let keys = fixture.store.keys
        let error = await #expect(throws: VaultError.self) {
            try await Vault.create(in: fixture.store, encryptingFor: NewKey(keyFile: Self.other))
        }
        #expect(error?.code == .exists)
        #expect(fixture.store.keys == keys)
        // Another was faster by a moment.
        let store = VaultMemoryStore()
        store.beforeNextPut { store in
            store["vault.json"] = fixture.store["vault.json"]
        }
        let late = await #expect(throws: VaultError.self) {
            try await Vault.create(in: store, encryptingFor: NewKey(keyFile: Self.other))
        }
        #expect(late?.code == .exists)
        #expect(store.keys == ["vault.json"])
    }

    @Test func `has other keys than the next one for the same key file`() async throws {
        let (one, two) = (try await Fixture(), try await Fixture())
        let digest = SHA256.digest(of: [1, 2, 3].span)
        #expect(one.vault.naming.name(of: digest) != two.vault.naming.name(of: digest))
        #expect(one.vault.naming.name(of: digest) != ContentName(plain: digest))
        #expect(try await one.open(.keyFile(Self.secret)).naming.name(of: digest) == one.vault.naming.name(of: digest))
    }

    // MARK: Attacks on what is not sealed

    @Test func `replaced by a plain one gets nothing from who has a key`() async throws {
        let store = VaultMemoryStore()
        _ = try await Vault.create(in: store)
        for source in [KeySource.keyFile(Self.secret), .passphrase(Self.passphrase)] {
            let error = await #expect(throws: VaultError.self) { try await Vault.open(store, with: source) }
            #expect(error?.code == .invalid)
            #expect(error?.description.contains("not encrypted") == true)
            let made = await #expect(throws: VaultError.self) {
                _ = try await Vault.openOrCreate(in: VaultMemoryStore(), with: source)
            }
            #expect(made?.code == .notFound)
        }
        // Nobody is asked for the passphrase of a vault that has none.
        #expect(try await Vault.open(store, with: .asking { preconditionFailure("asked") }).encryption == nil)
    }

    @Test func `with another's vault.json is told of`() async throws {
        let (one, two) = (try await Fixture(), try await Fixture())
        one.store["vault.json"] = two.store["vault.json"]
        #expect(await one.problem(.keyFile(Self.secret))?.code == .damaged)
        one.store["vault.json"] = nil
        #expect(await one.problem(.keyFile(Self.secret))?.code == .notFound)
    }

    @Test func `with any bit of vault.json or a key changed is told of by its name`() async throws {
        let fixture = try await Fixture()
        for key in fixture.store.keys {
            let good = try #require(fixture.store[key])
            for bit in 0..<good.count * 8 {
                var bad = good
                bad[bit / 8] ^= 1 << UInt8(bit % 8)
                fixture.store[key] = bad
                let error = try #require(await fixture.problem(.keyFile(Self.secret)), "bit \(bit) of \(key)")
                #expect([.damaged, .unsupported, .invalid].contains(error.code), "bit \(bit) of \(key): \(error)")
                #expect(error.description.contains(key), "bit \(bit): \(error)")
            }
            for bytes in [[], Array(good.dropLast()), Array(good.dropFirst()), good + [0x20], good + good] {
                fixture.store[key] = bytes
                #expect(await fixture.problem(.keyFile(Self.secret)) != nil)
            }
            fixture.store[key] = good
        }
        #expect(await fixture.problem(.keyFile(Self.secret)) == nil)
    }

    @Test func `whose one key is damaged opens with another, and tells of it when asked`() async throws {
        let fixture = try await Fixture()
        let first = try #require(try await fixture.ring.entries().first).id
        _ = try await fixture.ring.add(NewKey(keyFile: Self.other), label: "", to: fixture.vault)
        fixture.store["keys/\(first).json"]?[40] ^= 1
        #expect(try await fixture.open(.keyFile(Self.other)).canRead)
        #expect(await fixture.problem(.keyFile(Self.secret))?.code == .damaged)
        #expect(try await fixture.ring.entries().first { $0.id == first }?.damage != nil)
    }

    @Test func `does not compute for a hostile store`() async throws {
        let fixture = try await Fixture()
        let id = try await fixture.ring.add(NewKey(passphrase: Self.passphrase), label: "", to: fixture.vault)
        let key = "keys/\(id).json"
        let text = String(decoding: try #require(fixture.store[key]), as: UTF8.self)
        for (old, new) in [
            ("131072", "1073741824"), ("\"p\" : 1", "\"p\" : 9999999"), ("\"r\" : 8", "\"r\" : 99999999"),
        ] {
            #expect(text.contains(old))
            var wrapping = text.replacing(old, with: new)
            // With the right sum: only the parameters are wrong.
            let sum = wrapping.split(separator: "\"sha256\" : \"")[1].prefix(64)
            wrapping = wrapping.replacing(sum, with: MaskedText.blank(64))
            let right = SHA256.digest(of: Array(wrapping.utf8).span).description
            fixture.store[key] = Array(wrapping.replacing(MaskedText.blank(64), with: right).utf8)
            let error = try #require(await fixture.problem(.passphrase(Self.passphrase)))
            #expect(error.code == .damaged)
            #expect(error.description.contains("scrypt"))
        }
    }

    // MARK: Documents

    @Test(arguments: [0, 1, 100, 65_536, 65_537, 200_000])
    func `gives documents back, and shows nothing of them`(count: Int) async throws {
        let fixture = try await Fixture()
        let key = try ObjectKey("clusters/c/b/backup.json")
        let document = Content.repetitive(count)
        #expect(try await fixture.vault.put(document: document, at: key, .onlyIfAbsent) == .stored)
        let stored = try #require(fixture.store[key.description])
        #expect(stored.count == VaultEncryption.sealedSize(of: count))
        #expect(try await fixture.open(.keyFile(Self.secret)).document(key, limit: count) == document)
        if count > 64 {
            #expect(!stored.indices.contains { stored[$0...].starts(with: document.prefix(16)) })
            await #expect(throws: StoreError.self) { try await fixture.vault.document(key, limit: count - 1) }
        }
        // The same once more is other bytes.
        #expect(fixture.vault.sealed(document, for: key) != stored)
    }

    @Test func `knows an object that was moved, but for the trash`() async throws {
        let fixture = try await Fixture()
        let key = try ObjectKey("clusters/c/b/nodes/x.jsonl.zst")
        _ = try await fixture.vault.put(document: [1, 2, 3], at: key, .onlyIfAbsent)
        let stored = fixture.store[key.description]
        for place in [
            "clusters/c/a/nodes/x.jsonl.zst", "clusters/c/b/nodes/x.jsonl", "trash/clusters/c/a/nodes/x.jsonl.zst",
        ] {
            fixture.store[place] = stored
            let error = await #expect(throws: VaultError.self) {
                try await fixture.vault.document(try ObjectKey(place))
            }
            #expect(error?.code == .damaged)
            #expect(error?.description.contains(place) == true)
        }
        fixture.store["trash/\(key)"] = stored
        #expect(try await fixture.vault.document(try ObjectKey("trash/\(key)")) == [1, 2, 3])
    }

    @Test func `takes no object that someone made with its public key alone`() async throws {
        let fixture = try await Fixture()
        let keys = try #require(fixture.vault.encryption?.keys)
        let stranger = VaultEncryption(
            VaultKeys(publicKey: keys.publicKey, writer: .random(32), name: keys.name),
            vault: fixture.vault.description.id
        )
        let key = try ObjectKey("clusters/c/b/backup.json")
        var lease = BufferLease(unpooledCapacity: 1000)
        lease.add([1, 2, 3])
        stranger.seal(&lease, for: key)
        fixture.store[key.description] = lease.array
        let error = await #expect(throws: VaultError.self) { try await fixture.vault.document(key) }
        #expect(error?.code == .damaged)
        fixture.store[key.description] = [1, 2, 3]
        await #expect(throws: VaultError.self) { try await fixture.vault.document(key) }
    }

    // MARK: Blobs

    @Test(arguments: [Compression.none, .lz4, .zstd(level: 1), .auto])
    func `gives blobs back from the smallest pool`(compression: Compression) async throws {
        let fixture = try await Fixture()
        let pool = BufferPool(
            limit: (1 << 20) + BlobCompressor.frameCapacity(for: 1 << 20) + BufferPool.unit
        )
        let writer = BlobWriter(fixture.vault, compression: compression)
        for content in [
            Content.repetitive(1 << 20), Content.random(1 << 20), Content.random(1), Content.repetitive(70_000),
        ] {
            var lease = try await pool.lease(writer.leaseSize(for: content.count))
            lease.add(content)
            let digest = SHA256.digest(of: content.span)
            let outcome = try await writer.store(lease, digest: digest)
            #expect(outcome.name.isSealed)
            #expect(outcome.name.content == fixture.vault.naming.name(of: digest))
            #expect(!outcome.name.description.contains(digest.description))
            let stored = try #require(fixture.store[try outcome.name.key.description])
            #expect(outcome.storedBytes == stored.count)
            #expect(outcome.frame == StoredFrame(of: stored.span))
            #expect(stored.count <= VaultEncryption.sealedSize(of: content.count))
            let reader = BlobReader(try await fixture.open(.keyFile(Self.secret)), pool: pool)
            #expect(try await reader.fetch(outcome.name) { _ in }.array == content)
            var again = try await pool.lease(writer.leaseSize(for: content.count))
            again.add(content)
            #expect(try await writer.store(again, digest: digest).storedBytes == nil)
        }
        #expect(pool.mostLeased <= pool.limit)
    }

    @Test func `takes no blob for another, and none that is plain`() async throws {
        let fixture = try await Fixture()
        let pool = BufferPool(limit: 4 << 20)
        let writer = BlobWriter(fixture.vault, compression: .none)
        var names: [BlobName] = []
        for seed in 1...2 as ClosedRange<UInt64> {
            let content = Content.random(1000, seed: seed)
            var lease = try await pool.lease(writer.leaseSize(for: content.count))
            lease.add(content)
            names.append(try await writer.store(lease, digest: SHA256.digest(of: content.span)).name)
        }
        let keys = try names.map { try $0.key.description }
        (fixture.store[keys[0]], fixture.store[keys[1]]) = (fixture.store[keys[1]], fixture.store[keys[0]])
        let reader = BlobReader(fixture.vault, pool: pool)
        for name in names {
            let error = await #expect(throws: VaultError.self) { _ = try await reader.fetch(name) { _ in } }
            #expect(error?.code == .damaged)
            #expect(error?.description.contains(name.description) == true)
        }
        let content = Content.random(10)
        let plain = BlobName(plain: SHA256.digest(of: content.span), format: .plain)
        fixture.store[try plain.key.description] = content
        await #expect(throws: VaultError.self) { _ = try await reader.fetch(plain) { _ in } }
        // A writer that seals another content under a name.
        var lease = BufferLease(unpooledCapacity: 1000)
        lease.add(content)
        fixture.vault.encryption?.seal(&lease, for: try names[0].key)
        fixture.store[keys[0]] = lease.array
        let error = await #expect(throws: VaultError.self) { _ = try await reader.fetch(names[0]) { _ in } }
        #expect(error?.code == .damaged)
    }

    // MARK: The role of a writer

    @Test func `gives a writer no way to read`() async throws {
        let fixture = try await Fixture()
        let key = try ObjectKey("clusters/c/b/backup.json")
        _ = try await fixture.vault.put(document: [1, 2, 3], at: key, .onlyIfAbsent)
        let text = try fixture.vault.writeOnlyKey().text()
        #expect(WriteOnlyKey.isOne(text))
        let blind = VaultMemoryStore()  // it has no vault.json
        let writer = try await Vault.open(blind, with: .writeOnly(WriteOnlyKey(from: text)))
        #expect(!writer.canRead)
        #expect(writer.description.id == fixture.vault.description.id)
        #expect(writer.description.chunkSize == fixture.vault.description.chunkSize)
        let digest = SHA256.digest(of: [1].span)
        #expect(writer.naming.name(of: digest) == fixture.vault.naming.name(of: digest))

        let sealed = writer.sealed([4, 5, 6], for: key)
        fixture.store[key.description] = sealed
        #expect(try await fixture.vault.document(key) == [4, 5, 6])
        blind[key.description] = sealed
        let errors: [VaultError?] = [
            await #expect(throws: VaultError.self) { try await writer.document(key) },
            await #expect(throws: VaultError.self) { _ = try await ManifestReader.open(writer, key: key) },
            await #expect(throws: VaultError.self) { try await Catalogue(writer).backups() },
            await #expect(throws: VaultError.self) { try await Catalogue(writer).find("x", cluster: "y") },
            #expect(throws: VaultError.self) { try writer.writeOnlyKey() },
            await #expect(throws: VaultError.self) {
                try await KeyRing(blind).add(NewKey(keyFile: Self.secret), label: "", to: writer)
            },
        ]
        for error in errors { #expect(error?.code == .locked) }
        // Neither the vault key nor the private one is in it.
        let secret = try #require(fixture.vault.encryption?.keys.secret)
        for hidden in [secret.vault, secret.privateKey, secret.document] {
            let digits = hidden.withBytes { bytes in Base16.text(of: bytes.indices.map { bytes[$0] }) }
            #expect(!String(decoding: text, as: UTF8.self).contains(digits))
        }
    }

    @Test func `takes no writer's key that was changed`() async throws {
        let fixture = try await Fixture()
        let text = try fixture.vault.writeOnlyKey().text()
        _ = try WriteOnlyKey(from: text)
        for bit in 0..<text.count * 8 {
            var bad = text
            bad[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: VaultError.self, "bit \(bit)") { try WriteOnlyKey(from: bad) }
        }
    }

    @Test func `has key files that tell a slip of the hand`() throws {
        let text = Array(KeyFile.text(of: Self.secret).utf8)
        #expect(try KeyFile.secret(from: text).isEqual(to: Self.secret))
        let line = try #require(text.split(separator: 0x0A).last)
        #expect(try KeyFile.secret(from: Array(line)).isEqual(to: Self.secret))
        for place in line.indices {
            var bad = Array(line)
            bad[place - line.startIndex] ^= 1
            do {
                _ = try KeyFile.secret(from: bad)
                Issue.record("taken: \(String(decoding: bad, as: UTF8.self))")
            } catch {
                #expect(error.code == .invalid)
                #expect(!error.description.contains("07070707"))
            }
        }
        let others: [[UInt8]] = [[], Array("x".utf8), text + Array(line), Array(line.dropLast()), Array(line) + [0x30]]
        for bad in others {
            #expect(throws: VaultError.self) { try KeyFile.secret(from: bad) }
        }
    }
}
