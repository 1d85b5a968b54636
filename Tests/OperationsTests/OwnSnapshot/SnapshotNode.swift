import Cassandra
import Glibc
import Logging
import ObjectStorage
import SystemPackage
import TestSupport
import Testing
import TransferEngine
import Vault

@testable import Operations

/// A node of a test's own that takes and clears snapshots as Cassandra does, and backups of it, each run as its process
/// would be.
struct SnapshotNode: Sendable {
    static let orders = TestNode.orders
    static let archive = "shop/orders_archive-4e2816e0e53811f1916b25b74eacdfa4"
    static let parts = "stock/parts-5e2816e0e53811f1916b25b74eacdfa4"
    static let events = "zoo/events-6e2816e0e53811f1916b25b74eacdfa4"

    let node: TestNode
    let fake: FakeNode
    let base = MemoryStore()
    let state: StateDirectory
    let log = Recorder<String>()

    init(in root: FilePath, directories: Int = 1, release: String = "4.1.7") async throws {
        node = try TestNode(in: root, directories: directories)
        state = try StateDirectory(root.appending("state"))
        _ = try await Vault.create(in: base, chunkSize: TestVault.chunkSize)
        fake = FakeNode()
        let version = try #require(ReleaseVersion(release))
        fake.change { [node] in
            $0.facts.hostID = node.host.description
            $0.facts.releaseVersion = version
            $0.effect = { [data = node.data] call in Self.act(call, in: data) }
        }
    }

    /// What the call does to the files of a real node.
    static func act(_ call: FakeNode.Call, in data: [FilePath]) {
        do {
            switch call {
            case .takeSnapshot(let tag, let scope, _, _):
                for table in try tables(in: data) where wants(scope, table) { try snapshot(table, tag, in: data) }
            case .clearSnapshot(let tag, _):
                for table in try tables(in: data) {
                    for data in data {
                        try FileTree.removeAll(data.appending(table).appending("snapshots").appending(tag.name))
                    }
                }
            default: break
            }
        } catch {
            Issue.record("the node cannot do \(call): \(error)")
        }
    }

    private static func wants(_ scope: SnapshotScope, _ table: String) -> Bool {
        let keyspace = String(table.prefix { $0 != "/" })
        let name = String(table.dropFirst(keyspace.count + 1).prefix { $0 != "-" })
        return switch scope {
        case .everything: true
        case .keyspaces(let names): names.contains(keyspace)
        case .tables(let names): names.contains(TableName(keyspace: keyspace, name: name))
        }
    }

    static func tables(in data: [FilePath]) throws -> [String] {
        var tables: Set<String> = []
        for data in data {
            for keyspace in try DirectoryListing(of: data).names {
                for table in try DirectoryListing(of: data.appending(keyspace)).names {
                    tables.insert("\(keyspace)/\(table)")
                }
            }
        }
        return tables.sorted()
    }

    /// Hard links, and `manifest.json` and `schema.cql` in the last data directory.
    private static func snapshot(_ table: String, _ tag: SnapshotTag, in data: [FilePath]) throws {
        var names: [String] = []
        for data in data {
            let place = data.appending(table)
            guard (try? FileStatus(of: place)) != nil else { continue }
            let target = place.appending("snapshots").appending(tag.name)
            try FileTree.makeDirectories(target)
            for name in try DirectoryListing(of: place).names where name.hasSuffix(".db") || name.contains("-big-") {
                try FileTree.link(place.appending(name), to: target.appending(name))
                if name.hasSuffix("-Data.db") { names.append("\"\(name)\"") }
            }
        }
        let target = data[data.count - 1].appending(table).appending("snapshots").appending(tag.name)
        try FileTree.makeDirectories(target)
        for (name, text) in [
            (
                "manifest.json",
                "{\"files\":[\(names.joined(separator: ","))],\"created_at\":\"2026-11-20T23:20:12.426Z\"}"
            ),
            ("schema.cql", "CREATE TABLE \(table)"),
        ] {
            let file = try WritableFile(target.appending(name), creation: .mustBeNew)
            try file.write(Array(text.utf8).span, at: 0)
            try file.setModified(1_700_000_000_000_000_000)
        }
    }

    // MARK: Runs

    func options(_ name: String) throws -> BackupOptions {
        var options = try node.options(name, .own)
        options.leastPass = 1
        options.filter = try TableFilter([]).leavingOut()
        return options
    }

    func identity(_ options: BackupOptions) -> RunIdentity {
        RunIdentity(
            .backup,
            name: options.id.backup,
            cluster: options.id.cluster,
            host: options.host.description,
            location: base.location
        )
    }

    func directory(_ options: BackupOptions) throws -> RunDirectory {
        try RunDirectory.opened(identity(options), in: state)
    }

    func tag(_ options: BackupOptions) -> String { SnapshotTag.ownPrefix + identity(options).id }

    func context() -> RunContext {
        let log = log
        return RunContext(
            memory: TestVault.memory,
            readLimit: TokenBucket(.unlimited),
            isGentle: false,
            logger: Logger(label: "test") { _ in NotingLogHandler(log) },
            mostSends: 2  // so that a run that is stopped has not begun with all its blobs
        )
    }

    func run(
        _ options: BackupOptions,
        _ store: (any ObjectStore)? = nil,
        _ context: RunContext? = nil,
        capture: @escaping @Sendable (NodeFacts) async throws -> [ManifestDocument] = { _ in [] },
        secrets: @escaping @Sendable (NodeFacts) async throws -> [ManifestDocument] = { _ in [] }
    ) async throws -> BackupReport {
        let vault = try await Vault.open(store ?? base)
        let node = BackupNode(fake, capture: capture, captureSecrets: secrets)
        return try await BackupRun(
            vault,
            options,
            context ?? self.context(),
            directory: try directory(options),
            node: node
        ).run()
    }

    /// One run that is stopped when it is about to store its `count`-th blob.
    func runStopped(_ options: BackupOptions, atBlob count: Int, _ request: StopRequest = .pause) async throws {
        let context = context()
        let seen = Counter()
        let store = FaultyStore(base) { call in
            guard call.operation == .put, call.subject.hasPrefix("blobs/"), seen.next() == count else { return nil }
            return .hook { context.control.stop(request, "the test") }
        }
        await #expect(throws: RunStopped.self) { try await run(options, store, context) }
        try note(request == .pause ? .paused : .cancelled, options)
    }

    /// Leaves the state that the command would.
    func note(_ status: RunState.Status, _ options: BackupOptions) throws {
        let directory = try directory(options)
        var state = RunState(directory.identity, process: .current, started: .now)
        state.state = status
        try state.write(in: directory.path)
    }

    /// One run whose process dies when its `count`-th call has reached the store: nothing that it does after that is seen.
    ///
    /// - Returns: false if it had ended before.
    func runKilled(_ options: BackupOptions, atCall count: Int) async throws -> Bool {
        try await runKilled(options) { $0.index == count }
    }

    /// The same at the first call that `isLast` says.
    func runKilled(
        _ options: BackupOptions,
        at isLast: @escaping @Sendable (FaultyStore.Call) -> Bool
    ) async throws -> Bool {
        let last = ThreadLock<Int?>(nil)
        let copy = FilePath(node.root.string + ".dead")
        let store = FaultyStore(base) { [root = node.root] call in
            let isNow = last.withLock { last -> Bool? in
                if let last { return call.index < last ? false : nil }
                if isLast(call) { last = call.index }
                return last != nil
            }
            guard let isNow else { return .dieBefore }
            guard isNow else { return nil }
            // What a killed process leaves is what is on disk now; this one is going to tidy up after its error.
            return .hook {
                do { try FileTree.copyLinked(root, to: copy) } catch { Issue.record("cannot copy: \(error)") }
            }
        }
        _ = try? await run(options, store)
        guard (try? FileStatus(of: copy)) != nil else { return false }
        try FileTree.removeAll(node.root)
        try FileTree.rename(copy, to: node.root)
        return true
    }

    // MARK: What is there

    var blobs: [String] { base.keys.filter { $0.hasPrefix("blobs/") } }

    /// Tables that have a snapshot of that tag.
    func standing(_ tag: String) throws -> [String] {
        try Self.tables(in: node.data).filter { table in
            node.data.contains {
                (try? FileStatus(of: $0.appending(table).appending("snapshots").appending(tag))) != nil
            }
        }
    }

    /// Every SSTable's file as it is live, by the path a restore gives it.
    func live() throws -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        for table in try Self.tables(in: node.data) {
            for data in node.data {
                let place = data.appending(table)
                guard let names = try? DirectoryListing(of: place).names else { continue }
                for name in names where name.contains("-big-") {
                    found["\(table)/\(name)"] = try SmallFile.bytes(of: place.appending(name), limit: .max)
                }
            }
        }
        return found
    }

    /// Removes every live file, as compaction and DROP do.
    func removeLive(_ table: String? = nil) throws {
        for table in try table.map({ [$0] }) ?? Self.tables(in: node.data) {
            for data in node.data {
                let place = data.appending(table)
                guard let names = try? DirectoryListing(of: place).names else { continue }
                for name in names where name.contains("-big-") { try FileTree.remove(place.appending(name)) }
            }
        }
    }

    /// The SSTables' files of a backup, restored.
    func restored(_ name: String, to target: FilePath) async throws -> [String: [UInt8]] {
        try await TestVault(try await Vault.open(base), through: base).restore(name, to: [target])
        return try files(below: target).filter { $0.key.contains("-big-") }
    }

    /// Journals, links, temporary files: all that a backup has on this host but the states of runs.
    func remains() throws -> [String] {
        try files(below: state.path).keys.filter { !$0.hasSuffix("/state.json") }.sorted()
    }

    /// Every line of a manifest.
    func lines(_ name: String) async throws -> [ManifestLine] {
        let vault = try await Vault.open(base)
        let key = try BackupID(cluster: "test", backup: name).manifestKey(node.host)
        var reader = try await ManifestReader.open(vault, key: key)
        var lines: [ManifestLine] = []
        while let line = try await reader.next() { lines.append(line) }
        return lines
    }
}

extension FileTree {
    /// A second tree of the same files, so that the first can be removed: of a state directory, which is written on, the
    /// bytes that are there now.
    fileprivate static func copyLinked(_ source: FilePath, to target: FilePath) throws {
        try makeDirectories(target)
        for name in try DirectoryListing(of: source).names {
            let (from, to) = (source.appending(name), target.appending(name))
            switch try FileStatus(of: from).kind {
            case .directory: try copyLinked(from, to: to)
            case .regular where from.string.contains("/state/"):
                let bytes = try SmallFile.bytes(of: from, limit: .max)
                try WritableFile(to, creation: .mustBeNew).write(bytes.span, at: 0)
            case .regular: try link(from, to: to)
            case .other: break
            }
        }
    }
}

/// Keeps what is logged.
private struct NotingLogHandler: LogHandler {
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
