import TestSupport
import Testing

/// `dcos cassandra backup start` and `restore start` as scripts call them, which send every flag, set or not.
@Suite(.serialized, .timeLimit(.minutes(5))) struct `The flags of DC/OS` {
    private static let s3Keys = [
        "--s3_access_key=\(FakeCloud.accessKey)", "--s3_secret_key=\(FakeCloud.secretKey)", "--azure_account=",
        "--azure_key=",
    ]
    private static let azureKeys = [
        "--s3_access_key=", "--s3_secret_key=", "--azure_account=\(FakeCloud.account)",
        "--azure_key=\(FakeCloud.accountKey)",
    ]

    enum Form: CaseIterable { case s3, s3ByAddress, azure }

    @Test(arguments: Form.allCases) func `back up and restore as they did`(form: Form) async throws {
        let cloud = FakeCloud(form == .azure ? .azure : .s3)
        defer { cloud.stop() }
        try await withTemporaryDirectory { root in
            let node = try CloudNode(in: root)
            var flags = ["--backup_name", "x", "--external_location"]
            switch form {
            case .s3: flags += ["s3://vault/deep/prefix", "--endpoint", cloud.endpoint] + Self.s3Keys
            case .s3ByAddress: flags += ["\(cloud.endpoint)/vault/deep/prefix"] + Self.s3Keys
            case .azure: flags += ["azure://vault/deep/prefix", "--endpoint", cloud.endpoint] + Self.azureKeys
            }
            let backup = try await node.run(node.backup + flags)
            #expect(backup.status == 0, "\(backup.errors)")
            #expect(backup.errors.contains("warning keys on the command line can be read by everyone"))
            #expect(cloud.objects.keys.contains("deep/prefix/vault.json"))
            #expect(cloud.objects.keys.allSatisfy { $0.hasPrefix("deep/prefix/") })
            let restore = try await node.run(node.restore + flags)
            #expect(restore.status == 0, "\(restore.errors)")
            #expect(try node.restored() == node.original())
        }
    }

    @Test func `count as not given where they are empty`() async throws {
        let cloud = FakeCloud(.s3)
        defer { cloud.stop() }
        try await withTemporaryDirectory { root in
            let node = try CloudNode(in: root)
            let keys = ["AWS_ACCESS_KEY_ID": FakeCloud.accessKey, "AWS_SECRET_ACCESS_KEY": FakeCloud.secretKey]
            let empty = [
                "--backup_name=", "--external_location=", "--s3_access_key=", "--s3_secret_key=", "--azure_account=",
                "--azure_key=",
            ]
            let given = ["--name", "x", "--location", "s3://vault/prefix", "--endpoint", cloud.endpoint]
            let answer = try await node.run(node.backup + given + empty, keys)
            #expect(answer.status == 0, "\(answer.errors)")
            #expect(!answer.errors.contains("command line"))
            let nameless = try await node.run(node.backup + given.dropFirst(2) + empty, keys)
            #expect(nameless.isUsageError(naming: "--name"), "\(nameless.errors)")
            let placeless = try await node.run(node.backup + given.prefix(2) + empty, keys)
            #expect(placeless.isUsageError(naming: "--location"), "\(placeless.errors)")
        }
    }

    @Test(
        arguments: [
            (["--name", "x", "--backup_name", "y", "--location", "s3://vault/x"], "--backup_name"),
            (
                ["--name", "x", "--external_location", "s3://vault/x", "--location", "s3://vault/x"],
                "--external_location"
            ),
            (["--name", "x", "--external_location", "s3://vault/x", "--s3_access_key", "a"], "secret"),
            (["--name", "x", "--external_location", "azure://vault/x", "--azure_account", "a"], "azurestoragekey"),
            (["--name", "x", "--external_location", "http:///vault/x"], "host"),
            (["--name", "x", "--external_location", "https://host"], "bucket"),
            (["--name", "x", "--location", "https://host/vault/x"], "https"),
        ] as [([String], String)]
    )
    func `contradict nothing that is given beside them`(flags: [String], words: String) async throws {
        try await withTemporaryDirectory { root in
            let node = try CloudNode(in: root)
            let answer = try await node.run(node.backup + flags)
            #expect(answer.isUsageError(naming: words), "\(answer.errors)")
        }
    }

    @Test func `stand in no help`() async throws {
        for command in [["backup", "start"], ["restore", "start"], ["backup", "list"], ["vault", "init"]] {
            let help = try await Program.run(command + ["--help"])
            #expect(help.status == 0)
            for flag in [
                "external_location", "backup_name", "s3_access_key", "s3_secret_key", "azure_key", "azure_account",
            ] {
                #expect(!help.output.contains(flag), "\(command)")
            }
        }
    }
}
