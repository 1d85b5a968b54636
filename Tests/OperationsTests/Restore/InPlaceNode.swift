import Cassandra
import Operations
import SystemPackage
import TestSupport
import TransferEngine
import Vault

/// A made-up node that is restored in place: tables of the user and of the system, and what lies beside the data.
struct InPlaceNode {
    static let host = "4d6b40e5-1b75-4043-b7c6-457526a39ab4"
    static let other = "e59c5211-6d4a-4c0e-a746-4ea27a72281c"
    static let orders = TestNode.orders
    static let archive = "shop/orders_archive-4e2816e0e53811f1916b25b74eacdfa4"
    static let cities = "shop/peers_by_city-5e2816e0e53811f1916b25b74eacdfa4"
    static let local = "system/local-7ad54392bcdd35a684174e047860b377"
    static let peers = "system/peers-37f71aca7dc2383ba70672528af04d4f"
    static let peers2 = "system/peers_v2-c4325fbb8e5e3bafbd070f9250ed818e"
    static let schema = "system_schema/tables-afddfb9dbc1e30688056eed6c302ba41"

    let node: TestNode
    let root: FilePath
    let control: FakeNode

    /// - Parameter tables: with an SSTable of each data directory.
    init(
        in root: FilePath,
        directories: Int = 2,
        host: String = host,
        tables: [String] = [orders, archive, cities, local, peers, peers2, schema]
    ) throws {
        self.root = root
        node = try TestNode(in: root, directories: directories, host: host)
        for (index, table) in tables.enumerated() {
            for dir in node.data.indices {
                let seed = UInt64(100 * index + dir)
                try node.addSSTable(2 * dir + 1, in: nil, data: noise(700, seed: seed), table: table, dir: dir)
            }
        }
        if tables.contains(Self.local) {
            try node.write(noise(50, seed: 7) + Self.bytes(host), "nb-9-big-Data.db", in: nil, table: Self.local)
        }
        if tables.contains(Self.orders) {
            try node.write([1, 2], ".orders_idx/nb-1-big-Data.db", in: nil)
            try node.write([3], "snapshots/own/nb-1-big-Data.db", in: nil)
            try node.write([4], "backups/nb-7-big-Data.db", in: nil)
        }
        for (kind, name) in [
            (NodeLayout.Side.Kind.commitLog, "CommitLog-7-1.log"), (.hints, "h.hints"), (.savedCaches, "c.db"),
            (.changeLog, "CommitLog-7-1.log"),
        ] {
            let directory = root.appending(kind.rawValue)
            try FileTree.makeDirectories(directory)
            try write(Array(kind.rawValue.utf8), to: directory.appending(name))
        }
        try FileTree.makeDirectories(root.appending("proc"))
        control = FakeNode()
        control.change { $0.failure = { _ in CassandraError(.unreachable, "ask", "the node", "connection refused") } }
    }

    var data: [FilePath] { node.data }
    var proc: FilePath { root.appending("proc") }

    var layout: NodeLayout {
        var layout = NodeLayout(dataDirectories: data)
        layout.sides = NodeLayout.Side.Kind.allCases.map { NodeLayout.Side($0, root.appending($0.rawValue)) }
        return layout
    }

    /// Backs up what is live.
    func backUp(_ name: String, to vault: TestVault, filter: TableFilter = .everything) async throws {
        var options = try node.options(name, .live)
        options.filter = filter
        try await vault.backUp(options)
    }

    func request(_ name: String = "one", _ filter: [String] = [], excluding: [String] = []) throws -> RestoreRequest {
        RestoreRequest(
            .inPlace,
            backup: name,
            dataDirectories: data,
            filter: try TableFilter(filter, excluding: excluding)
        )
    }

    func restore(
        _ request: RestoreRequest,
        from vault: TestVault,
        layout: NodeLayout? = nil,
        faults: InPlaceRestore.Faults = InPlaceRestore.Faults()
    ) -> InPlaceRestore {
        InPlaceRestore(
            request,
            layout ?? self.layout,
            in: vault.vault,
            control: control,
            TestVault.context(),
            proc: proc,
            faults: faults
        )
    }

    /// Of the one restore there is.
    func undo(faults: InPlaceRestore.Faults = InPlaceRestore.Faults()) async throws -> RestorePlan? {
        let folders = try RestoreFolders.all(in: data)
        let context = TestVault.context()
        return try await InPlaceUndo(folders[0], control: control, context, proc: proc, faults: faults).run()
    }

    /// What a time without a backup does to a node: files lost, new, changed and cut, tables new and gone.
    func spoil() throws {
        try FileTree.removeAll(node.directory(nil, dir: 0).appending("nb-1-big-Index.db"))
        // Same name and size, other bytes.
        try node.write(noise(700, seed: 999), "nb-1-big-Data.db", in: nil)
        try node.write([9, 9], "nb-1-big-TOC.txt", in: nil, table: Self.archive)
        try node.addSSTable(77, in: nil, data: noise(900, seed: 5), table: Self.archive, dir: data.count - 1)
        try node.write([1], ".ringvault-00ff.part", in: nil, table: Self.archive)
        try FileTree.removeAll(data[0].appending(Self.cities))
        try node.addSSTable(1, in: nil, data: noise(90, seed: 6), table: "shop/later-6e2816e0e53811f1916b25b74eacdfa4")
        try node.addSSTable(1, in: nil, data: noise(90, seed: 7), table: "blog/posts-7e2816e0e53811f1916b25b74eacdfa4")
        try write([1, 2, 3], to: root.appending("commitlog/CommitLog-7-2.log"))
    }

    /// The node as it is: each name with its bytes, directories with none; without what Ringvault keeps there.
    func tree() throws -> [String: [UInt8]] {
        var tree: [String: [UInt8]] = [:]
        let sides = NodeLayout.Side.Kind.allCases.map { root.appending($0.rawValue) }
        for path in data + sides { try add(path, path.lastComponent?.string ?? "", to: &tree) }
        return tree
    }

    /// Of the tree, the live files of tables: neither snapshots nor backups.
    func live() throws -> [String: [UInt8]] {
        try tree().filter { path, bytes in
            path.hasPrefix("data") && !path.hasSuffix("/") && !path.contains("/snapshots/")
                && !path.contains("/backups/")
        }
    }

    private func add(_ path: FilePath, _ name: String, to tree: inout [String: [UInt8]]) throws {
        for entry in try DirectoryListing(of: path).names where entry != ".ringvault" {
            let (child, full) = (path.appending(entry), "\(name)/\(entry)")
            if try FileStatus(of: child).kind == .directory {
                tree[full + "/"] = []
                try add(child, full, to: &tree)
            } else {
                tree[full] = try SmallFile.bytes(of: child, limit: .max)
            }
        }
    }

    static func bytes(_ host: String) -> [UInt8] {
        let digits = Array(host.replacing("-", with: ""))
        return stride(from: 0, to: 32, by: 2).compactMap { UInt8(String(digits[$0...($0 + 1)]), radix: 16) }
    }
}

/// Writes a file in place of one that is there.
func write(_ bytes: [UInt8], to path: FilePath) throws {
    try FileTree.makeDirectories(path.removingLastComponent())
    try FileTree.remove(path)
    try WritableFile(path, creation: .mustBeNew).write(bytes.span, at: 0)
}

/// Fails at one of the steps of a restore: as a process that is killed there.
final class FaultAt: Sendable {
    struct Killed: Error {}

    enum Kind: Sendable { case note, move }

    private let kind: Kind
    private let left: ThreadLock<Int>

    /// - Parameter step: of that kind, from 0.
    init(_ kind: Kind, _ step: Int) {
        self.kind = kind
        left = ThreadLock(step)
    }

    /// Whether the step was come to.
    var hasStruck: Bool { left.withLock { $0 < 0 } }

    var faults: InPlaceRestore.Faults {
        var faults = InPlaceRestore.Faults()
        if kind == .note { faults.beforeNote = { [self] _ in try strike() } }
        if kind == .move { faults.beforeMove = { [self] _ in try strike() } }
        return faults
    }

    private func strike() throws {
        let isNow = left.withLock { left in
            left -= 1
            return left < 0
        }
        if isNow { throw Killed() }
    }
}

/// Runs `body` with a new directory in memory where there is such a file system: what is made durable at every step takes
/// its time on a disk.
func withMemoryDirectory(_ body: (FilePath) async throws -> Void) async throws {
    let memory = FilePath("/dev/shm")
    let name = "ringvault-test-\(UInt64.random(in: 0...UInt64.max))"
    let directory = memory.appending(name)
    guard (try? FileTree.makeDirectories(directory)) != nil else { return try await withTemporaryDirectory(body) }
    defer { try? FileTree.removeAll(directory) }
    try await body(directory)
}
