import TestSupport
import Testing

/// Secrets as the IBM operator's resources name them, mounted as Kubernetes does it.
@Suite(.serialized, .timeLimit(.minutes(5))) struct `A Secret of the predecessors` {
    @Test(arguments: ["s3", "ceph", "minio", "oracle"]) func `tells keys, region and address of a store`(
        scheme: String
    ) async throws {
        var options = FakeCloud.Options()
        options.region = "backup-1"
        let cloud = FakeCloud(.s3, options)
        defer { cloud.stop() }
        try await withTemporaryDirectory { root in
            let node = try CloudNode(in: root)
            var values = CloudProvider.s3.secret(for: cloud).merging(["awsendpoint": cloud.endpoint]) { $1 }
            // As `echo key | base64` makes it.
            values = values.mapValues { $0 + "\n" }
            values["other"] = "left alone"
            let place = ["--location", "\(scheme)://vault/x", "--credentials", try node.mountedSecret(values)]
            let backup = try await node.run(node.backup + ["--name", "one"] + place)
            #expect(backup.status == 0, "\(backup.errors)")
            let list = try await node.run(["backup", "list"] + place)
            #expect(list.output.contains("one"), "\(list.errors)")
            #expect(cloud.objects.keys.contains("x/vault.json"))
        }
    }

    @Test(arguments: [CloudProvider.azure, .googleCloud]) func `opens the other stores`(
        provider: CloudProvider
    ) async throws {
        let cloud = FakeCloud(provider.dialect)
        defer { cloud.stop() }
        try await withTemporaryDirectory { root in
            let node = try CloudNode(in: root)
            let scheme = provider == .azure ? "azure" : "gcp"
            let path = try node.mountedSecret(provider.secret(for: cloud).mapValues { $0 + "\n" })
            let place = ["--location", "\(scheme)://vault/x", "--credentials", path, "--endpoint", cloud.endpoint]
            let answer = try await node.run(["vault", "init"] + place)
            #expect(answer.status == 0, "\(answer.errors)")
            #expect(cloud.objects.keys.contains("x/vault.json"))
        }
    }

    @Test func `without keys leaves them to the environment`() async throws {
        let cloud = FakeCloud(.s3)
        defer { cloud.stop() }
        try await withTemporaryDirectory { root in
            let node = try CloudNode(in: root)
            let path = try node.mountedSecret(["awsregion": "us-east-1", "awsendpoint": cloud.endpoint])
            let answer = try await node.run(
                ["vault", "init", "--location", "s3://vault/x", "--credentials", path],
                ["AWS_ACCESS_KEY_ID": FakeCloud.accessKey, "AWS_SECRET_ACCESS_KEY": FakeCloud.secretKey]
            )
            #expect(answer.status == 0, "\(answer.errors)")
        }
    }

    @Test(
        arguments: [
            ("s3", ["awsaccesskeyid": "a", "awssecretaccesskey": "b"], "awsregion"),
            ("s3", ["awsaccesskeyid": "a", "awsregion": "c"], "awssecretaccesskey"),
            ("s3", ["awsaccesskeyid": "a", "awssecretaccesskey": "\n", "awsregion": "c"], "awssecretaccesskey"),
            ("s3", ["awssecretaccesskey": "b", "awsregion": "c"], "awsaccesskeyid"),
            ("s3", ["awsendpoint": "http://127.0.0.1:1"], "awsregion"),
            ("ceph", ["awsaccesskeyid": "a", "awssecretaccesskey": "b", "awsregion": "c"], "awsendpoint"),
            ("minio", ["awsaccesskeyid": "a", "awssecretaccesskey": "b", "awsregion": "c"], "awsendpoint"),
            ("oracle", ["awsaccesskeyid": "a", "awssecretaccesskey": "b", "awsregion": "c"], "awsendpoint"),
            ("azure", ["azurestorageaccount": "a"], "azurestoragekey"),
            ("azure", ["azurestoragekey": "Yg=="], "azurestorageaccount"),
            ("azure", ["azurestorageaccount": "a", "azurestoragekey": "no base64!"], "azurestoragekey"),
            ("gcp", ["awsregion": "c"], "gcp"), ("gs", ["gcp": ""], "gcp"), ("gs", ["gcp": "{}"], "type"),
            ("gs", ["gcp": #"{"type": "service_account"}"#], "private_key"),
        ] as [(String, [String: String], String)]
    )
    func `names the key that it lacks`(scheme: String, values: [String: String], missing: String) async throws {
        try await withTemporaryDirectory { root in
            let node = try CloudNode(in: root)
            let path = try node.mountedSecret(values)
            let place = ["--location", "\(scheme)://vault/x", "--credentials", path]
            let answer = try await node.run(["vault", "show"] + place)
            #expect(answer.isUsageError(naming: missing), "\(answer.status): \(answer.errors)")
        }
    }

    @Test func `that is not there is named`() async throws {
        try await withTemporaryDirectory { root in
            let node = try CloudNode(in: root)
            for scheme in ["s3", "azure", "gs"] {
                let place = ["--location", "\(scheme)://vault/x", "--credentials", "\(root)/secrets/none"]
                let answer = try await node.run(["vault", "show"] + place)
                #expect(answer.isUsageError(naming: "\(root)/secrets/none"), "\(answer.status): \(answer.errors)")
            }
        }
    }
}
