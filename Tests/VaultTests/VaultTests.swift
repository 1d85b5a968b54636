import ObjectStorage
import Testing

@testable import Vault

@Suite(.timeLimit(.minutes(5))) struct `A vault` {
    private static func document(
        version: Int = 1,
        chunkSize: String = "1048576",
        format: String = "ringvault"
    ) -> String {
        #"{"format":"\#(format)","version":\#(version),"id":"x","chunkSize":\#(chunkSize),"created":"2026-11-20T03:00:00Z"}"#
    }

    @Test func `is made once, and opened as it was made`() async throws {
        let store = VaultMemoryStore()
        let vault = try await Vault.create(in: store, chunkSize: 4 << 20)
        let opened = try await Vault.open(store)
        #expect(opened.description == vault.description)
        #expect(opened.description.chunkSize == 4 << 20)
        let error = await #expect(throws: VaultError.self) { try await Vault.create(in: store) }
        #expect(error?.code == .exists)
        #expect(try await Vault.open(store).description == vault.description)
        #expect(store.keys == ["vault.json"])
    }

    @Test func `that is not there is not found, and says how to make one`() async throws {
        let error = await #expect(throws: VaultError.self) { try await Vault.open(VaultMemoryStore()) }
        #expect(error?.code == .notFound)
        #expect(error?.description.contains("vault init") == true)
    }

    @Test(arguments: [0, -1, 1, 1 << 19, (1 << 20) - 1, (1 << 20) + 1, 3 << 20, 1 << 27, .max, .min])
    func `has no chunk size but a power of two from 1 to 64 MiB`(chunkSize: Int) async throws {
        let store = VaultMemoryStore()
        let made = await #expect(throws: VaultError.self) { try await Vault.create(in: store, chunkSize: chunkSize) }
        #expect(made?.code == .invalid)
        #expect(store.keys.isEmpty)
        store["vault.json"] = Array(Self.document(chunkSize: "\(chunkSize)").utf8)
        let opened = await #expect(throws: VaultError.self) { try await Vault.open(store) }
        #expect(opened?.code == .damaged)
    }

    @Test(
        arguments: [
            ("", .damaged), ("{}", .damaged), ("[]", .damaged), ("null", .damaged), ("\u{0}", .damaged),
            (document() + "x", .damaged),
            (String(document().dropLast()), .damaged), (document(format: "other"), .damaged),
            (document(chunkSize: "1e99"), .damaged),
            (document(chunkSize: "\"1048576\""), .damaged), (document(version: 3), .unsupported),
            (document(version: 2), .damaged), (document(version: 0), .damaged),
            (document(version: .max), .unsupported),
            (document().replacing("2026-11-20T", with: "yesterday"), .damaged),
            (String(repeating: "[", count: 100_000), .damaged),
        ] as [(String, VaultError.Code)]
    )
    func `with a damaged or later vault.json is refused, and not made anew`(
        text: String,
        code: VaultError.Code
    ) async throws {
        let store = VaultMemoryStore()
        store["vault.json"] = Array(text.utf8)
        let opened = await #expect(throws: VaultError.self) { try await Vault.open(store) }
        #expect(opened?.code == code)
        let made = await #expect(throws: VaultError.self) { _ = try await Vault.openOrCreate(in: store) }
        #expect(made?.code == code)
        await #expect(throws: VaultError.self) { try await Vault.create(in: store) }
        #expect(store["vault.json"] == Array(text.utf8))
    }

    @Test func `may have members that a later program adds`() async throws {
        let store = VaultMemoryStore()
        store["vault.json"] = Array(Self.document().replacing("{", with: #"{"more":{"x":[1]},"#).utf8)
        #expect(try await Vault.open(store).description.id == "x")
    }

    @Test(arguments: [false, true])
    func `made by two at once is one vault`(ignoresConditions: Bool) async throws {
        let store = VaultMemoryStore(ignoresConditions: ignoresConditions)
        let other = Self.document()
        // The other's put arrives between our look and our put.
        store.beforeNextPut { $0["vault.json"] = Array(other.utf8) }
        let (vault, isNew) = try await Vault.openOrCreate(in: store)
        let standing = try await Vault.open(store).description
        #expect(vault.description == standing)
        #expect(isNew == ignoresConditions)
        let (again, isNewAgain) = try await Vault.openOrCreate(in: store)
        #expect(again.description == standing)
        #expect(!isNewAgain)
    }

    @Test func `opened by many at once is made by one of them`() async throws {
        let store = VaultMemoryStore()
        let results = try await withThrowingTaskGroup(of: (String, Bool).self) { group in
            for _ in 0..<16 {
                group.addTask {
                    let (vault, isNew) = try await Vault.openOrCreate(in: store)
                    return (vault.description.id, isNew)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(results.map(\.0)).count == 1)
        #expect(results.count { $0.1 } == 1)
    }
}
