import FoundationEssentials
import Subprocess
import SystemPackage
import TestSupport
import Testing
import TransferEngine

/// `ringvault doctor`, as a user runs it.
@Suite(.timeLimit(.minutes(2))) struct `The command doctor` {
    private struct Report: Decodable {
        struct Check: Decodable {
            let check: String
            let result: String
            let found: String
            let follows: String
        }

        let location: String
        let safe: Bool
        let checks: [Check]
        let leftovers: [String]
    }

    /// The options that lead to `cloud`, with the keys in a file of `directory`.
    private func access(
        _ cloud: FakeCloud,
        in directory: FilePath,
        secret: String = FakeCloud.secretKey
    ) throws -> [String] {
        let file = directory.appending("keys-\(secret.utf8.count).yaml")
        let yaml = "awsaccesskeyid: \(FakeCloud.accessKey)\nawssecretaccesskey: \(secret)\nawsregion: us-east-1\n"
        try WritableFile(file, creation: .mustBeNew).write(Array(yaml.utf8).span, at: 0)
        return ["s3://\(FakeCloud.bucket)/ring", "--endpoint", cloud.endpoint, "--credentials", "\(file)"]
    }

    @Test func `prints a table with what follows, and leaves a directory as it was`() async throws {
        try await withTemporaryDirectory { root in
            let answer = try await Program.run(["doctor", "file://\(root)/vault"])
            #expect(answer.status == 0, "\(answer.errors)")
            #expect(answer.output.contains("WHAT FOLLOWS"))
            #expect(answer.output.contains("create-only"))
            #expect(answer.output.hasSuffix("A vault is safe here.\n"))
            #expect(answer.errors == "")
            #expect(try DirectoryListing(of: root).names == [])
        }
    }

    @Test func `prints the same as JSON`() async throws {
        let cloud = FakeCloud(.s3)
        defer { cloud.stop() }
        try await withTemporaryDirectory { root in
            let answer = try await Program.run(["doctor", "--output", "json"] + access(cloud, in: root))
            #expect(answer.status == 0, "\(answer.errors)")
            let report = try JSONDecoder().decode(Report.self, from: Data(answer.output.utf8))
            #expect(report.location == "s3://vault/ring")
            #expect(report.safe)
            #expect(report.checks.count == 16)
            #expect(report.checks.allSatisfy { $0.result == "ok" && !$0.found.isEmpty && !$0.follows.isEmpty })
            #expect(report.leftovers == [])
            #expect(cloud.objects == [:])
        }
    }

    @Test func `ends with status 1 where a vault is not safe, after the table`() async throws {
        let cloud = FakeCloud(.s3) { $0.operation == .get ? .bitFlip(at: 5) : nil }
        defer { cloud.stop() }
        try await withTemporaryDirectory { root in
            let answer = try await Program.run(["doctor"] + access(cloud, in: root))
            #expect(answer.status == 1)
            #expect(answer.output.contains("A vault is not safe here: read"))
            #expect(answer.errors.contains("cannot keep a vault in s3://vault/ring: read"))
            #expect(cloud.objects == [:])
        }
    }

    @Test func `tells wrong keys, a missing bucket, no store and wrong settings apart by its status`() async throws {
        let cloud = FakeCloud(.s3)
        try await withTemporaryDirectory { root in
            let wrong = try await Program.run(["doctor"] + access(cloud, in: root, secret: "wrong"))
            #expect(wrong.status == 1)
            #expect(wrong.errors.contains("SignatureDoesNotMatch"))
            let right = try access(cloud, in: root)
            let missing = try await Program.run(["doctor", "s3://absent/ring"] + right.dropFirst())
            #expect(missing.status == 3)
            cloud.stop()
            let unreachable = try await Program.run(["doctor"] + right)
            #expect(unreachable.status == 5)
            #expect(unreachable.output == "")
            for arguments in [
                [], ["/plain/path"], ["ftp://host/x"], ["file:///x", "--location", "file:///y"],
                right + ["--checksum", "crc65"], ["s3://vault/ring"] + ["--credentials", "/nonexistent"],
            ] {
                let answer = try await Program.run(["doctor"] + arguments)
                #expect(answer.status == 64, "\(arguments): \(answer.errors)")
            }
        }
    }

    @Test func `says what stands in the way where nothing can be made`() async throws {
        // procfs says of every name that the directory above it is missing.
        let answer = try await Program.run(["doctor", "file:///proc/ringvault"])
        #expect(answer.status == 1, "\(answer.errors)")
        #expect(answer.output.contains("A vault is not safe here: put."))
    }

    @Test func `removes its objects when interrupted`() async throws {
        // Stored, but the answer never comes.
        let cloud = FakeCloud(.s3) { $0.operation == .put && $0.key?.hasSuffix("/pages/3") == true ? .silence : nil }
        defer { cloud.stop() }
        try await withTemporaryDirectory { root in
            let arguments = try ["doctor"] + access(cloud, in: root)
            let status = try await Program.run(arguments, ending: .interrupt) {
                for await request in cloud.arrivals where request.key?.hasSuffix("/pages/3") == true { return }
            }
            #expect(status == .exited(130))
            #expect(cloud.requests.contains { $0.operation == .batchDelete })
            #expect(!cloud.requests.contains { $0.key?.hasSuffix("/pages/4") == true })
            #expect(cloud.objects == [:])
        }
    }

    @Test func `has the options of a store but no --location`() async throws {
        let help = try await Program.run(["doctor", "--help"])
        #expect(help.status == 0)
        #expect(help.output.contains("--endpoint"))
        #expect(help.output.contains("<location>"))
        #expect(!help.output.contains("--location"))
    }
}
