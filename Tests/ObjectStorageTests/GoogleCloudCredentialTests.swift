import FoundationEssentials
import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import ObjectStorage

@Suite(.timeLimit(.minutes(5))) struct `Google credentials` {
    /// Every way to be somebody.
    enum Identity: String, CaseIterable, Sendable {
        case secret
        case secretDirectory
        case keyFile
        case gcloudLogin
        case workloadFile
        case workloadAddress
        case workloadAsAccount
        case loginAsAccount
        case metadataServer
    }

    /// Settings for `cloud` as `identity`; what it needs is in `directory` and at `helper`.
    static func settings(
        _ identity: Identity,
        _ cloud: FakeCloud,
        _ directory: FilePath,
        helper: HTTPFaultServer
    ) throws -> StoreSettings {
        var settings = StoreSettings()
        settings.endpoint = cloud.endpoint
        let tokenFile = directory.appending("token")
        func named(_ json: String) throws -> [String: String] {
            let file = directory.appending("credentials.json")
            try write(json, to: file)
            return ["GOOGLE_APPLICATION_CREDENTIALS": file.string]
        }
        let login = """
            {"type": "authorized_user", "client_id": "\(FakeCloud.googleClientID)",
             "client_secret": "\(FakeCloud.googleClientSecret)", "refresh_token": "\(FakeCloud.refreshToken)",
             "token_uri": "\(cloud.endpoint)/token"}
            """
        let account =
            "\(cloud.endpoint)/v1/projects/-/serviceAccounts/\(FakeCloud.serviceAccount):generateAccessToken"
        func workload(_ source: String, _ more: String = "") -> String {
            """
            {"type": "external_account", "audience": "\(FakeCloud.workloadPool)",
             "subject_token_type": "urn:ietf:params:oauth:token-type:jwt", "token_url": "\(cloud.endpoint)/v1/token",
             "credential_source": \(source)\(more)}
            """
        }
        switch identity {
        case .secret: settings.secret = .given(StorageSecret([.gcp: cloud.serviceAccountKey]))
        case .secretDirectory:
            try write(cloud.serviceAccountKey + "\n", to: directory.appending("gcp"))
            settings.secret = .path(directory)
        case .keyFile: settings.environment = try named(cloud.serviceAccountKey)
        case .gcloudLogin:
            try write(login, to: directory.appending("application_default_credentials.json"))
            settings.environment = ["CLOUDSDK_CONFIG": directory.string]
        case .workloadFile:
            try write(cloud.identityToken + "\n", to: tokenFile)
            settings.environment = try named(workload(#"{"file": "\#(tokenFile)"}"#))
        case .workloadAddress:
            let format = #""format": {"type": "json", "subject_token_field_name": "value"}"#
            let url = helper.url("/subject?audience=x")
            let source = #"{"url": "\#(url)", "headers": {"Metadata": "True"}, \#(format)}"#
            settings.environment = try named(workload(source))
        case .workloadAsAccount:
            try write(cloud.identityToken, to: tokenFile)
            let more = """
                , "service_account_impersonation_url": "\(account)",
                "service_account_impersonation": {"token_lifetime_seconds": 600}
                """
            settings.environment = try named(workload(#"{"file": "\#(tokenFile)"}"#, more))
        case .loginAsAccount:
            // The fake's login has storage's scope alone, so that it may not act as somebody: an account's key may.
            settings.environment = try named(
                """
                {"type": "impersonated_service_account", "service_account_impersonation_url": "\(account)",
                 "delegates": [], "source_credentials": \(cloud.serviceAccountKey)}
                """
            )
        case .metadataServer: settings.environment = ["GCE_METADATA_HOST": "127.0.0.1:\(cloud.port)"]
        }
        return settings
    }

    private static func write(_ text: String, to file: FilePath) throws {
        try Data(text.utf8).write(to: URL(filePath: file.string))
    }

    /// A store on a fake cloud of its own, as `identity`.
    private static func withStore(
        _ identity: Identity,
        _ options: FakeCloud.Options = FakeCloud.Options(),
        clock: WallClock = .system,
        _ body: (GoogleCloudStore, FakeCloud) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            let cloud = FakeCloud(.googleCloud, options)
            defer { cloud.stop() }
            let token = Array(#"{"other": 1, "value": "\#(cloud.identityToken)"}"#.utf8)
            let helper = HTTPFaultServer(["/subject": .answer(200, body: token)])
            defer { helper.stop() }
            var settings = try Self.settings(identity, cloud, directory, helper: helper)
            settings.clock = clock
            let bucket = try BucketLocation("\(FakeCloud.bucket)/x", of: "")
            try await body(GoogleCloudStore("gs", bucket, settings, io: IOExecutor(threads: 1)), cloud)
        }
    }

    // MARK: Being somebody

    private static let promises = StoreContract.all.filter {
        $0.testDescription.contains("an object is got as it was put") || $0.testDescription.contains("create-only put")
            || $0.testDescription.contains("removed at once") || $0.testDescription.contains("pages of every size")
    }

    @Test(arguments: Identity.allCases, promises)
    func `of every kind let the store keep its promises`(identity: Identity, promise: StoreContract) async throws {
        #expect(Self.promises.count == 4)
        try await Self.withStore(identity) { store, cloud in
            try await promise.check(store)
            #expect(cloud.requests.allSatisfy { $0.status != 401 && $0.status != 403 })
        }
    }

    @Test(arguments: Identity.allCases)
    func `that live a minute carry ten minutes of every verb without one refusal`(identity: Identity) async throws {
        let now = ThreadLock<Int64>(1_795_208_400)
        let clock = WallClock { now.withLock { $0 } }
        var options = FakeCloud.Options()
        options.credentialLifetime = 60
        options.now = clock.now
        try await Self.withStore(identity, options, clock: clock) { store, cloud in
            for second in stride(from: 0, to: 600, by: 5) {
                let key = try ObjectKey("\(second)")
                #expect(try await store.put([1, 2], key, .always) == .stored)
                #expect(try await store.head(key)?.size == 2)
                #expect(try await store.bytes(key, 1..<2) == [2])
                #expect(try await store.keys() == [key.description])
                try await store.delete(key)
                now.withLock { $0 += 5 }
            }
            #expect(cloud.refused == 0)
            // Anew after four fifths of a minute: at 50, 100, … seconds.
            let storage = cloud.requests.filter { $0.target.contains("/b/vault/o") }
            let tokens = Set(storage.compactMap { $0.header("Authorization") })
            #expect(tokens.count == 12)
        }
    }

    @Test func `that were rotated are read anew`() async throws {
        try await withTemporaryDirectory { directory in
            let cloud = FakeCloud(.googleCloud)
            defer { cloud.stop() }
            let helper = HTTPFaultServer([:])
            defer { helper.stop() }
            let settings = try Self.settings(.workloadFile, cloud, directory, helper: helper)
            let bucket = try BucketLocation(FakeCloud.bucket, of: "")
            let store = try GoogleCloudStore("gs", bucket, settings, io: IOExecutor(threads: 1))
            #expect(try await store.head(.of("a")) == nil)
            cloud.identityToken = "another.identity.token"
            try Self.write(cloud.identityToken, to: directory.appending("token"))
            cloud.expireCredentials()
            #expect(try await store.head(.of("a")) == nil)
        }
    }

    @Test func `are asked for at the first request and not before`() async throws {
        try await Self.withStore(.secret) { store, cloud in
            #expect(cloud.requests.isEmpty)
            _ = try await store.head(.of("a"))
            #expect(cloud.requests.map(\.target).first == "/token")
        }
    }

    @Test(arguments: Identity.allCases)
    func `stand in no address`(identity: Identity) async throws {
        try await Self.withStore(identity) { store, cloud in
            _ = try await store.put([1], .of("a"))
            let secrets =
                [FakeCloud.refreshToken, FakeCloud.googleClientSecret, cloud.identityToken, "assertion", "bearer."]
            for request in cloud.requests {
                #expect(!secrets.contains { request.target.contains($0) }, "\(request.target)")
            }
        }
    }

    // MARK: Order

    @Test func `are the Secret's, then the named file's, then gcloud's, then the machine's`() async throws {
        try await withTemporaryDirectory { directory in
            let cloud = FakeCloud(.googleCloud)
            defer { cloud.stop() }
            let helper = HTTPFaultServer([:])
            defer { helper.stop() }
            var settings = StoreSettings()
            settings.endpoint = cloud.endpoint
            for identity in [Identity.keyFile, .gcloudLogin, .metadataServer, .secret] {
                let one = try Self.settings(identity, cloud, directory, helper: helper)
                settings.environment.merge(one.environment) { $1 }
                settings.secret = one.secret ?? settings.secret
            }
            let bucket = try BucketLocation(FakeCloud.bucket, of: "")
            func kind() async throws -> String {
                let before = cloud.requests.count
                let store = try GoogleCloudStore("gs", bucket, settings, io: IOExecutor(threads: 1))
                _ = try await store.head(.of("a"))
                let first = cloud.requests[before]
                return first.method == "GET" ? "metadata" : String(decoding: first.body, as: UTF8.self)
            }
            try Self.write("{\"type\": \"unknown\"}", to: directory.appending("credentials.json"))
            #expect(try await kind().contains("jwt-bearer"))
            settings.secret = nil
            await expectError(.accessDenied) { _ = try await kind() }
            settings.environment["GOOGLE_APPLICATION_CREDENTIALS"] = ""
            #expect(try await kind().contains("refresh_token"))
            settings.environment["CLOUDSDK_CONFIG"] = directory.appending("none").string
            #expect(try await kind() == "metadata")
            settings.environment["NO_GCE_CHECK"] = "true"
            await expectError(.accessDenied) { _ = try await kind() }
        }
    }

    @Test func `that lie about are nothing for an emulator`() async throws {
        try await withTemporaryDirectory { home in
            let gcloud = home.appending(".config/gcloud")
            try FileManager.default.createDirectory(atPath: gcloud.string, withIntermediateDirectories: true)
            try Self.write("{}", to: gcloud.appending("application_default_credentials.json"))
            let server = HTTPFaultServer(["/": .answer(404)])
            defer { server.stop() }
            var settings = StoreSettings()
            settings.environment = ["HOME": home.string, "STORAGE_EMULATOR_HOST": "127.0.0.1:\(server.port)"]
            let store = try GoogleCloudStore("gs", BucketLocation("b", of: ""), settings, io: IOExecutor(threads: 1))
            #expect(try await store.head(.of("a")) == nil)
            #expect(server.seen.count == 1)
            #expect(server.seen.first?.header("Authorization") == nil)
        }
    }

    @Test(arguments: [
        "http://storage.example", "http://10.0.0.1:4443", "http://127.0.0.1.evil.example", "http://127.evil",
    ])
    func `go nowhere without TLS but to this machine`(endpoint: String) throws {
        var settings = StoreSettings()
        settings.endpoint = endpoint
        let bucket = try BucketLocation("b", of: "")
        let io = IOExecutor(threads: 1)
        _ = try GoogleCloudStore("gs", bucket, settings, io: io)  // without a token it may
        settings.environment = ["GOOGLE_APPLICATION_CREDENTIALS": "/none"]
        #expect(throws: StoreSettingsError.self) { try GoogleCloudStore("gs", bucket, settings, io: io) }
        settings.endpoint = "https://storage.example"
        _ = try GoogleCloudStore("gs", bucket, settings, io: io)
    }

    @Test func `are missing in one line that says what to do`() async throws {
        try await withTemporaryDirectory { home in
            var settings = StoreSettings()
            settings.environment = ["HOME": home.string, "NO_GCE_CHECK": "true"]
            let store = try GoogleCloudStore("gs", BucketLocation("b", of: ""), settings, io: IOExecutor(threads: 1))
            do throws(StoreError) {
                _ = try await store.head(.of("a"))
                Issue.record("no error")
            } catch {
                #expect(error.code == .accessDenied)
                #expect(error.description.contains("gcloud auth application-default login"))
                #expect(!error.description.contains("\n"))
            }
        }
    }
}
