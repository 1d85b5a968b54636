import ObjectStorage
import SystemPackage
import Testing
import TransferEngine

@testable import TestSupport

/// A node that may back up into an encrypted vault, and neither read it nor take anything from it: by the key it has, and by
/// what the store allows its credential.
@Suite(.timeLimit(.minutes(5))) struct `A node that may only write` {
    /// A vault on a fake cloud, its owner, and a node with a key and a credential for writing.
    private struct Fixture {
        let provider: CloudProvider
        let cloud: FakeCloud
        let node: CloudNode
        let owner: [String]
        let key: String
        private let place: [String]
        private let writer: [String]
        private let environment: [String: String]

        init(_ provider: CloudProvider, _ cloud: FakeCloud, in root: FilePath) async throws {
            self.provider = provider
            self.cloud = cloud
            node = try CloudNode(in: root, files: 4, size: 60_000)
            place = ["--location", "\(provider.location)/backups", "--endpoint", cloud.endpoint]
            owner = ["--credentials", try node.mountedSecret(provider.secret(for: cloud))] + place
            let secrets = root.appending("secrets")
            key = secrets.appending("key").string
            let export = secrets.appending("writer").string
            var environment = provider.restrictedEnvironment(for: cloud)
            if provider == .googleCloud {
                environment["GOOGLE_APPLICATION_CREDENTIALS"] = try node.secretFile(
                    "account.json",
                    cloud.restrictedServiceAccountKey
                )
            }
            self.environment = environment
            let account = provider == .azure ? ["--account", FakeCloud.account] : []
            writer = ["--key-file", export, "--state-dir", "\(root)/state"] + place + account
            for command in [
                ["vault", "key", "generate", key], ["vault", "init", "--encrypt", "--key-file", key] + owner,
                ["vault", "key", "export", "--write-only", export, "--key-file", key] + owner,
            ] {
                let answer = try await node.run(command)
                #expect(answer.status == 0, "\(answer.errors)")
            }
        }

        /// A backup as the node makes it.
        func backUp(_ name: String, _ more: [String] = []) async throws -> Program.Answer {
            try await node.run(node.backup + ["--name", name] + writer + more, environment)
        }

        /// Any command with the node's credential.
        func run(_ command: [String], keyFile: String? = nil) async throws -> Program.Answer {
            let account = provider == .azure ? ["--account", FakeCloud.account] : []
            let key = ["--key-file", keyFile ?? writer[1]]
            return try await node.runOnce(command + key + place + account, environment)
        }

        /// The store with the node's credential, and nothing of ours before it.
        func store() throws -> any ObjectStore {
            let settings = provider.restrictedSettings(for: cloud)
            return try StoreLocation("\(provider.location)/backups").open(settings, io: IOExecutor(threads: 1))
        }
    }

    private static func withFixture(
        _ provider: CloudProvider,
        _ body: (Fixture) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { root in
            var options = FakeCloud.Options()
            options.policy = .writeOnly("backups")
            let cloud = FakeCloud(provider.dialect, options)
            defer { cloud.stop() }
            try await body(try await Fixture(provider, cloud, in: root))
        }
    }

    @Test(arguments: CloudProvider.allCases)
    func `backs up, again and again, and another restores it`(provider: CloudProvider) async throws {
        try await Self.withFixture(provider) { fixture in
            let (cloud, node) = (fixture.cloud, fixture.node)
            let before = cloud.requests.count
            let first = try await fixture.backUp("one", ["--output", "json"])
            #expect(first.status == 0, "\(first.errors)")
            // A run without memory of its own finds its blobs stored already, which it may not look at.
            let other = try await fixture.backUp("three", ["--cluster", "other"])
            #expect(other.status == 0, "\(other.errors)")
            #expect(other.output.contains("stored   0 B in 0 blobs"), "\(other.output)")

            try node.addFile("nb-9-big-Data.db", Content.random(70_000, seed: 99))
            let second = try await fixture.backUp("two")
            #expect(second.status == 0, "\(second.errors)")
            // Only the new file was read: the node remembers what it published.
            #expect(second.output.contains("reused") && second.output.contains("in 4 files"), "\(second.output)")
            #expect(second.output.contains("read     68."), "\(second.output)")
            // Nothing but puts, and looks at what is condemned.
            let requests = cloud.requests[before...].filter { $0.operation != .token }
            for request in requests {
                switch request.operation {
                case .put: break
                case .list: #expect(request.query.contains("condemned"), "\(request.target)")
                case .get: #expect(request.key?.contains("/condemned/") == true, "\(request.target)")
                default: Issue.record("\(request.method) \(request.target)")
                }
            }
            for name in ["one", "two", "three"] {
                let out = node.root.appending("out")
                try? FileTree.removeAll(out)
                let answer = try await node.run(
                    node.restore + ["--name", name, "--key-file", fixture.key] + fixture.owner
                )
                #expect(answer.status == 0, "\(answer.errors)")
                var expected = try node.original()
                if name != "two" { expected["nb-9-big-Data.db"] = nil }
                #expect(try node.restored() == expected)
            }
            // One name is used once; the node cannot look why.
            let again = try await fixture.backUp("two")
            #expect(again.status == 4, "\(again.errors)")
        }
    }

    @Test(arguments: CloudProvider.allCases)
    func `cannot read, change or remove what is stored`(provider: CloudProvider) async throws {
        try await Self.withFixture(provider) { fixture in
            let cloud = fixture.cloud
            #expect(try await fixture.backUp("one").status == 0)
            cloud["backups/condemned/a.jsonl.zst"] = [1, 2, 3]
            let objects = cloud.objects
            let store = try fixture.store()
            #expect(objects.count > 5)
            for name in objects.keys {
                let key = try ObjectKey(String(name.dropFirst("backups/".count)))
                let isCondemned = name.contains("/condemned/")
                // All that a client can try, with the node's own credential.
                var buffer = BufferLease(unpooledCapacity: 1 << 20)
                do throws(StoreError) {
                    _ = try await store.get(key, range: nil, into: &buffer)
                    #expect(isCondemned, "got \(name)")
                } catch {
                    #expect(error.code == .accessDenied && !isCondemned, "\(error)")
                }
                if !isCondemned { await expectError(.accessDenied) { _ = try await store.head(key) } }
                await expectError(.accessDenied) { try await store.delete(key) }
                do throws(StoreError) {
                    #expect(try await !store.delete([key]).isEmpty)
                } catch {
                    #expect(error.code == .accessDenied, "\(error)")
                }
                for condition in [PutCondition.always, .onlyIfAbsent] {
                    do throws(StoreError) {
                        #expect(try await store.put([0, 0, 0], key, condition) == .existed, "\(condition) \(name)")
                    } catch {
                        #expect(error.code == .accessDenied, "\(error)")
                    }
                }
            }
            for prefix in ["", "blobs/", "clusters/", "keys/", "trash/"] {
                await expectError(.accessDenied) { _ = try await store.list(prefix: prefix, from: nil, limit: 10) }
            }
            #expect(try await store.list(prefix: "condemned/", from: nil, limit: 10).objects.count == 1)
            for key in ["vault.json", "keys/0011223344556677.json", "condemned/b.jsonl.zst", "trash/x"] {
                await expectError(.accessDenied) {
                    _ = try await store.put([0], try ObjectKey(key), .onlyIfAbsent)
                }
            }
            #expect(cloud.objects == objects)
        }
    }

    @Test(arguments: CloudProvider.allCases)
    func `is told so by every command that would read`(provider: CloudProvider) async throws {
        try await Self.withFixture(provider) { fixture in
            #expect(try await fixture.backUp("one").status == 0)
            let objects = fixture.cloud.objects
            for command in [
                ["backup", "list"], ["backup", "show", "one"], fixture.node.restore + ["--name", "one"],
                ["vault", "key", "add", "--new-key-file", fixture.key],
                ["vault", "key", "export", "--write-only", "\(fixture.node.root)/secrets/x"],
            ] {
                let answer = try await fixture.run(command)
                #expect(answer.status == 77, "\(command): \(answer.errors)")
                #expect(answer.errors.contains("write and not read"), "\(answer.errors)")
            }
            // Nor does a stolen key help a credential that may not read.
            for command in [["backup", "list"], ["vault", "show"], fixture.node.restore + ["--name", "one"]] {
                let answer = try await fixture.run(command, keyFile: fixture.key)
                #expect(answer.status == 1, "\(command): \(answer.errors)")
            }
            #expect(fixture.cloud.objects == objects)
        }
    }
}
