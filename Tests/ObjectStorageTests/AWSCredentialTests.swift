import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import ObjectStorage

/// A time of day that stands still until a test moves it.
final class TestTime: Sendable {
    private let seconds = ThreadLock<Int64>(1_795_208_400)

    var now: Int64 { seconds.withLock { $0 } }
    var clock: WallClock { WallClock { self.now } }

    func advance(_ seconds: Int64) { self.seconds.withLock { $0 += seconds } }
}

@Suite(.timeLimit(.minutes(5))) struct `Credentials for S3` {
    enum Identity: String, CaseIterable, CustomTestStringConvertible {
        case webIdentity, container, instance, assumedRole, profileWithWebIdentity

        var testDescription: String { rawValue }

        /// The environment of a process that has this identity and nothing else.
        func environment(_ cloud: FakeCloud, _ directory: FilePath) throws -> [String: String] {
            func write(_ name: String, _ text: String) throws -> String {
                let path = directory.appending(name)
                try makeFile(path, Array(text.utf8))
                return path.string
            }
            var environment = ["HOME": directory.string, "AWS_REGION": "us-east-1"]
            switch self {
            case .webIdentity:
                environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = try write("token", cloud.identityToken + "\n")
                environment["AWS_ROLE_ARN"] = FakeCloud.roleARN
                environment["AWS_ENDPOINT_URL_STS"] = cloud.endpoint
            case .container:
                environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = cloud.endpoint + "/container-credentials"
                environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = try write("token", FakeCloud.containerToken)
            case .instance: environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = cloud.endpoint
            case .assumedRole:
                environment["AWS_SHARED_CREDENTIALS_FILE"] = try write(
                    "credentials",
                    "[base]\naws_access_key_id = \(FakeCloud.accessKey)\naws_secret_access_key = \(FakeCloud.secretKey)\n"
                )
                environment["AWS_CONFIG_FILE"] = try write(
                    "config",
                    "[default]\noutput = json\n# note\n[profile backup]\nrole_arn = \(FakeCloud.roleARN)\nsource_profile=base\n"
                        + "s3 =\n  region = nowhere\n"
                )
                environment["AWS_PROFILE"] = "backup"
                environment["AWS_ENDPOINT_URL_STS"] = cloud.endpoint + "/"
            case .profileWithWebIdentity:
                let token = try write("token", cloud.identityToken)
                environment["AWS_CONFIG_FILE"] = try write(
                    "config",
                    "[default]\nregion = us-east-1 # ours\nrole_arn = \(FakeCloud.roleARN)\nweb_identity_token_file = \(token)\n"
                )
                environment["AWS_ENDPOINT_URL_STS"] = cloud.endpoint
            }
            return environment
        }
    }

    private static func store(_ cloud: FakeCloud, _ environment: [String: String], _ time: TestTime) throws -> S3Store {
        var settings = StoreSettings()
        settings.endpoint = cloud.endpoint
        settings.environment = environment
        settings.clock = time.clock
        let bucket = try BucketLocation(FakeCloud.bucket, of: "")
        return try S3Store(.s3, bucket, settings, io: IOExecutor(threads: 1))
    }

    /// Every verb once.
    private static func useAll(_ store: some ObjectStore, _ round: Int) async throws {
        let key = try ObjectKey("round/\(round)")
        #expect(try await store.put([1, 2], key, .onlyIfAbsent) == .stored)
        #expect(try await store.bytes(key) == [1, 2])
        #expect(try await store.head(key)?.size == 2)
        #expect(try await store.keys(prefix: "round/") == ["round/\(round)"])
        try await store.delete(key)
        #expect(try await store.delete([key]).isEmpty)
    }

    @Test(arguments: Identity.allCases)
    func `of 60 seconds last through ten minutes, for every verb`(identity: Identity) async throws {
        try await withTemporaryDirectory { directory in
            let time = TestTime()
            var options = FakeCloud.Options()
            options.now = { time.now }
            options.credentialLifetime = 60
            let cloud = FakeCloud(.s3, options)
            defer { cloud.stop() }
            let store = try Self.store(cloud, identity.environment(cloud, directory), time)
            for round in 0..<120 {
                try await Self.useAll(store, round)
                time.advance(5)
            }
            let tokens = cloud.requests.filter { $0.operation == .token }
            // One each 48 s; IMDS takes up to three requests for one.
            #expect((12...45).contains(tokens.count))
            // 404 and 412 are answers.
            #expect(cloud.requests.allSatisfy { ![400, 401, 403].contains($0.status) })
            // A token in a URL would be in the logs of every proxy.
            #expect(tokens.allSatisfy { $0.query.isEmpty || !$0.query.contains("Token") })
        }
    }

    @Test(arguments: Identity.allCases)
    func `that the store says have ended are fetched anew, once, for all requests`(identity: Identity) async throws {
        try await withTemporaryDirectory { directory in
            let time = TestTime()
            var options = FakeCloud.Options()
            options.now = { time.now }
            let cloud = FakeCloud(.s3, options)
            defer { cloud.stop() }
            let store = try Self.store(cloud, identity.environment(cloud, directory), time)
            try await Self.useAll(store, 0)
            let before = cloud.requests.filter { $0.operation == .token }.count
            cloud.expireCredentials()
            try await withThrowingTaskGroup { group in
                for round in 1...8 {
                    group.addTask {
                        let key = try ObjectKey("many/\(round)")
                        _ = try await store.put([3], key)
                        #expect(try await store.head(key)?.size == 1)
                    }
                }
                try await group.waitForAll()
            }
            let after = cloud.requests.filter { $0.operation == .token }.count
            #expect(after == before * 2, "one fetch is \(before) requests")
        }
    }

    @Test func `are used beyond their end while the service that gives them is down`() async throws {
        try await withTemporaryDirectory { directory in
            let time = TestTime()
            let isDown = ThreadLock(false)
            var options = FakeCloud.Options()
            options.now = { time.now }
            options.credentialLifetime = 60
            let cloud = FakeCloud(.s3, options) { request in
                request.operation == .token && isDown.withLock { $0 } ? .internalError : nil
            }
            defer { cloud.stop() }
            let store = try Self.store(cloud, Identity.instance.environment(cloud, directory), time)
            try await Self.useAll(store, 0)
            isDown.withLock { $0 = true }
            time.advance(50)  // due, and still good
            try await Self.useAll(store, 1)
            time.advance(20)  // over: the store has the last word
            await expectError(.accessDenied) { _ = try await store.put([1], try ObjectKey("a")) }
            isDown.withLock { $0 = false }
            try await Self.useAll(store, 2)
        }
    }

    @Test(arguments: [FakeCloud.Fault.internalError, .slowDown(retryAfter: nil), .tooManyRequests(retryAfter: nil)])
    func `of an instance whose service is busy at first are asked for again`(fault: FakeCloud.Fault) async throws {
        try await withTemporaryDirectory { directory in
            let isFirst = ThreadLock(true)
            let cloud = FakeCloud(.s3) { request in
                guard request.operation == .token else { return nil }
                return isFirst.withLock { isFirst in
                    defer { isFirst = false }
                    return isFirst
                } ? fault : nil
            }
            defer { cloud.stop() }
            let environment = try Identity.instance.environment(cloud, directory)
            var settings = StoreSettings()
            settings.endpoint = cloud.endpoint
            settings.environment = environment
            let bucket = try BucketLocation(FakeCloud.bucket, of: "")
            let base = try S3Store(.s3, bucket, settings, io: IOExecutor(threads: 1))
            let store = RetryingStore(base, clock: ManualClock(advancesItself: true))
            #expect(try await store.put([1], try ObjectKey("a")) == .stored)
        }
    }

    @Test func `from a mounted Secret are read again when the store refuses them`() async throws {
        try await withTemporaryDirectory { directory in
            let cloud = FakeCloud(.s3)
            defer { cloud.stop() }
            func write(_ name: String, _ text: String) throws {
                let path = directory.appending(name)
                try? FileTree.remove(path)
                try makeFile(path, Array(text.utf8))
            }
            try write("awsaccesskeyid", "AKIDOLD\n")
            try write("awssecretaccesskey", "old\n")
            try write("awsregion", "us-east-1\n")
            try write("awsendpoint", cloud.endpoint)
            var settings = StoreSettings()
            settings.secret = .path(directory)
            let bucket = try BucketLocation(FakeCloud.bucket, of: "")
            let store = try S3Store(.ceph, bucket, settings, io: IOExecutor(threads: 1))
            await expectError(.accessDenied) { _ = try await store.put([1], try ObjectKey("a")) }
            try write("awsaccesskeyid", FakeCloud.accessKey)
            try write("awssecretaccesskey", FakeCloud.secretKey)
            #expect(try await store.put([1], try ObjectKey("a")) == .stored)
        }
    }

    @Test(arguments: [
        (["AWS_ACCESS_KEY_ID": "a"], "AWS_SECRET_ACCESS_KEY is not"),
        (["AWS_SECRET_ACCESS_KEY": "hush"], "AWS_ACCESS_KEY_ID is not"),
        (["AWS_PROFILE": "nobody"], "'nobody'"), (["AWS_WEB_IDENTITY_TOKEN_FILE": "/t"], "AWS_ROLE_ARN is not"),
        (["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://evil.example/"], "neither https nor"),
        (["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1.evil.example/"], "neither https nor"),
    ])
    func `that are half set are told at once, without a request`(environment: [String: String], words: String) throws {
        let cloud = FakeCloud(.s3)
        defer { cloud.stop() }
        let error = #expect(throws: CredentialError.self) { _ = try Self.store(cloud, environment, TestTime()) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("hush") == false)
        #expect(cloud.requests.isEmpty)
    }

    @Test func `that are nowhere are told with all places that were looked at, and not asked for again`() async throws {
        let cloud = FakeCloud(.s3)
        defer { cloud.stop() }
        let store = try Self.store(cloud, ["AWS_EC2_METADATA_DISABLED": "true"], TestTime())
        let retrying = RetryingStore(store, clock: ManualClock())
        do {
            _ = try await retrying.put([1], try ObjectKey("a"))
            Issue.record("no credentials, and no error")
        } catch let error as StoreError {
            #expect(error.code == .accessDenied)
            for place in ["--credentials", "AWS_ACCESS_KEY_ID", "profile", "EC2"] {
                #expect("\(error)".contains(place))
            }
        }
        #expect(cloud.requests.isEmpty)
    }
}

@Suite struct `A Secret as the operator has it` {
    @Test(arguments: [
        ("awsaccesskeyid: a\nawssecretaccesskey: s", "awsregion"), ("awsendpoint: https://x", "awsregion"),
        ("awsaccesskeyid: a\nawsregion: r", "awssecretaccesskey"), ("awssecretaccesskey: s3cr3t", "awsaccesskeyid"),
    ])
    func `is refused where the operator refuses it, or where half a pair is there`(yaml: String, missing: String) throws
    {
        let error = #expect(throws: CredentialError.self) { _ = try Self.read(yaml).awsKeys() }
        #expect(error?.description.contains(missing) == true)
        #expect(error?.description.contains("s3cr3t") == false)
    }

    @Test func `without keys leaves it to the platform`() throws {
        #expect(try Self.read("awsregion: eu-north-1\nother: 1").awsKeys() == nil)
    }

    @Test func `for Azure and Google has to be whole`() throws {
        #expect(throws: CredentialError.self) { _ = try Self.read("azurestorageaccount: a").azureKey() }
        #expect(throws: CredentialError.self) { _ = try Self.read("gcp: \"\"").serviceAccount() }
        #expect(try Self.read("{\"azurestorageaccount\": \"a\", \"azurestoragekey\": \"k==\"}").azureKey().key == "k==")
        #expect(
            try Self.read("gcp: |\n  {\"type\": \"service_account\"}\n").serviceAccount()
                == #"{"type": "service_account"}"#
        )
    }

    @Test(arguments: ["- a\n- b", "awsaccesskeyid: [secret-text]", "\"secret-text", "{secret-text", "\u{1}secret-text"])
    func `that is none is refused without a word of its content`(text: String) throws {
        let error = #expect(throws: CredentialError.self) { _ = try Self.read(text) }
        #expect(error?.description.contains("secret-text") == false, "\(error?.description ?? "")")
    }

    private static func read(_ text: String) throws -> StorageSecret {
        try withTemporaryDirectory { directory in
            let path = directory.appending("secret.yaml")
            try makeFile(path, Array(text.utf8))
            return try StorageSecretOrigin.path(path).read()
        }
    }
}
