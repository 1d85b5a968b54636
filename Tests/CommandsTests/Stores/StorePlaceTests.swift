import TestSupport
import Testing

/// Locations as users write them, and the settings that go with them.
@Suite(.serialized, .timeLimit(.minutes(5))) struct `A location` {
    /// The predecessors put `//` into keys, or took `bucket/prefix` for the bucket.
    @Test(arguments: CloudProvider.allCases, ["", "/", "/deep/prefix", "/deep/prefix/"])
    func `puts every object under exactly its bucket and prefix`(provider: CloudProvider, path: String) async throws {
        let cloud = FakeCloud(provider.dialect)
        defer { cloud.stop() }
        try await withTemporaryDirectory { root in
            let node = try CloudNode(in: root)
            let place = [
                "--location", provider.location + path, "--endpoint", cloud.endpoint, "--credentials",
                try node.mountedSecret(provider.secret(for: cloud)),
            ]
            let backup = try await node.run(node.backup + ["--name", "one"] + place)
            #expect(backup.status == 0, "\(backup.errors)")
            let prefix = path.hasPrefix("/deep") ? "deep/prefix/" : ""
            let keys = cloud.objects.keys
            #expect(keys.contains("\(prefix)vault.json"), "\(keys)")
            #expect(keys.contains { $0.hasPrefix("\(prefix)blobs/") })
            #expect(keys.allSatisfy { $0.hasPrefix(prefix) && !$0.contains("//") && !$0.hasPrefix("/") }, "\(keys)")
            let list = try await node.run(["backup", "list"] + place)
            #expect(list.output.contains("one"), "\(list.errors)")
        }
    }

    @Test(
        arguments: [
            (["--location", "swift://vault/x"], "'swift'"), (["--location", "s3:/vault/x"], "no scheme"),
            (["--location", "s3://"], "bucket"), (["--location", "s3:///x"], "bucket"),
            (["--location", "s3://vault//x"], "prefix"), (["--location", "s3://vault/a/../x"], "prefix"),
            (["--location", "s3://user@vault/x"], "'user@vault'"), (["--location", "azure://UPPER/x"], "'UPPER'"),
            (["--location", "azure://vault/x"], "storage account"), (["--location", "minio://vault/x"], "--endpoint"),
            (["--location", "ceph://vault/x"], "--endpoint"), (["--location", "oracle://vault/x"], "--endpoint"),
            (["--location", "s3://vault/x", "--endpoint", "ftp://host"], "'ftp://host'"),
            (["--location", "s3://vault/x", "--endpoint", "http://"], "'http://'"),
            (["--location", "s3://vault/x", "--endpoint", "http://host?a=b"], "endpoint"),
            (["--location", "azure://vault/x", "--account", "a", "--endpoint", "ftp://host"], "'ftp://host'"),
            (["--location", "gs://vault/x", "--endpoint", "ftp://host"], "endpoint"),
            (["--location", "s3://vault/x", "--region", "a/b"], "'a/b'"),
            (["--location", "azure://vault/x", "--account", "a", "--region", "eu"], "region"),
            (["--location", "gs://vault/x", "--region", "eu"], "region"),
            (["--location", "azure://vault/x", "--account", "a", "--addressing", "path"], "addressing"),
            (["--location", "gs://vault/x", "--addressing", "host"], "addressing"),
            (["--location", "s3://vault/x", "--addressing", "virtual"], "auto, host or path"),
            (["--location", "s3://vault/x", "--account", "a"], "account"),
            (["--location", "gs://vault/x", "--account", "a"], "account"),
            (["--location", "s3://vault/x", "--checksum", "crc64"], "crc64"),
            (["--location", "azure://vault/x", "--account", "a", "--checksum", "crc32c"], "crc32c"),
            (["--location", "gs://vault/x", "--checksum", "sha256"], "sha256"),
            (["--location", "gs://vault/x", "--checksum", "adler"], "crc32c"),
            (["--location", "s3://vault/x", "--server-encryption", "yes"], "key:ID"),
            (["--location", "s3://vault/x", "--server-encryption", "key:"], "key:ID"),
            (["--location", "azure://vault/x", "--account", "a", "--server-encryption", "managed"], "encrypt"),
            (["--location", "gs://vault/x", "--server-encryption", "key:short"], "'short'"),
            (["--location", "azure://vault/x", "--account", "a", "--storage-class", "Archive"], "Archive"),
            (["--location", "gs://vault/x", "--storage-class", "GLACIER"], "'GLACIER'"),
            (["--location", "s3://vault/x", "--connections", "0"], "1 to 1000"),
            (["--location", "s3://vault/x", "--ca-file", "/nonexistent.pem"], "/nonexistent.pem"),
            (["--location", "s3://vault/x", "--proxy", "http://user:a@b@127.0.0.1:1"], "proxy"),
            (["--location", "s3://vault/x", "--proxy", "http://"], "proxy"),
        ] as [([String], String)]
    )
    func `that cannot work is told in one line before anything is asked`(options: [String], words: String) async throws
    {
        // Where a request would go that nobody wants.
        let cloud = FakeCloud(.s3)
        defer { cloud.stop() }
        try await withTemporaryDirectory { root in
            let node = try CloudNode(in: root)
            var environment = [
                "AWS_ACCESS_KEY_ID": FakeCloud.accessKey, "AWS_SECRET_ACCESS_KEY": FakeCloud.secretKey,
                "AZURE_STORAGE_KEY": FakeCloud.accountKey, "GCE_METADATA_HOST": "127.0.0.1:\(cloud.port)",
            ]
            let isBare = options.count == 2 && !options[1].hasPrefix("s3:")
            if !isBare, !options.contains("--proxy") {
                environment["AWS_ENDPOINT_URL_S3"] = cloud.endpoint
                environment["STORAGE_EMULATOR_HOST"] = cloud.endpoint
            }
            let answer = try await node.runOnce(["vault", "show"] + options, environment)
            #expect(answer.isUsageError(naming: words), "\(answer.status): \(answer.errors)")
            #expect(cloud.requests.isEmpty)
        }
    }
}
