import ObjectStorage
import TestSupport
import Testing

@testable import Commands

/// What the status of the process and its last line tell of a store that does not work.
@Suite(.serialized, .timeLimit(.minutes(5))) struct `A store that fails` {
    private func place(_ provider: CloudProvider, _ cloud: FakeCloud, _ node: CloudNode) throws -> [String] {
        [
            "--endpoint", cloud.endpoint, "--credentials", try node.mountedSecret(provider.secret(for: cloud)),
        ]
    }

    /// After all attempts, which take a minute for most commands; the doctor has little patience.
    @Test(arguments: CloudProvider.allCases) func `ends with 5 if it cannot be reached`(
        provider: CloudProvider
    ) async throws {
        let cloud = FakeCloud(provider.dialect)
        try await withTemporaryDirectory { root in
            let node = try CloudNode(in: root)
            let options = try place(provider, cloud, node)
            cloud.stop()
            let answer = try await node.run(["doctor", "\(provider.location)/x"] + options)
            #expect(answer.status == 5, "\(answer.errors)")
            #expect(answer.errors.contains("127.0.0.1:\(cloud.port)"), "\(answer.errors)")
        }
    }

    @Test(arguments: [StoreError.Code.unavailable, .throttled]) func `ends with 5 where asking again may help`(
        code: StoreError.Code
    ) {
        #expect(ExitStatus(StoreError(code, "get", "vault.json")).rawValue == 5)
        let error = CredentialError(.unavailable, "AWS STS gives no credentials")
        #expect(ExitStatus(StoreError(error.meaning, "get", "vault.json", cause: error)).rawValue == 5)
    }

    @Test(arguments: CloudProvider.allCases) func `is asked again when it is down, and says so`(
        provider: CloudProvider
    ) async throws {
        let cloud = FakeCloud(provider.dialect)
        try await withTemporaryDirectory { root in
            let node = try CloudNode(in: root)
            let options = try place(provider, cloud, node)
            cloud.stop()
            let answer = try await node.runOnce(["vault", "show", "--location", "\(provider.location)/x"] + options)
            #expect(answer.errors.contains("warning a request failed and is repeated attempt=1"), "\(answer.errors)")
            #expect(answer.errors.contains("127.0.0.1:\(cloud.port)"), "\(answer.errors)")
            // It may have given up before it was told to.
            #expect([130, 5].contains(answer.status))
        }
    }

    @Test(arguments: CloudProvider.allCases) func `for a moment fails no backup`(provider: CloudProvider) async throws {
        let cloud = FakeCloud(provider.dialect) { [1, 3, 6].contains($0.index) ? .slowDown(retryAfter: nil) : nil }
        defer { cloud.stop() }
        try await withTemporaryDirectory { root in
            let node = try CloudNode(in: root)
            let options = ["--location", "\(provider.location)/x"] + (try place(provider, cloud, node))
            let answer = try await node.run(node.backup + ["--name", "one"] + options)
            #expect(answer.status == 0, "\(answer.errors)")
            #expect(answer.errors.contains("is repeated"))
        }
    }

    @Test(
        arguments: [
            (.s3, "NoSuchBucket: The specified bucket does not exist (HTTP 404, request id "),
            (.azure, "ContainerNotFound: The specified container does not exist. (HTTP 404, request id "),
            (.googleCloud, "The specified bucket does not exist"),
        ] as [(CloudProvider, String)]
    )
    func `ends with 3 and the store's words if it has no such bucket`(
        provider: CloudProvider,
        words: String
    ) async throws {
        let cloud = FakeCloud(provider.dialect)
        defer { cloud.stop() }
        try await withTemporaryDirectory { root in
            let node = try CloudNode(in: root)
            let options = ["--location", "\(provider.rawValue)://missing/x"] + (try place(provider, cloud, node))
            for command in [["vault", "show"], ["vault", "init"], node.backup + ["--name", "one"]] {
                let answer = try await node.run(command + options)
                #expect(answer.status == 3, "\(answer.errors)")
                #expect(answer.errors.contains(words), "\(answer.errors)")
            }
        }
    }

    @Test(arguments: CloudProvider.allCases) func `ends with 1 if it takes no such key`(
        provider: CloudProvider
    ) async throws {
        let cloud = FakeCloud(provider.dialect)
        defer { cloud.stop() }
        try await withTemporaryDirectory { root in
            let node = try CloudNode(in: root)
            var secret = provider.secret(for: cloud)
            secret["awssecretaccesskey"] = "another"
            secret["azurestoragekey"] = "YW5vdGhlcg=="
            secret["gcp"] = secret["gcp"]?.replacing("backup@", with: "other@")
            let place = ["--location", "\(provider.location)/x", "--endpoint", cloud.endpoint]
            let answer = try await node.run(
                ["vault", "show", "--credentials", try node.mountedSecret(secret)] + place
            )
            #expect(answer.status == 1, "\(answer.errors)")
            let words = [
                CloudProvider.s3: "SignatureDoesNotMatch", .azure: "AuthenticationFailed",
                .googleCloud: "invalid_grant",
            ]
            #expect(answer.errors.contains(words[provider] ?? "?"), "\(answer.errors)")
            #expect(!answer.errors.contains("is repeated"))
            #expect(answer.errors.split(separator: "\n").count == 1, "\(answer.errors)")
        }
    }

    @Test(arguments: CloudProvider.allCases) func `ends with 1 if it forbids it`(provider: CloudProvider) async throws {
        let cloud = FakeCloud(provider.dialect) { $0.operation == .token ? nil : .accessDenied }
        defer { cloud.stop() }
        try await withTemporaryDirectory { root in
            let node = try CloudNode(in: root)
            let options = ["--location", "\(provider.location)/x"] + (try place(provider, cloud, node))
            let answer = try await node.run(["vault", "show"] + options)
            #expect(answer.status == 1, "\(answer.errors)")
            #expect(answer.errors.contains("access denied"), "\(answer.errors)")
            #expect(answer.errors.contains("HTTP 403"), "\(answer.errors)")
        }
    }

    @Test(
        arguments: [
            (.s3, "--credentials"), (.azure, "AZURE_STORAGE_CONNECTION_STRING"),
            (.googleCloud, "GOOGLE_APPLICATION_CREDENTIALS"),
        ] as [(CloudProvider, String)]
    )
    func `ends with 64 if there are no credentials to ask it with`(provider: CloudProvider, words: String) async throws
    {
        // TLS, since without it an emulator of Google is asked without any.
        let place = ["--location", "\(provider.location)/x", "--endpoint", "https://127.0.0.1:1"]
        try await withTemporaryDirectory { root in
            let node = try CloudNode(in: root)
            let account = provider == .azure ? ["--account", FakeCloud.account] : []
            let answer = try await node.runOnce(["vault", "show"] + place + account)
            #expect(answer.isUsageError(naming: words), "\(answer.status): \(answer.errors)")
        }
    }
}
