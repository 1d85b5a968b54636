import Cassandra
import Operations
import SystemPackage
import TestSupport
import Testing
import TransferEngine
import Vault

@Suite(.timeLimit(.minutes(5))) struct `Real nodes restored in place` {
    /// Versions, and the host ids of the nodes.
    static let hosts = [
        ("3.11.17", "fb104f10-1ef2-45ae-ac91-864ce62f4256"), ("4.0.14", "4d6b40e5-1b75-4043-b7c6-457526a39ab4"),
        ("4.1.7", "e59c5211-6d4a-4c0e-a746-4ea27a72281c"), ("5.0.1", "08cfd33d-98ed-4226-b764-7a83ffda7aae"),
    ]

    private static let captures = `SSTables of real Cassandra nodes`.captures
    private static let local = "system/local-7ad54392bcdd35a684174e047860b377"
    private static let schema = "system_schema/tables-afddfb9dbc1e30688056eed6c302ba41"

    /// The node as it was captured, with its `system.local`, and with something that stands for its schema.
    private func rebuild(_ version: String, in root: FilePath, host: String) throws -> InPlaceNode {
        let captured = try CapturedNode(Self.captures.appending(version))
        let node = try InPlaceNode(in: root, directories: captured.dataDirectories.count, host: host, tables: [])
        for data in node.data { try FileTree.removeAll(data) }
        try captured.rebuild(in: root)
        let identity = Self.captures.appending("identity").appending(version)
        for name in try DirectoryListing(of: identity).names {
            let bytes = try SmallFile.bytes(of: identity.appending(name))
            try write(bytes, to: node.data[0].appending(Self.local).appending(name))
        }
        let file =
            version == "3.11.17" ? "me-1-big-Data.db" : version == "5.0.1" ? "da-1-bti-Data.db" : "nb-1-big-Data.db"
        try write([1, 2, 3], to: node.data[0].appending(Self.schema).appending(file))
        return node
    }

    @Test(arguments: hosts)
    func `come back file by file, are known by their host ids, and can be undone`(
        version: String,
        host: String
    ) async throws {
        try await withMemoryDirectory { root in
            let node = try rebuild(version, in: root, host: host)
            let vault = try await TestVault()
            try await node.backUp("live", to: vault)
            let good = try node.live()
            #expect(good.count > 50)
            // A second node in the backup: the right one is found by what stands on disk.
            let stranger = try InPlaceNode(in: root.appending("stranger"), host: "99999999-6d4a-4c0e-a746-4ea27a72281c")
            try await stranger.backUp("live", to: vault)

            try lose(node, good.keys.sorted())
            let spoilt = try node.tree()
            let restore = node.restore(try node.request("live"), from: vault)
            let plan = try await restore.plan()
            #expect(plan.hostId.description == host)
            #expect(plan.failures.isEmpty)
            #expect(plan.newBytes > 0)
            #expect(plan.newBytes < plan.bytes)
            _ = try await restore.run()
            let now = try node.live()
            #expect(Set(now.keys).symmetricDifference(good.keys).sorted() == [])
            #expect(now == good)
            _ = try await node.undo()
            #expect(try node.tree() == spoilt)
        }
    }

    /// Some files go, some have other bytes, one is new, and of one directory nothing is left.
    private func lose(_ node: InPlaceNode, _ paths: [String]) throws {
        for (index, path) in paths.enumerated() where !path.contains("/system") {
            let file = node.root.appending(path)
            switch index % 7 {
            case 1: try FileTree.remove(file)
            case 4:
                let bytes = try SmallFile.bytes(of: file, limit: .max)
                try FileTree.remove(file)
                try write(bytes.map { ~$0 }, to: file)
            default: break
            }
        }
        let last = try #require(paths.last { $0.contains("/shop/") })
        try write([7], to: node.root.appending(last).removingLastComponent().appending("nb-990-big-Data.db"))
        let first = try #require(paths.first { $0.contains("/MixedCase/") })
        try FileTree.removeAll(node.root.appending(first).removingLastComponent())
    }
}
