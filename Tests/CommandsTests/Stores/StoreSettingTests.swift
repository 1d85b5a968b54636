import TestSupport
import Testing

/// Settings that reach the store as headers and parameters.
@Suite(.serialized, .timeLimit(.minutes(5))) struct `A setting of the store` {
    struct Case: Sendable, CustomTestStringConvertible {
        let provider: CloudProvider
        let settings: [(name: String, value: String)]
        /// Of every object that is put.
        let headers: [String: String]

        var testDescription: String {
            "\(provider.rawValue) " + settings.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
        }
    }

    private static let kmsKey = "projects/p/locations/l/keyRings/r/cryptoKeys/k"

    static let cases = [
        Case(
            provider: .s3,
            settings: [("server-encryption", "managed"), ("storage-class", "STANDARD_IA")],
            headers: ["x-amz-server-side-encryption": "AES256", "x-amz-storage-class": "STANDARD_IA"]
        ),
        Case(
            provider: .s3,
            settings: [("server-encryption", "key:arn:aws:kms:eu:1:key/2")],
            headers: [
                "x-amz-server-side-encryption": "aws:kms",
                "x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:eu:1:key/2",
            ]
        ),
        Case(
            provider: .s3,
            settings: [("server-encryption", "key"), ("checksum", "sha256")],
            headers: ["x-amz-server-side-encryption": "aws:kms"]
        ),
        Case(
            provider: .azure,
            settings: [("server-encryption", "key:scope-1"), ("storage-class", "Cool")],
            headers: ["x-ms-encryption-scope": "scope-1", "x-ms-access-tier": "Cool"]
        ),
        Case(
            provider: .googleCloud,
            settings: [("server-encryption", "key:\(kmsKey)"), ("storage-class", "NEARLINE")],
            headers: ["x-goog-encryption-kms-key-name": kmsKey, "x-goog-storage-class": "NEARLINE"]
        ),
    ]

    enum Way: CaseIterable { case options, environment, file }

    @Test(arguments: cases, Way.allCases) func `is told of every object`(_ test: Case, way: Way) async throws {
        let cloud = FakeCloud(test.provider.dialect)
        defer { cloud.stop() }
        try await withTemporaryDirectory { root in
            let node = try CloudNode(in: root)
            let settings =
                test.settings + [
                    ("location", "\(test.provider.location)/x"), ("endpoint", cloud.endpoint),
                    ("credentials", try node.mountedSecret(test.provider.secret(for: cloud))), ("connections", "3"),
                ]
            var arguments = node.backup + ["--name", "one"]
            var environment: [String: String] = [:]
            switch way {
            case .options: arguments += settings.flatMap { ["--\($0.name)", $0.value] }
            case .environment:
                for (name, value) in settings {
                    environment["RINGVAULT_" + name.uppercased().replacing("-", with: "_")] = value
                }
            case .file:
                let text = settings.map { "\($0.name): \"\($0.value)\"\n" }.joined()
                arguments += ["--config", try node.secretFile("ringvault.yaml", text)]
            }
            let answer = try await node.run(arguments, environment)
            #expect(answer.status == 0, "\(answer.errors)")
            #expect(cloud.objects.count > 3)
            for key in cloud.objects.keys {
                let headers = try #require(cloud.headers(of: key))
                let sent = cloud.requests.first { $0.operation == .put && $0.key == key }
                for (name, value) in test.headers {
                    #expect((headers[name] ?? sent?.header(name)) == value, "\(key): \(headers)")
                }
            }
        }
    }

    @Test func `of an option wins over the environment's and the file's`() async throws {
        let cloud = FakeCloud(.s3)
        defer { cloud.stop() }
        try await withTemporaryDirectory { root in
            let node = try CloudNode(in: root)
            let text = "endpoint: http://127.0.0.1:1\nstorage-class: GLACIER_IR\nserver-encryption: managed\n"
            let arguments = [
                "vault", "init", "--config", try node.secretFile("ringvault.yaml", text), "--location", "s3://vault",
                "--endpoint", cloud.endpoint, "--credentials",
                try node.mountedSecret(CloudProvider.s3.secret(for: cloud)),
            ]
            let answer = try await node.run(
                arguments,
                [
                    "RINGVAULT_ENDPOINT": "http://127.0.0.1:2", "RINGVAULT_STORAGE_CLASS": "STANDARD_IA",
                    "AWS_ENDPOINT_URL": "http://127.0.0.1:3", "RINGVAULT_REGION": "us-east-1",
                    "AWS_REGION": "elsewhere",
                ]
            )
            #expect(answer.status == 0, "\(answer.errors)")
            let headers = try #require(cloud.headers(of: "vault.json"))
            #expect(headers["x-amz-storage-class"] == "STANDARD_IA")
            #expect(headers["x-amz-server-side-encryption"] == "AES256")
        }
    }
}
