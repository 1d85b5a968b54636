import Cassandra
import Logging
import ObjectStorage
import SystemPackage
import TestSupport
import Testing
import TransferEngine
import Vault

@testable import Operations

/// Someone who has the vault and `docs/vault-format.md`, and no Ringvault.
@Suite(
    .serialized,
    .timeLimit(.minutes(5)),
    .enabled(
        if: Stranger.hasTools || ChildProcess.environment("CI") == "true",
        "needs zstd, jq and lz4 in PATH; a failure where CI=true"
    )
)
struct `A stranger` {
    @Test(arguments: ["zstd", "lz4", "none", "auto"])
    func `restores every byte with the script of the format document`(compression: String) async throws {
        try await withTemporaryDirectory { root in
            let stranger = try await Stranger(root, compression: #require(Compression(compression)))
            let child = try await stranger.restore()
            #expect(child.status == 0, "\(child.output)")
            let files = try stranger.snapshotFiles()
            #expect(files.count > 250)
            for file in files {
                let restored = root.appending("restored").appending(file.restored)
                let bytes = try SmallFile.bytes(of: restored, limit: .max)
                #expect(try bytes == SmallFile.bytes(of: file.original, limit: .max), "\(file.restored)")
                let (old, new) = (try FileStatus(of: file.original), try FileStatus(of: restored))
                #expect(old.modified / 1_000_000_000 == new.modified / 1_000_000_000)
            }
            #expect(try Stranger.fileCount(below: root.appending("restored")) == files.count)
            // The vault had what the script is to be tried on: pieces, packs, and more than one run's blobs.
            let lines = try await stranger.lines()
            let pieces = lines.flatMap(\.files).flatMap(\.pieces)
            #expect(lines.flatMap(\.files).contains { $0.pieces.count == 3 })
            #expect(pieces.contains { $0.offset > 0 })
            let formats = Set(pieces.map(\.blob.format))
            switch compression {
            case "zstd": #expect(formats == [.zstd, .plain])
            case "lz4": #expect(formats == [.lz4, .plain])
            case "none": #expect(formats == [.plain])
            default: #expect(formats.contains(.plain))
            }
        }
    }

    @Test func `is told of a blob that is damaged`() async throws {
        try await withTemporaryDirectory { root in
            let stranger = try await Stranger(root, compression: .none)
            let blob = try #require(
                try await stranger.lines().flatMap(\.files).first { $0.pieces.count > 1 }?.pieces[1].blob
            )
            let path = root.appending("vault").appending(try blob.key.description)
            var bytes = try SmallFile.bytes(of: path, limit: .max)
            bytes[bytes.count / 2] ^= 1
            try FileTree.remove(path)
            try WritableFile(path, creation: .mustBeNew).write(bytes.span, at: 0)
            let child = try await stranger.restore()
            #expect(child.status == 1)
            #expect(child.output.contains("blob \(blob) is damaged"))
        }
    }

    @Test func `is told of a manifest that is hostile, before anything is written`() async throws {
        let changes = [
            ("\"path\":\"nb-", "\"path\":\"../nb-"), ("\"path\":\"nb-", "\"path\":\"a/b/c/d/nb-"),
            ("\"path\":\"nb-", "\"path\":\"./nb-"),
            ("\"path\":\"nb-", "\"path\":\"/nb-"), ("\"path\":\"nb-", "\"path\":\"\\u0000nb-"),
            ("\"table\":\"shop/", "\"table\":\"../"),
            ("\"table\":\"shop/", "\"table\":\"../shop/"), ("\"table\":\"shop/", "\"table\":\"/"),
            ("\"offset\":0", "\"offset\":-1"),
            ("\"offset\":0", "\"offset\":0.5"), ("\"offset\":0", "\"offset\":\"0; touch x\""),
            ("\"offset\":0", "\"offset\":9999999"),
            ("\"length\":", "\"length\":1"), ("\"dir\":1", "\"dir\":\"..\""), ("\"dir\":1", "\"dir\":-1"),
            ("\"type\":\"end\"", "\"type\":\"other\""),
            ("\"type\":\"end\"", "\"type\":\"table\""), ("\"size\":", "\"size\":1"), (".zst\"", ".zst'; touch x; '\""),
            ("{\"blob\":\"", "{\"blob\":\"../"), ("\"vault\":\"", "\"vault\":\"0"), ("\"version\":1", "\"version\":2"),
            ("\"groups\":", "\"groups\":1"), ("\"sha256\":", "\"sha255\":"), ("\"mtime\":", "\"mtime\":\"x\",\"x\":"),
        ]
        try await withTemporaryDirectory { root in
            let stranger = try await Stranger(root, compression: .zstd(level: 1), isSmall: true)
            let manifest = try await stranger.manifestText()
            for (text, other) in changes {
                try #require(manifest.contains(text), "\(text)")
                try stranger.replaceManifest(manifest.replacing(text, with: other))
                let child = try await stranger.restore()
                #expect(child.status == 1 && child.output.contains("restore: "), "\(other): \(child.output)")
                #expect(throws: FileError.self, "\(other)") { try FileStatus(of: root.appending("restored")) }
            }
            let lines = manifest.split(separator: "\n")
            for count in [0, 1, 2, lines.count - 1] {
                try stranger.replaceManifest(lines.prefix(count).map { $0 + "\n" }.joined())
                #expect(try await stranger.restore().status == 1)
            }
            try stranger.replaceManifest(manifest)
            #expect(try await stranger.restore().status == 0)
        }
    }

    @Test func `reads what the backup keeps beside the files`() async throws {
        try await withTemporaryDirectory { root in
            let stranger = try await Stranger(root, compression: .none, isSmall: true)
            let manifest = try await stranger.manifestText()
            let table = #"{"type":"table""#
            let document = #"{"type":"document","name":"schema.cql","text":"CREATE \"K'S\"\n\tü;\n"}"# + "\n"
            let start = try #require(manifest.firstRange(of: table)).lowerBound
            let added = String(manifest[..<start]) + document + String(manifest[start...])
            try stranger.replaceManifest(added.replacing(#""type":"end","#, with: #""type":"end","documents":1,"#))
            #expect(try await stranger.restore().status == 0)
            #expect(try await stranger.schema() == "CREATE \"K'S\"\n\tü;\n")
            try stranger.replaceManifest(added)
            #expect(try await stranger.restore().status == 1)
        }
    }
}

/// A node with two backups in a vault of small chunks, and the script that is to restore the second.
private struct Stranger {
    static var hasTools: Bool { ["zstd", "jq", "lz4"].allSatisfy(ChildProcess.isInstalled) }

    private let root: FilePath
    private let io = IOExecutor(threads: 2)
    private let vault: Vault
    private let manifest: ObjectKey
    private let dataDirectories: [String]

    /// - Parameter isSmall: only the odd files.
    init(_ root: FilePath, compression: Compression, isSmall: Bool = false) async throws {
        self.root = root
        let data = root.appending("node")
        vault = try await Vault.create(in: FileStore(root: root.appending("vault"), io: io), chunkSize: 1 << 20)
        if isSmall {
            dataDirectories = ["data1", "data2"]
            try FileTree.makeDirectories(data.appending("data1"))
        } else {
            let tests = FilePath(#filePath).removingLastComponent().removingLastComponent()
            let node = try CapturedNode(tests.appending("Fixtures/cassandra/4.0.14"))
            dataDirectories = node.dataDirectories
            try node.rebuild(in: data)
        }
        try Self.addOddFiles(to: data.appending("data2/shop/odd-0123456789abcdef0123456789abcdef/snapshots/daily-2"))
        let directories = dataDirectories.map { data.appending($0) }
        let host = try HostIdentity.derived(from: directories)
        for backup in isSmall ? ["daily-2"] : ["daily-1", "daily-2"] {
            let options = BackupOptions(
                id: try BackupID(cluster: "Test Cluster", backup: backup),
                host: host,
                dataDirectories: directories,
                source: .snapshot(try SnapshotTag(backup)),
                compression: compression
            )
            let context = RunContext(
                memory: 16 << 20,
                readLimit: TokenBucket(.unlimited),
                isGentle: false,
                logger: Logger(label: "test")
            )
            _ = try await BackupRun(vault, options, context).run()
        }
        manifest = try BackupID(cluster: "Test Cluster", backup: "daily-2").manifestKey(host)
    }

    /// What no node writes, but a file system can hold: sizes at every edge of the cutting, names that a shell minds.
    private static func addOddFiles(to directory: FilePath) throws {
        try FileTree.makeDirectories(directory)
        let chunk = 1 << 20
        let text = Array("all work and no play makes a dull file\n".utf8)
        func add(_ name: String, _ size: Int, isRandom: Bool = false) throws {
            var bytes = isRandom ? [] : text
            while bytes.count < size {
                if isRandom {
                    unsafe withUnsafeBytes(of: UInt64.random(in: 0...(.max))) { unsafe bytes.append(contentsOf: $0) }
                } else {
                    bytes += bytes
                }
            }
            bytes.removeLast(bytes.count - size)
            try WritableFile(directory.appending(name), creation: .mustBeNew).write(bytes.span, at: 0)
        }
        for size in [0, 1, chunk / 16, chunk / 16 + 1, chunk - 1, chunk, chunk + 1, 2 * chunk] {
            try add("nb-1-big-Size\(size).db", size)
        }
        try add("nb-2-big-Data.db", 2 * chunk + 12_345, isRandom: true)
        try add("nb-3-big-Data.db", 2 * chunk + 12_345)
        try add("nb-3-big-Filter.db", 777, isRandom: true)
        for name in [
            "a 'quote' and \"another\"", "$(touch gone) `touch gone` $HOME", "back\\slash\\n", "line\nfeed", "-n",
            "*?[a]",
            "tab\tand\u{1}control", "é", "e\u{301}", "日本語😀", " ", String(repeating: "x", count: 255), "a;b&c|d>e<f#g",
            "%2E",
        ] {
            try add(name, 100 + name.utf8.count)
        }
    }

    /// Runs the document's script.
    func restore() async throws -> ChildProcess {
        let script = root.appending("restore.sh")
        let bytes = Array(try Self.script().utf8)
        try FileTree.remove(script)
        try WritableFile(script, creation: .mustBeNew).write(bytes.span, at: 0)
        let arguments = [
            script.string, root.appending("vault").string,
            root.appending("vault").appending(manifest.description).string,
            root.appending("restored").string,
        ]
        return try await ChildProcess.run(["/bin/sh"] + arguments, log: root.appending("log"), io: io)
    }

    /// What the document's line for a schema prints.
    func schema() async throws -> String {
        let text = try Self.format()
        guard let start = text.firstRange(of: "zstd -dcq MANIFEST | jq -rj"),
            let end = text[start.lowerBound...].firstIndex(of: "\n")
        else { throw Errno.noSuchFileOrDirectory }
        let path = root.appending("vault").appending(manifest.description)
        let line = String(text[start.lowerBound..<end]).replacing("MANIFEST", with: path.string)
        let log = root.appending("schema")
        _ = try await ChildProcess.run(["/bin/sh", "-c", line], log: log, io: io)
        return try SmallFile.text(of: log)
    }

    /// The block of `docs/vault-format.md` that begins as a script does.
    private static func script() throws -> String {
        let document = try format()
        let parts = document.split(separator: "```sh\n#!/bin/sh\n")
        guard parts.count == 2, let end = parts[1].firstRange(of: "\n```\n") else { throw Errno.noSuchFileOrDirectory }
        return "#!/bin/sh\n" + parts[1][..<end.lowerBound] + "\n"
    }

    private static func format() throws -> String {
        let project = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
        return try SmallFile.text(of: project.appending("docs/vault-format.md"), limit: 1 << 20)
    }

    /// Every file of the snapshot, and where the script puts it.
    func snapshotFiles() throws -> [(original: FilePath, restored: String)] {
        var files: [(original: FilePath, restored: String)] = []
        for (index, data) in dataDirectories.enumerated() {
            let data = root.appending("node").appending(data)
            for keyspace in try DirectoryListing(of: data).names {
                for table in try DirectoryListing(of: data.appending(keyspace)).names {
                    let snapshot = data.appending(keyspace).appending(table).appending("snapshots/daily-2")
                    try Self.forEachFile(below: snapshot) { path in
                        let name = path.string.dropFirst(snapshot.string.utf8.count + 1)
                        files.append((path, "\(index)/\(keyspace)/\(table)/\(name)"))
                    }
                }
            }
        }
        return files
    }

    static func fileCount(below path: FilePath) throws -> Int {
        var count = 0
        try forEachFile(below: path) { _ in count += 1 }
        return count
    }

    private static func forEachFile(below path: FilePath, _ body: (FilePath) -> Void) throws {
        guard let status = try? FileStatus(of: path) else { return }
        guard status.kind == .directory else { return body(path) }
        for name in try DirectoryListing(of: path).names { try forEachFile(below: path.appending(name), body) }
    }

    func lines() async throws -> [ManifestGroup] {
        var reader = try await ManifestReader.open(vault, key: manifest)
        var groups: [ManifestGroup] = []
        while let line = try await reader.next() {
            if case .group(let group) = line { groups.append(group) }
        }
        return groups
    }

    func manifestText() async throws -> String {
        let bytes = try await vault.store.document(manifest)
        var decoder = try ZstdStreamDecoder()
        var text: [UInt8] = []
        var position = 0
        while try decoder.decode(bytes.span, from: &position, into: &text) {}
        return String(decoding: text, as: UTF8.self)
    }

    func replaceManifest(_ text: String) throws {
        var encoder = try ZstdStreamEncoder()
        try encoder.write(Array(text.utf8).span)
        let bytes = try encoder.finish()
        let path = root.appending("vault").appending(manifest.description)
        try FileTree.remove(path)
        try WritableFile(path, creation: .mustBeNew).write(bytes.span, at: 0)
    }
}
