import Cassandra
import Glibc
import ObjectStorage
import Operations
import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import Vault

/// Someone who has an encrypted vault, its key file and `docs/vault-format.md`, and no Ringvault.
@Suite(
    .serialized,
    .timeLimit(.minutes(5)),
    .enabled(
        if: EncryptedStranger.hasTools || ChildProcess.environment("CI") == "true",
        "needs zstd, and python3 with cryptography; a failure where CI=true"
    )
)
struct `A stranger with the key` {
    @Test func `opens every object with the script of the format document`() async throws {
        try await withTemporaryDirectory { root in
            let stranger = try await EncryptedStranger(in: root)
            var kinds: Set<String> = []
            for key in stranger.keys where key != "vault.json" && !key.hasPrefix("keys/") {
                let plain = try await stranger.open(key)
                #expect(plain.status == 0, "\(key): \(plain.errors)")
                if key.hasPrefix("blobs/") {
                    // The script has compared its content with its name.
                    kinds.insert(key.hasSuffix(".zst.enc") ? "compressed" : "plain")
                } else {
                    #expect(try await stranger.vault.document(try ObjectKey(key)) == plain.output, "\(key)")
                    kinds.insert(key.split(separator: "/").last.map(String.init) ?? "")
                }
            }
            #expect(kinds.isSuperset(of: ["compressed", "plain", "backup.json", "complete.json"]))
        }
    }

    @Test func `is told of what was changed or moved`() async throws {
        try await withTemporaryDirectory { root in
            let stranger = try await EncryptedStranger(in: root)
            let objects = stranger.keys.filter { $0 != "vault.json" && !$0.hasPrefix("keys/") }
            let key = try #require(objects.first)
            let path = stranger.root.appending("vault").appending(key)
            let good = try SmallFile.bytes(of: path, limit: .max)
            let other = try SmallFile.bytes(of: stranger.root.appending("vault").appending(objects[1]), limit: .max)
            var changed = good
            changed[good.count / 2] ^= 1
            for bytes in [changed, Array(good.dropLast()), other] {
                try stranger.replace(key, by: bytes)
                #expect(try await stranger.open(key).status == 1)
            }
            try stranger.replace(key, by: good)
            #expect(try await stranger.open(key).status == 0)
            let document = try SmallFile.bytes(of: stranger.root.appending("vault/vault.json"))
            try stranger.replace("vault.json", by: document + [0x0A])
            #expect(try await stranger.open(key).status == 1)
        }
    }
}

/// A backup in an encrypted vault, and the script that opens its objects.
private struct EncryptedStranger {
    static let hasTools =
        ["zstd", "python3"].allSatisfy(ChildProcess.isInstalled)
        && shell("python3 -c 'import cryptography' 2>/dev/null")

    private static func shell(_ command: String) -> Bool { unsafe system(command) == 0 }

    let root: FilePath
    let vault: Vault
    let keys: [String]
    private let io = IOExecutor(threads: 2)

    init(in root: FilePath) async throws {
        self.root = root
        let secret = SecretBytes.random(32)
        let store = FileStore(root: root.appending("vault"), io: io)
        vault = try await Vault.create(in: store, chunkSize: 1 << 20, encryptingFor: NewKey(keyFile: secret))
        let node = try TestNode(in: root)
        try node.addSSTable(1, in: "one", data: noise((1 << 20) + 70_000, seed: 1))
        try node.addSSTable(2, in: "one", data: Content.repetitive(400_000))
        var options = try node.options("one", tag: "one")
        options.expectedNodes = [node.host]
        _ = try await TestVault(vault, through: store, with: .keyFile(secret)).backUp(options)
        var keys: [String] = []
        try await store.forEachObject(prefix: "") { keys.append($0.key.description) }
        self.keys = keys
        try Self.write(Array(KeyFile.text(of: secret).utf8), to: root.appending("key"))
        let tests = FilePath(#filePath).removingLastComponent().removingLastComponent()
        let page = try SmallFile.text(of: tests.removingLastComponent().appending("docs/vault-format.md"))
        let script = try #require(page.split(separator: "```python\n").dropFirst().first?.split(separator: "```").first)
        try Self.write(Array(script.utf8), to: root.appending("open.py"))
    }

    /// What the script makes of an object.
    func open(_ key: String) async throws -> (status: Int32, output: [UInt8], errors: String) {
        let output = root.appending("plain")
        let command = "exec python3 '\(root)/open.py' '\(root)/vault' '\(root)/key' '\(key)' >'\(output)'"
        let child = try await ChildProcess.run(["/bin/sh", "-c", command], log: root.appending("log"), io: io)
        return (child.status, try SmallFile.bytes(of: output, limit: .max), child.output)
    }

    func replace(_ key: String, by bytes: [UInt8]) throws {
        let path = root.appending("vault").appending(key)
        try FileTree.remove(path)
        try Self.write(bytes, to: path)
    }

    private static func write(_ bytes: [UInt8], to path: FilePath) throws {
        try WritableFile(path, creation: .mustBeNew).write(bytes.span, at: 0)
    }
}
