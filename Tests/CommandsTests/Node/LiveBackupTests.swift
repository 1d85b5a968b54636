import SystemPackage
import TestSupport
import Testing
import TransferEngine

/// `backup start` on a node that runs.
@Suite(.timeLimit(.minutes(10))) struct `A backup of a living node` {
    @Test(arguments: StandInNode.versions)
    func `clears its own snapshot, leaves all others, and has what was only in memory`(version: String) async throws {
        try await withTemporaryDirectory { root in
            let flow = try await NodeFlow(version, in: root)
            let foreign = try StandInFiles(snapshot: "daily-1", of: flow.node)
            let tags = try await flow.tags()
            try await flow.node.write("shop.orders", inMemory: true)
            let count = try flow.files(of: "shop.orders", withIndexes: false).sets.count
            try await flow.backUp("b1")
            #expect(try flow.files(of: "shop.orders", withIndexes: false).sets.count == count + 1, "it was flushed")
            #expect(try await flow.tags() == tags)
            #expect(try StandInFiles(snapshot: "daily-1", of: flow.node) == foreign)
            #expect(foreign.paths.count > 20)
            // The backup knows who the node is without having been told.
            let shown = try await flow.show("b1")
            #expect(shown.output.contains("Fixture \(version)"))
            // From 4.1 on the node would clear the snapshot by itself.
            let asksLife = try flow.node.calls().contains("\"--ttl\"")
            #expect(asksLife == (version >= "4.1"))
        }
    }

    @Test(arguments: ["3.11.17", "4.1.7"])
    func `sweeps the snapshot that a killed one left, and a kept tag of somebody else stays`(
        version: String
    ) async throws {
        try await withTemporaryDirectory { root in
            let flow = try await NodeFlow(version, in: root)
            #expect(try await flow.node.nodetool("snapshot", "-t", "ringvault-mine", "-kt", "shop.orders").status == 0)
            try await flow.node.kill(at: "snapshot", isLate: true)
            let killed = try await flow.run(["backup", "start"], ["--name", "b1"])
            #expect(killed.status == -9)
            let left = try await flow.ownTags().subtracting(["ringvault-mine"])
            #expect(left.count == 1, "the kill came too early, or too late")
            try await flow.backUp("b2")
            #expect(try await flow.ownTags() == ["ringvault-mine"])
        }
    }

    @Test func `clears what a snapshot that failed midway left`() async throws {
        try await withTemporaryDirectory { root in
            let flow = try await NodeFlow("4.0.14", in: root)
            try await flow.node.fail("snapshot", saying: "error: No space left on device", isLate: true)
            try await flow.refuse(["backup", "start"], ["--name", "b1"], saying: "No space left on device")
            #expect(try await flow.ownTags().isEmpty)
            try await flow.backUp("b1")
        }
    }

    @Test(arguments: ["3.11.17", "4.1.7"])
    func `refuses a node that is down, drained, or another's`(version: String) async throws {
        try await withTemporaryDirectory { root in
            let flow = try await NodeFlow(version, in: root)
            let tags = try await flow.tags()
            try await flow.refuse(["backup", "start"], ["--name", "b1", "--cluster", "other"], saying: "Fixture")
            #expect(try await flow.node.nodetool("drain").status == 0)
            try await flow.refuse(["backup", "start"], ["--name", "b1"], saying: "DRAINED")
            try await flow.node.stop()
            try await flow.refuse(["backup", "start"], ["--name", "b1"], saying: "refused")
            #expect(try await flow.tags() == tags)
        }
    }

    @Test func `keeps secrets out of arguments, environment and output`() async throws {
        try await withTemporaryDirectory { root in
            let secret = "canary-\(UInt64.random(in: 0 ... .max))"
            let passwords = root.appending("passwords")
            try WritableFile(passwords, creation: .mustBeNew).write(Array("admin \(secret)\n".utf8).span, at: 0)
            let password = root.appending("password")
            try WritableFile(password, creation: .mustBeNew).write(Array("\(secret)\n".utf8).span, at: 0)
            for path in [passwords, password] { #expect(CommandLineTool.run("chmod 600 '\(path)'")) }
            let options = [
                "--jmx-username", "admin", "--jmx-password-file", passwords.string, "--cql-username", "admin",
                "--cql-password-file", password.string,
            ]
            for version in ["3.11.17", "5.0.1"] {
                let flow = try await NodeFlow(
                    version,
                    in: root,
                    called: version,
                    login: ("admin", secret),
                    options: options
                )
                let answer = try await flow.backUp("b-\(version)", "--log-level", "trace")
                #expect(!answer.errors.contains(secret) && !answer.output.contains(secret))
                let calls = try flow.node.calls()
                #expect(calls.contains("\"-u\", \"admin\""))
                #expect(!calls.contains(secret))
                // And without them nothing works.
                let closed = NodeFlow(flow, options: [])
                let refused = try await closed.refuse(["backup", "start"], ["--name", "b2"])
                #expect(!refused.errors.contains(secret))
            }
        }
    }
}
