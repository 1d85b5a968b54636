import Cassandra
import Glibc
import Operations
import SystemPackage
import TestSupport
import Testing
import TransferEngine
import Vault

@Suite(.timeLimit(.minutes(5))) struct `A restore in place is refused` {
    /// A node with a backup, and what a plan says of it after `change`.
    private func failures(
        _ change: (InPlaceNode, inout RestoreRequest, inout NodeLayout) throws -> Void
    ) async throws -> [RestorePlan.Check] {
        var found: [RestorePlan.Check] = []
        try await withMemoryDirectory { root in
            let node = try InPlaceNode(in: root)
            let vault = try await TestVault()
            try await node.backUp("one", to: vault)
            var (request, layout) = (try node.request(), node.layout)
            try change(node, &request, &layout)
            let before = try node.tree()
            let restore = node.restore(request, from: vault, layout: layout)
            let plan = try await restore.plan()
            found = plan.failures
            if !found.isEmpty { await #expect(throws: RestoreRefused.self) { try await restore.run() } }
            #expect(try node.tree() == before)
            #expect(try RestoreFolders.all(in: node.data).isEmpty)
        }
        return found
    }

    @Test func `by nothing where all is well`() async throws {
        #expect(try await failures { _, _, _ in }.isEmpty)
    }

    @Test func `while the node answers`() async throws {
        let found = try await failures { node, _, _ in node.control.change { $0.failure = { _ in nil } } }
        #expect(found.map(\.name) == ["node is stopped"])
        #expect(found.first?.words.contains("NORMAL") == true)
    }

    @Test(arguments: [CassandraError.Code.denied, .timedOut, .malformed])
    func `where it cannot be told whether the node answers`(code: CassandraError.Code) async throws {
        let found = try await failures { node, _, _ in
            node.control.change { $0.failure = { _ in CassandraError(code, "ask", "the node", "who knows") } }
        }
        #expect(found.map(\.name) == ["node is stopped"])
    }

    @Test func `while a process has a file of it open or mapped`() async throws {
        for kind in ["fd", "maps"] {
            let found = try await failures { node, _, _ in
                let file = node.root.appending("data2/\(InPlaceNode.orders)/nb-3-big-Data.db")
                let process = node.proc.appending("4711")
                try FileTree.makeDirectories(process.appending("fd"))
                try write(Array("java\n".utf8), to: process.appending("comm"))
                if kind == "fd" {
                    try link(file, at: process.appending("fd").appending("7"))
                } else {
                    let line = "7f00-7f01 r--s 00000000 fe:00 12  \(file)\n"
                    try write(Array(line.utf8), to: process.appending("maps"))
                }
            }
            #expect(found.map(\.name) == ["node is stopped"], "\(kind)")
            #expect(found.first?.words.contains("4711 (java)") == true)
        }
    }

    @Test func `to data directories of another node of the backup`() async throws {
        try await withMemoryDirectory { root in
            let node = try InPlaceNode(in: root.appending("n1"))
            let other = try InPlaceNode(in: root.appending("n2"), host: InPlaceNode.other)
            let vault = try await TestVault()
            for each in [node, other] { try await each.backUp("one", to: vault) }
            // Which of the two is found by what stands in the data directories.
            #expect(
                try await node.restore(try node.request(), from: vault).plan().hostId.description == InPlaceNode.host
            )
            #expect(
                try await other.restore(try other.request(), from: vault).plan().hostId.description == InPlaceNode.other
            )
            var request = try node.request()
            request.host = HostID(InPlaceNode.other)
            let plan = try await node.restore(request, from: vault).plan()
            #expect(plan.failures.map(\.name) == ["node of the backup"])
            #expect(plan.failures.first?.words.contains("--new-node") == true)
        }
    }

    @Test func `of some tables while other tables have writes in the commit log`() async throws {
        let segment: [UInt8] =
            [0, 0, 0, 7] + Array(repeating: 1, count: 8) + [0, 2] + Array("{}".utf8) + [1, 2, 3, 4]
        let marker: [UInt8] = [0, 0, 1, 0, 9, 9, 9, 9]
        for (content, isRefused) in [(segment + marker, true), (segment + Array(repeating: 0, count: 500), false)] {
            let found = try await failures { node, request, _ in
                try write(content, to: node.root.appending("commitlog/CommitLog-7-1.log"))
                request.filter = try TableFilter(["shop.orders"])
            }
            #expect(found.map(\.name) == (isRefused ? ["commit log"] : []))
        }
        let accepted = try await failures { node, request, _ in
            try write(segment + marker, to: node.root.appending("commitlog/CommitLog-7-1.log"))
            request.filter = try TableFilter(["shop.orders"])
            request.choices["commit-log"] = "aside"
        }
        #expect(accepted.isEmpty)
    }

    @Test func `to an older Cassandra than wrote the files`() async throws {
        let found = try await failures { _, _, layout in layout.release = ReleaseVersion("3.11.17") }
        #expect(found.map(\.name) == ["version"])
        #expect(found.first?.words.contains("3.11.17") == true)
    }

    @Test func `without the settings that say where the commit log is`() async throws {
        let found = try await failures { _, _, layout in layout.sides = [] }
        #expect(found.map(\.name) == ["settings"])
    }

    @Test func `to some of the node's data directories`() async throws {
        let found = try await failures { node, request, _ in request.dataDirectories = [node.data[0]] }
        #expect(found.map(\.name).contains("directories"))
    }

    @Test func `for a new machine of some tables`() async throws {
        let found = try await failures { _, request, _ in
            request.isNewNode = true
            request.filter = try TableFilter(["shop"])
        }
        #expect(found.map(\.name).contains("new node"))
    }

    private func link(_ file: FilePath, at path: FilePath) throws {
        let child = try #require(file.string.isEmpty ? nil : file)
        guard
            unsafe child.withPlatformString({ from in
                unsafe path.withPlatformString { unsafe symlink(from, $0) }
            }) == 0
        else { throw Errno(rawValue: errno) }
    }
}
