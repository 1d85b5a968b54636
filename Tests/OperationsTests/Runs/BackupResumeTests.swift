import Cassandra
import Glibc
import Logging
import ObjectStorage
import Operations
import SystemPackage
import TestSupport
import Testing
import TransferEngine
import Vault

/// A backup on a node of a test's own, run again and again as its process would be.
private struct Resumable {
    let node: TestNode
    let base = MemoryStore()
    let state: StateDirectory
    let log = Recorder<String>()
    let keys: KeySource

    init(in root: FilePath, isEncrypted: Bool = false) async throws {
        node = try TestNode(in: root)
        state = try StateDirectory(root.appending("state"))
        guard isEncrypted else {
            keys = .none
            _ = try await TestVault(base)
            return
        }
        let secret = SecretBytes(copying: noise(32, seed: 9))
        keys = .keyFile(secret)
        _ = try await Vault.create(in: base, chunkSize: TestVault.chunkSize, encryptingFor: NewKey(keyFile: secret))
    }

    func open(_ store: any ObjectStore) async throws -> Vault { try await Vault.open(store, with: keys) }

    func directory(_ options: BackupOptions) throws -> RunDirectory {
        try RunDirectory.opened(
            RunIdentity(
                .backup,
                name: options.id.backup,
                cluster: options.id.cluster,
                host: options.host.description,
                location: base.location
            ),
            in: state
        )
    }

    func context() -> RunContext {
        let log = log
        return RunContext(
            memory: TestVault.memory,
            readLimit: TokenBucket(.unlimited),
            isGentle: false,
            logger: Logger(label: "test") { _ in RecordingLogHandler(log) }
        )
    }

    /// One run to its end.
    func run(_ options: BackupOptions, _ store: (any ObjectStore)? = nil) async throws -> BackupReport {
        let vault = try await open(store ?? base)
        return try await BackupRun(vault, options, context(), directory: try directory(options)).run()
    }

    /// One run that is stopped when it is about to store its `count`-th blob.
    func runStopped(_ options: BackupOptions, atBlob count: Int, _ request: StopRequest = .pause) async throws {
        let context = context()
        let seen = Counter()
        let store = FaultyStore(base) { call in
            guard call.operation == .put, call.subject.hasPrefix("blobs/"), seen.next() == count else { return nil }
            return .hook { context.control.stop(request, "the test") }
        }
        let run = BackupRun(try await open(store), options, context, directory: try directory(options))
        let stopped = await #expect(throws: RunStopped.self) { try await run.run() }
        #expect(stopped?.request == request)
    }

    /// One run that dies as a killed process does at its `count`-th call.
    func runKilled(_ options: BackupOptions, atCall count: Int) async throws {
        let store = FaultyStore(base, script: Array(repeating: nil, count: count) + [.dieAfter])
        let vault = try await open(store)
        await #expect(throws: (any Error).self) {
            try await BackupRun(vault, options, context(), directory: try directory(options)).run()
        }
    }

    var blobs: [String] { base.keys.filter { $0.hasPrefix("blobs/") } }

    func restored(_ name: String, to target: FilePath) async throws -> [String: [UInt8]] {
        try await TestVault(try await open(base), through: base, with: keys).restore(name, to: [target])
        return try files(below: target)
    }

    /// Journals, links, temporary files: all that a backup has on this host but the states of runs.
    func remains() throws -> [String] {
        try files(below: state.path).keys.filter { !$0.hasSuffix("/state.json") }.sorted()
    }
}

@Suite(.timeLimit(.minutes(5))) struct `A backup that goes on` {
    /// Three SSTables of several pieces with small components, and thirty of small files alone.
    private func fill(_ node: TestNode, _ tag: String?) throws {
        for index in 1...3 { try node.addSSTable(index, in: tag, data: noise(3_300_000, seed: UInt64(index))) }
        for index in 4...33 { try node.addSSTable(index, in: tag, data: noise(60_000, seed: UInt64(index))) }
    }

    @Test(arguments: [1, 4, 9, 12], [StopRequest.pause, .cancel])
    func `reads and stores what was under way once more, and nothing else`(
        blob: Int,
        request: StopRequest
    ) async throws {
        try await withTemporaryDirectory { root in
            let run = try await Resumable(in: root)
            try fill(run.node, "a")
            let options = try run.node.options("one", tag: "a")
            try await run.runStopped(options, atBlob: blob, request)
            #expect(run.base.keys.contains { $0.hasSuffix(".jsonl.zst") } == false)
            let before = run.blobs.count
            let store = MeasuredStore(run.base)
            let report = try await run.run(options, store)
            #expect(report.resumedBytes > 0)
            // Whatever was stored is known: no look, and no blob is put a second time.
            #expect(run.blobs.count - before == store.counts.puts - 2)
            #expect(Int64(run.blobs.count) == Int64(report.header.totals.storedBlobs))
            let all = run.blobs.reduce(Int64(0)) { $0 + Int64(run.base[$1]?.count ?? 0) }
            #expect(report.header.totals.storedBytes == all)
            #expect(report.readBytes == report.header.totals.bytes)
            #expect(report.header.totals.reusedFiles == 31)  // TOC.txt, but for one in each pack
            #expect(try await run.restored("one", to: root.appending("out")) == run.node.content("a"))
            #expect(try run.remains() == [])
        }
    }

    @Test func `in an encrypted vault does the same`() async throws {
        try await withTemporaryDirectory { root in
            let run = try await Resumable(in: root, isEncrypted: true)
            try fill(run.node, "a")
            let options = try run.node.options("one", tag: "a")
            for blob in [1, 5] { try await run.runStopped(options, atBlob: blob) }
            let report = try await run.run(options)
            #expect(report.resumedBytes > 0)
            #expect(run.blobs.count == report.header.totals.storedBlobs)
            #expect(try await run.restored("one", to: root.appending("out")) == run.node.content("a"))
            #expect(try run.remains() == [])
        }
    }

    @Test func `ends as one that was never stopped: the same blobs, the same manifest`() async throws {
        try await withTemporaryDirectory { root in
            let straight = try await Resumable(in: root.appending("1"))
            let stopped = try await Resumable(in: root.appending("2"))
            for run in [straight, stopped] { try fill(run.node, "a") }
            let whole = try await straight.run(try straight.node.options("one", tag: "a"))
            let options = try stopped.node.options("one", tag: "a")
            for blob in [1, 2, 1] { try await stopped.runStopped(options, atBlob: blob) }
            let report = try await stopped.run(options)
            #expect(stopped.blobs == straight.blobs)
            #expect(report.header.totals == whole.header.totals)
        }
    }

    @Test func `of live files goes on with the files it began with, and leaves no link behind`() async throws {
        try await withTemporaryDirectory { root in
            let run = try await Resumable(in: root)
            try fill(run.node, nil)
            let live = try files(below: run.node.directory(nil))
            let options = try run.node.options("one", .live)
            try await run.runStopped(options, atBlob: 3)
            // Compaction: all SSTables become one.
            for name in live.keys { try FileTree.remove(run.node.directory(nil).appending(name)) }
            try run.node.addSSTable(99, in: nil, data: noise(100_000, seed: 99))
            let report = try await run.run(options)
            #expect(report.readBytes == report.header.totals.bytes)
            let restored = try await run.restored("one", to: root.appending("out"))
            #expect(
                restored == Dictionary(uniqueKeysWithValues: live.map { ("\(TestNode.orders)/\($0.key)", $0.value) })
            )
            #expect(try DirectoryListing(of: run.node.directory(nil).appending("snapshots")).names == [])
            #expect(try run.remains() == [])
        }
    }

    @Test func `of live files makes its links anew when another backup has replaced them`() async throws {
        try await withTemporaryDirectory { root in
            let run = try await Resumable(in: root)
            try fill(run.node, nil)
            let first = try run.node.options("one", .live)
            try await run.runStopped(first, atBlob: 3)
            try run.node.addSSTable(50, in: nil, data: noise(100_000, seed: 50))
            let other = try await run.run(try run.node.options("two", .live))
            #expect(try DirectoryListing(of: run.node.directory(nil).appending("snapshots")).names == [])
            let report = try await run.run(first)
            #expect(report.header.totals.files == other.header.totals.files)
            let live = try files(below: run.node.directory(nil))
            let restored = try await run.restored("one", to: root.appending("out"))
            #expect(
                restored == Dictionary(uniqueKeysWithValues: live.map { ("\(TestNode.orders)/\($0.key)", $0.value) })
            )
            #expect(try DirectoryListing(of: run.node.directory(nil).appending("snapshots")).names == [])
            #expect(try run.remains() == [])
        }
    }

    @Test func `that was killed after it had published is finished, not refused`() async throws {
        try await withTemporaryDirectory { root in
            let run = try await Resumable(in: root)
            try fill(run.node, "a")
            var options = try run.node.options("one", tag: "a")
            options.expectedNodes = [run.node.host]
            let whole = FaultyStore(run.base) { call in
                call.operation == .put && call.subject.hasSuffix(".jsonl.zst") ? .dieAfter : nil
            }
            await #expect(throws: (any Error).self) { try await run.run(options, whole) }
            #expect(run.base.keys.contains { $0.hasSuffix(".jsonl.zst") })
            #expect(!run.base.keys.contains { $0.hasSuffix("complete.json") })
            let report = try await run.run(options)
            #expect(report.isComplete == true)
            #expect(run.base.keys.contains { $0.hasSuffix("complete.json") })
            #expect(try run.remains() == [])
            // It is over now: the next one of that name is refused as ever.
            let error = await #expect(throws: VaultError.self) { try await run.run(options) }
            #expect(error?.code == .exists)
            #expect(try run.remains() == [])
        }
    }

    @Test(arguments: 0..<12)
    func `is right whatever became of its journal`(round: Int) async throws {
        try await withTemporaryDirectory { root in
            var generator = SeededGenerator(UInt64(round + 1))
            let run = try await Resumable(in: root)
            try fill(run.node, "a")
            let options = try run.node.options("one", tag: "a")
            try await run.runKilled(options, atCall: 12 + round)
            let journal = try run.directory(options).journal
            for name in try DirectoryListing(of: journal).names where name != "journal.json" {
                let path = journal.appending(name)
                var bytes = try SmallFile.bytes(of: path, limit: .max)
                guard !bytes.isEmpty else { continue }
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch round % 3 {
                case 0: bytes.removeSubrange(place...)  // torn
                case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                default: bytes.replaceSubrange(place..., with: [UInt8](repeating: 0, count: bytes.count - place))
                }
                try FileTree.remove(path)
                try WritableFile(path, creation: .mustBeNew).write(bytes.span, at: 0)
            }
            _ = try await run.run(options)
            #expect(try await run.restored("one", to: root.appending("out")) == run.node.content("a"))
            #expect(try run.remains() == [])
        }
    }

    @Test func `reads a file again that was changed meanwhile`() async throws {
        try await withTemporaryDirectory { root in
            let run = try await Resumable(in: root)
            try fill(run.node, "a")
            let options = try run.node.options("one", tag: "a")
            try await run.runStopped(options, atBlob: 8)
            try run.node.write(noise(3_300_001, seed: 77), "nb-1-big-Data.db", in: "a")
            try FileTree.remove(run.node.directory("a").appending("nb-2-big-Data.db"))
            try run.node.addSSTable(0, in: "a", data: noise(2_000_000, seed: 78))
            _ = try await run.run(options)
            #expect(try await run.restored("one", to: root.appending("out")) == run.node.content("a"))
        }
    }

    @Test(arguments: ["compression", "source", "age", "clock"])
    func `begins anew when its journal is another's or too old`(what: String) async throws {
        try await withTemporaryDirectory { root in
            let run = try await Resumable(in: root)
            try fill(run.node, "a")
            try run.node.link("a", as: "b")
            var options = try run.node.options("one", tag: "a")
            try await run.runStopped(options, atBlob: 6)
            switch what {
            case "compression": options.compression = .none
            case "source": options.source = .snapshot(try SnapshotTag("b"))
            default:
                let path = try run.directory(options).journal.appending("journal.json")
                let text = try SmallFile.text(of: path)
                let parts = text.split(separator: "\"started\":\"")
                #expect(parts.count == 2)
                let old =
                    what == "age"
                    ? Timestamp(seconds: Timestamp.now.seconds - 31 * 24 * 3600)
                    : Timestamp(seconds: Timestamp.now.seconds + 3600)
                let changed = "\(parts[0])\"started\":\"\(old)\(parts[1].dropFirst("\(old)".count))"
                try FileTree.remove(path)
                try WritableFile(path, creation: .mustBeNew).write(Array(changed.utf8).span, at: 0)
            }
            let report = try await run.run(options)
            #expect(report.resumedBytes == 0)
            #expect(try await run.restored("one", to: root.appending("out")) == run.node.content("a"))
            #expect(try run.remains() == [])
        }
    }

    @Test(.enabled(if: FileSystems.canMount)) func `goes on without its journal when the disk is full`() async throws {
        try await withTemporaryDirectory { root in
            try await FileSystems.withSmall(bytes: 64 << 10, in: root) { small in
                let run = try await Resumable(in: root)
                let state = try StateDirectory(small.appending("state"))
                for index in 1...200 {
                    try run.node.addSSTable(index, in: "a", data: noise(5_000, seed: UInt64(index)))
                }
                let options = try run.node.options("one", tag: "a")
                let directory = try RunDirectory.open(
                    RunIdentity(.backup, name: "one", cluster: nil, host: nil, location: ""),
                    in: state
                )
                let vault = try await Vault.open(run.base)
                _ = try await BackupRun(vault, options, run.context(), directory: directory).run()
                #expect(run.log.all.count { $0.contains("the journal cannot be written") } == 1)
                #expect(try await run.restored("one", to: root.appending("out")) == run.node.content("a"))
                #expect(try DirectoryListing(of: directory.path).names == [])
            }
        }
    }

    @Test func `goes on in a node of many groups, by a journal that does not keep all`() async throws {
        try await withTemporaryDirectory { root in
            let run = try await Resumable(in: root)
            for index in 1...2800 { try run.node.write(noise(200, seed: UInt64(index)), "f\(index)", in: "a") }
            let options = try run.node.options("one", tag: "a")
            try await run.runStopped(options, atBlob: 2)
            let files = try DirectoryListing(of: try run.directory(options).journal).names
            #expect(files.contains("groups.log"))
            // Those of the first packs are not needed any more.
            #expect(!files.contains("pieces-1.log"))
            let report = try await run.run(options)
            #expect(report.resumedBytes >= 3 * 512 * 200)
            #expect(run.blobs.count == report.header.totals.storedBlobs)
            #expect(try await run.restored("one", to: root.appending("out")) == run.node.content("a"))
            #expect(try run.remains() == [])
        }
    }
}

extension RunDirectory {
    /// Opens one that nobody has.
    ///
    /// A process that another test is starting at this moment has copies of all our descriptors until it becomes another
    /// program, and with them the lock of a directory that was just given back.
    static func opened(_ identity: RunIdentity, in state: StateDirectory) throws -> RunDirectory {
        for _ in 0..<100 {
            do {
                return try open(identity, in: state)
            } catch let error as RunError where error.code == .conflict {}
        }
        return try open(identity, in: state)
    }
}

/// Keeps what is logged.
private struct RecordingLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info
    private let lines: Recorder<String>

    init(_ lines: Recorder<String>) { self.lines = lines }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.add("\(event.level) \(event.message)") }
}
