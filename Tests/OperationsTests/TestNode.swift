import Cassandra
import Logging
import ObjectStorage
import Operations
import SystemPackage
import TestSupport
import Testing
import TransferEngine
import Vault

/// A made-up node: data directories that tests fill with SSTables, and what a backup or restore of it needs.
struct TestNode {
    static let orders = "shop/orders-3e2816e0e53811f1916b25b74eacdfa4"

    let root: FilePath
    let data: [FilePath]
    let host: HostID

    init(in root: FilePath, directories: Int = 1, host: String = "11111111-2222-3333-4444-555555555555") throws {
        self.root = root
        data = (0..<directories).map { root.appending("data\($0 + 1)") }
        for path in data { try FileTree.makeDirectories(path.appending(Self.orders).appending("snapshots")) }
        self.host = try #require(HostID(host))
    }

    /// The directory that files of a snapshot lie in; of live files for nil.
    func directory(_ tag: String?, table: String = orders, dir: Int = 0) -> FilePath {
        let table = data[dir].appending(table)
        return tag.map { table.appending("snapshots").appending($0) } ?? table
    }

    /// Writes a file of a snapshot, in place of one that is there.
    @discardableResult
    func write(
        _ bytes: [UInt8],
        _ name: String,
        in tag: String?,
        table: String = orders,
        dir: Int = 0,
        modified: Int64 = 1_700_000_000_000_000_000
    ) throws -> FilePath {
        let path = directory(tag, table: table, dir: dir).appending(name)
        try FileTree.makeDirectories(path.removingLastComponent())
        try FileTree.remove(path)
        let file = try WritableFile(path, creation: .mustBeNew)
        try file.write(bytes.span, at: 0)
        try file.setModified(modified)
        return path
    }

    /// Writes the components of one SSTable; the digest is right unless one is given.
    func addSSTable(
        _ generation: Int,
        in tag: String?,
        data: [UInt8],
        table: String = orders,
        dir: Int = 0,
        digest: UInt32? = nil
    ) throws {
        var checksum = CRC32()
        checksum.update(data.span)
        let prefix = "nb-\(generation)-big-"
        let components: [(String, [UInt8])] = [
            ("Data.db", data), ("Index.db", Array("index \(generation)".utf8)),
            ("Statistics.db", Array("statistics \(generation)".utf8)),
            ("Digest.crc32", Array("\(digest ?? checksum.value)".utf8)),
            ("TOC.txt", Array("Data.db\nIndex.db\nStatistics.db\nDigest.crc32\nTOC.txt\n".utf8)),
        ]
        for (name, bytes) in components { try write(bytes, prefix + name, in: tag, table: table, dir: dir) }
    }

    /// Gives every file of `old` a second name in `new`, as a later snapshot of unchanged SSTables does.
    func link(_ old: String, as new: String, dir: Int = 0) throws {
        try FileTree.makeDirectories(directory(new, dir: dir))
        for name in try DirectoryListing(of: directory(old, dir: dir)).names {
            try FileTree.link(directory(old, dir: dir).appending(name), to: directory(new, dir: dir).appending(name))
        }
    }

    func options(_ name: String, _ source: BackupOptions.Source) throws -> BackupOptions {
        BackupOptions(
            id: try BackupID(cluster: "test", backup: name),
            host: host,
            dataDirectories: data,
            source: source
        )
    }

    func options(_ name: String, tag: String) throws -> BackupOptions {
        try options(name, .snapshot(try SnapshotTag(tag)))
    }

    /// Every file of a snapshot with its bytes, by the path a restore gives it.
    func content(_ tag: String, table: String = orders) throws -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        for dir in data.indices where (try? FileStatus(of: directory(tag, table: table, dir: dir))) != nil {
            for (path, bytes) in try files(below: directory(tag, table: table, dir: dir)) {
                found["\(table)/\(path)"] = bytes
            }
        }
        return found
    }
}

/// Every file below `path` with its bytes, by its path relative to it.
func files(below path: FilePath, _ prefix: String = "") throws -> [String: [UInt8]] {
    var found: [String: [UInt8]] = [:]
    for name in try DirectoryListing(of: path).names {
        let child = path.appending(name)
        if try FileStatus(of: child).kind == .directory {
            found.merge(try files(below: child, "\(prefix)\(name)/")) { $1 }
        } else {
            found[prefix + name] = try SmallFile.bytes(of: child, limit: .max)
        }
    }
    return found
}

/// A small vault and runs on it.
struct TestVault {
    static let chunkSize = 1 << 20
    /// The least that a run accepts with this chunk size.
    static let memory = RunContext.leastMemory(chunkSize: chunkSize)

    let vault: Vault
    let measured: MeasuredStore

    init(_ store: any ObjectStore = MemoryStore()) async throws {
        measured = MeasuredStore(store)
        vault = try await Vault.create(in: measured, chunkSize: Self.chunkSize)
    }

    /// The same vault behind another view of its store.
    ///
    /// - Parameter source: what it is opened with, if it is encrypted.
    init(_ vault: Vault, through store: any ObjectStore, with source: KeySource = .none) async throws {
        measured = MeasuredStore(store)
        self.vault = try await Vault.open(measured, with: source)
    }

    static func context(memory: Int = memory) -> RunContext {
        RunContext(
            memory: memory,
            readLimit: TokenBucket(.unlimited),
            isGentle: false,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    @discardableResult
    func backUp(_ options: BackupOptions, memory: Int = memory) async throws -> BackupReport {
        try await BackupRun(vault, options, Self.context(memory: memory)).run()
    }

    @discardableResult
    func restore(
        _ name: String,
        to targets: [FilePath],
        overwrites: Bool = false,
        host: HostID? = nil,
        filter: TableFilter = .everything,
        memory: Int = memory
    ) async throws -> RestoreReport {
        let options = RestoreOptions(
            backup: name,
            cluster: "test",
            host: host,
            targets: targets,
            filter: filter,
            overwrites: overwrites
        )
        return try await RestoreRun(vault, options, Self.context(memory: memory)).run()
    }

    /// Keys below `prefix`.
    func keys(_ prefix: String) async throws -> [String] {
        var keys: [String] = []
        try await vault.store.forEachObject(prefix: prefix) { keys.append($0.key.description) }
        return keys
    }
}

/// Bytes that no codec shrinks, the same for the same seed.
func noise(_ count: Int, seed: UInt64) -> [UInt8] { Content.random(count, seed: seed) }
