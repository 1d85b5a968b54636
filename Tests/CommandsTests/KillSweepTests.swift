import Glibc
import ObjectStorage
import Subprocess
import SystemPackage
import TestSupport
import Testing
import TransferEngine

/// `kill -9` of the real program at random moments of backups and restores, each run again until it ends.
///
/// `RINGVAULT_TEST_KILLS` says how often; 20 times where nothing is said.
@Suite(.serialized, .timeLimit(.minutes(60))) struct `A ringvault killed at any moment` {
    private static let kills = unsafe getenv("RINGVAULT_TEST_KILLS").flatMap { unsafe Int(String(cString: $0)) } ?? 20
    private static let table = "shop/orders-3e2816e0e53811f1916b25b74eacdfa4"
    private static let host = "11111111-2222-3333-4444-555555555555"
    /// With chunks of 1 MiB and no compression: the most that can be under way.
    private static let memory = 4 << 20
    /// What a process reads besides: libraries, configuration, the vault's documents.
    private static let beside = 512 << 10

    @Test func `ends right when it is run again, moves little twice, and leaves nothing behind`() async throws {
        var generator = SeededGenerator(4)
        var kills = 0
        var round = 0
        while kills < Self.kills {
            let (isCloud, isLive) = (round % 2 == 1, round % 3 == 2)
            let seed = generator.next()
            try await withTemporaryDirectory { root in
                let cloud = FakeCloud(.s3)
                defer { cloud.stop() }
                var scenario = try Scenario(in: root, cloud: isCloud ? cloud : nil, isLive: isLive, seed: seed)
                kills += try await scenario.run()
            }
            round += 1
        }
    }

    /// One node, its backup and its restore.
    private struct Scenario {
        let root: FilePath
        let cloud: FakeCloud?
        let isLive: Bool
        var generator: SeededGenerator
        let content: [String: [UInt8]]
        let total: Int
        var kills = 0

        init(in root: FilePath, cloud: FakeCloud?, isLive: Bool, seed: UInt64) throws {
            self.root = root
            self.cloud = cloud
            self.isLive = isLive
            generator = SeededGenerator(seed)
            var content: [String: [UInt8]] = [:]
            let directory = root.appending("data/\(table)" + (isLive ? "" : "/snapshots/daily"))
            try FileTree.makeDirectories(directory)
            try FileTree.makeDirectories(root.appending("secrets"))
            for index in 1...40 {
                let bytes = Content.random(index <= 6 ? 3_400_000 : 30_000, seed: seed &+ UInt64(index))
                try makeFile(directory.appending("nb-\(index)-big-Data.db"), bytes)
                content["nb-\(index)-big-Data.db"] = bytes
            }
            self.content = content
            total = content.values.reduce(0) { $0 + $1.count }
        }

        private var place: [String] {
            guard let cloud else { return ["--location", "file://\(root)/vault"] }
            return ["--location", "s3://\(FakeCloud.bucket)/backups", "--endpoint", cloud.endpoint]
        }

        private var environment: [String: String] {
            [
                "HOME": "\(root)/home", "RINGVAULT_STATE_DIR": "\(root)/state", "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_ACCESS_KEY_ID": FakeCloud.accessKey, "AWS_SECRET_ACCESS_KEY": FakeCloud.secretKey,
                "AWS_REGION": cloud?.options.region ?? "",
            ]
        }

        /// - Returns: how often a process was killed.
        mutating func run() async throws -> Int {
            let made = try await run(["vault", "init", "--chunk-size", "1MiB"])
            try #require(made.status == 0, "\(made.errors)")
            try await backUp()
            try await restore()
            return kills
        }

        /// What processes of a command moved, and how often it was killed.
        private struct Moved {
            var read = 0
            var written = 0
            var kills = 0
            /// Whether the last one that was to be killed had ended by itself.
            var isEnded = false
        }

        /// Kills the command at up to two moments.
        private mutating func kill(_ command: [String]) async throws -> Moved {
            var moved = Moved()
            for _ in 0..<2 {
                let moment = Duration.milliseconds(Int.random(in: 0..<1200, using: &generator))
                let killed = try await Program.kill(command + place, environment: environment, after: moment)
                if case .exited(let status) = killed.status {
                    #expect(status == 0, "\(killed.errors)")
                    moved.isEnded = true
                    return moved
                }
                moved.read += killed.read
                moved.written += killed.written
                moved.kills += 1
                kills += 1
            }
            return moved
        }

        /// All bytes once, 5 % more, and what may have been under way at each kill.
        private func most(_ moved: Moved) -> Int { total * 105 / 100 + moved.kills * (memory + beside) }

        private func run(_ command: [String]) async throws -> Program.Answer {
            try await Program.run(command + place, environment: environment)
        }

        private mutating func backUp() async throws {
            let source = isLive ? ["--live"] : ["--snapshot", "daily"]
            let command =
                [
                    "backup", "start", "--data-dir", "\(root)/data", "--host-id", host, "--name", "b", "--memory",
                    "4MiB",
                    "--compression", "none", "--read-rate-limit", "24MiB/s", "--output", "json",
                ] + source
            let moved = try await kill(command)
            if !moved.isEnded {
                let last = try await run(command)
                // A process may have been killed when all was done: then the name is used, as ever.
                let isDone = last.status == 4 && last.errors.contains("has finished one of that name")
                try #require(last.status == 0 || isDone, "\(last.errors)")
                if !isDone {
                    let resumed = try #require(Self.number("resumedBytes", in: last.output))
                    #expect(moved.read + total - resumed <= most(moved))
                }
            }
            if let cloud {
                let puts = cloud.requests.filter { $0.operation == .put && $0.key?.contains("/blobs/") == true }
                #expect(puts.reduce(0) { $0 + ($1.length ?? 0) } <= most(moved))
            } else {
                #expect(try DirectoryListing(of: root.appending("vault/.ringvault-tmp")).names == [])
            }
            let table = root.appending("data").appending(table)
            #expect(try DirectoryListing(of: table.appending("snapshots")).names == (isLive ? [] : ["daily"]))
            try expectCleanState()
        }

        private mutating func restore() async throws {
            let command = [
                "restore", "start", "--target", "\(root)/out", "--name", "b", "--memory", "4MiB", "--rate-limit",
                "24MiB/s", "--output", "json",
            ]
            let before = cloud?.requests.count ?? 0
            let moved = try await kill(command)
            let last = try await run(command)
            try #require(last.status == 0, "\(last.errors)")
            let received = try #require(Self.number("receivedBytes", in: last.output))
            #expect(moved.isEnded || moved.written + received <= most(moved))
            if let cloud {
                let gets = cloud.requests[before...].filter {
                    $0.operation == .get && $0.key?.contains("/blobs/") == true
                }
                #expect(gets.reduce(0) { $0 + (cloud[$1.key ?? ""]?.count ?? 0) } <= most(moved))
            }
            var restored: [String: [UInt8]] = [:]
            let directory = root.appending("out").appending(table)
            for name in try DirectoryListing(of: directory).names {
                restored[name] = try SmallFile.bytes(of: directory.appending(name), limit: .max)
            }
            #expect(restored.keys.sorted() == content.keys.sorted())
            for (name, bytes) in content { #expect(areSame(restored[name] ?? [], bytes), "\(name)") }
            try expectCleanState()
        }

        /// Of every run its last state, and nothing else: no journal, socket, lock or temporary file.
        private func expectCleanState() throws {
            let state = root.appending("state")
            for name in try DirectoryListing(of: state.appending("runs")).names {
                #expect(try DirectoryListing(of: state.appending("runs").appending(name)).names == ["state.json"])
            }
            // Measured rates are there to stay.
            for name in try DirectoryListing(of: state).names where name != "runs" && name != "rates" {
                #expect(try DirectoryListing(of: state.appending(name)).names == [], "\(name)")
            }
        }

        private static func number(_ name: String, in json: String) -> Int? {
            guard let line = json.split(separator: "\n").first(where: { $0.contains("\"\(name)\"") }) else {
                return nil
            }
            return Int(line.filter(\.isNumber))
        }
    }
}
