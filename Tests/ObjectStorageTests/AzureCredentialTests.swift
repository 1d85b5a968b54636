import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import ObjectStorage

/// A wall clock that a test moves.
private final class HandClock: Sendable {
    private let seconds = ThreadLock<Int64>(AzureFake.time)

    var now: Int64 { seconds.withLock { $0 } }

    func advance(by count: Int64) { seconds.withLock { $0 += count } }
}

@Suite(.timeLimit(.minutes(5))) struct `Credentials of Azure` {
    enum Identity: String, CaseIterable, Sendable {
        case clientSecret
        case workload
        case machine
        case userAssigned

        var name: String {
            switch self {
            case .clientSecret: "the application of AZURE_CLIENT_ID"
            case .workload: "the workload identity of AZURE_CLIENT_ID"
            case .machine: "the managed identity"
            case .userAssigned: "the managed identity of AZURE_CLIENT_ID"
            }
        }

        func environment(_ cloud: FakeCloud, tokenFile: FilePath) -> [String: String] {
            switch self {
            case .clientSecret:
                [
                    "AZURE_STORAGE_ACCOUNT": FakeCloud.account, "AZURE_TENANT_ID": FakeCloud.tenant,
                    "AZURE_CLIENT_ID": FakeCloud.clientID, "AZURE_CLIENT_SECRET": FakeCloud.clientSecret,
                    "AZURE_AUTHORITY_HOST": cloud.endpoint + "/",
                    // Of less account than a secret.
                    "AZURE_FEDERATED_TOKEN_FILE": "/nowhere",
                ]
            case .workload:
                [
                    "AZURE_STORAGE_ACCOUNT": FakeCloud.account, "AZURE_TENANT_ID": FakeCloud.tenant,
                    "AZURE_CLIENT_ID": FakeCloud.clientID, "AZURE_FEDERATED_TOKEN_FILE": tokenFile.string,
                    "AZURE_AUTHORITY_HOST": cloud.endpoint,
                ]
            case .machine:
                [
                    "AZURE_STORAGE_ACCOUNT": FakeCloud.account, "AZURE_POD_IDENTITY_AUTHORITY_HOST": cloud.endpoint,
                ]
            case .userAssigned:
                [
                    "AZURE_STORAGE_ACCOUNT": FakeCloud.account,
                    "AZURE_POD_IDENTITY_AUTHORITY_HOST": cloud.endpoint + "/",
                    "AZURE_CLIENT_ID": FakeCloud.clientID,
                ]
            }
        }
    }

    @Test(arguments: Identity.allCases)
    func `last through ten minutes of work with tokens of sixty seconds`(identity: Identity) async throws {
        try await withTemporaryDirectory { directory in
            let clock = HandClock()
            var options = FakeCloud.Options()
            options.now = { clock.now }
            options.credentialLifetime = 60
            let file = directory.appending("token")
            let cloud = FakeCloud(.azure, options)
            defer { cloud.stop() }
            try write("\(cloud.identityToken)\n", file)
            var settings = StoreSettings()
            settings.endpoint = cloud.endpoint
            settings.environment = identity.environment(cloud, tokenFile: file)
            settings.clock = WallClock { clock.now }
            let store = try AzureStore(try BucketLocation("vault/p", of: ""), settings, io: IOExecutor(threads: 2))
            #expect(store.identity == identity.name)
            #expect(cloud.requests.isEmpty, "credentials are had at the first request")
            for round in 0..<60 {
                let key = try ObjectKey("k/\(round)")
                #expect(try await store.put([UInt8(round)], key, .onlyIfAbsent) == .stored)
                #expect(try await store.head(key)?.size == 1)
                #expect(try await store.bytes(key) == [UInt8(round)])
                #expect(try await store.keys(prefix: "k/") == [key.description])
                try await store.delete(key)
                clock.advance(by: 10)
                if round % 5 == 4 {
                    cloud.identityToken = "kubernetes-\(round)"
                    try write(cloud.identityToken, file)
                }
            }
            #expect(cloud.refused == 0)
            let tokens = cloud.requests.filter { $0.operation == .token }
            #expect((10...13).contains(tokens.count), "\(tokens.count) tokens")
            for token in tokens {
                #expect(!token.target.contains("secret") && !token.target.contains("kubernetes"))
            }
        }
    }

    @Test func `are fetched anew once the store says that they have ended`() async throws {
        for identity in [Identity.clientSecret, .machine] {
            let change: (inout StoreSettings, FakeCloud) -> Void = { settings, cloud in
                settings.environment = identity.environment(cloud, tokenFile: "/nowhere")
            }
            try await AzureFake.with(settings: change) { store, cloud in
                _ = try await store.put([1], try ObjectKey("a"))
                cloud.expireCredentials()
                let key = try ObjectKey("a")
                #expect(try await store.bytes(key) == [1])
                cloud.expireCredentials()
                #expect(try await store.head(key)?.size == 1)
                #expect(cloud.requests.count { $0.operation == .token } == 3)
                #expect(cloud.refused == 2)
            }
        }
    }

    @Test func `of App Service are asked for at its own endpoint`() async throws {
        let cloud = FakeCloud(.azure)
        defer { cloud.stop() }
        let token = cloud.makeBearerToken()
        let answer = "{\"access_token\":\"\(token)\",\"expires_on\":\"4102444800\",\"token_type\":\"Bearer\"}"
        let server = HTTPFaultServer(["/MSI/token": .answer(200, body: Array(answer.utf8))])
        defer { server.stop() }
        var settings = StoreSettings()
        settings.endpoint = cloud.endpoint
        settings.environment = [
            "AZURE_STORAGE_ACCOUNT": FakeCloud.account, "IDENTITY_ENDPOINT": server.url("/MSI/token"),
            "IDENTITY_HEADER": "853b9a84", "AZURE_CLIENT_ID": "some client",
        ]
        let store = try AzureStore(try BucketLocation("vault", of: ""), settings, io: IOExecutor(threads: 1))
        let key = try ObjectKey("a")
        #expect(try await store.put([1], key) == .stored)
        let seen = try #require(server.seen.first)
        #expect(
            seen.target == "/MSI/token?resource=https%3A%2F%2Fstorage.azure.com%2F&client_id=some%20client"
                + "&api-version=2019-08-01"
        )
        #expect(seen.header("X-IDENTITY-HEADER") == "853b9a84")
        #expect(cloud.requests.allSatisfy { $0.header("Authorization") == "Bearer \(token)" })
    }

    @Test func `come from a Secret, and are read anew when the key was replaced`() async throws {
        try await withTemporaryDirectory { directory in
            try write(FakeCloud.account + "\n", directory.appending("azurestorageaccount"))
            try write("Y2FuYXJ5\n", directory.appending("azurestoragekey"))
            let change: (inout StoreSettings, FakeCloud) -> Void = { settings, _ in
                settings.secret = .path(directory)
                settings.environment = ["AZURE_STORAGE_CONNECTION_STRING": "AccountName=other;AccountKey=Y2FuYXJ5"]
            }
            try await AzureFake.with(settings: change) { store, cloud in
                await expectError(.accessDenied) { _ = try await store.put([1], try ObjectKey("a")) }
                try write(FakeCloud.accountKey + "\n", directory.appending("azurestoragekey"))
                let key = try ObjectKey("a")
                #expect(try await store.put([1], key) == .stored)
                #expect(cloud.requests.map(\.status) == [403, 403, 403, 201])
            }
        }
    }

    @Test(arguments: [
        (
            ["AZURE_STORAGE_CONNECTION_STRING": "UseDevelopmentStorage=true"],
            "AccountKey in AZURE_STORAGE_CONNECTION_STRING"
        ),
        (
            [
                "AZURE_STORAGE_CONNECTION_STRING":
                    "BlobEndpoint=https://a.blob.core.windows.net/;SharedAccessSignature=?sv=1&sig=x",
                "AZURE_STORAGE_KEY": "Y2FuYXJ5",
            ], "SharedAccessSignature in AZURE_STORAGE_CONNECTION_STRING"
        ),
        (
            ["AZURE_STORAGE_ACCOUNT": "a", "AZURE_STORAGE_KEY": "Y2FuYXJ5", "AZURE_STORAGE_SAS_TOKEN": "sig=x"],
            "AZURE_STORAGE_KEY"
        ),
        (
            ["AZURE_STORAGE_ACCOUNT": "a", "AZURE_STORAGE_SAS_TOKEN": "sv=1&sig=x", "AZURE_CLIENT_ID": "c"],
            "AZURE_STORAGE_SAS_TOKEN"
        ),
        (
            [
                "AZURE_STORAGE_CONNECTION_STRING": "AccountName=a", "AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c",
                "AZURE_CLIENT_SECRET": "s", "AZURE_FEDERATED_TOKEN_FILE": "/f",
            ], "the application of AZURE_CLIENT_ID"
        ),
        (
            [
                "AZURE_STORAGE_ACCOUNT": "a", "AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c",
                "AZURE_FEDERATED_TOKEN_FILE": "/f", "IDENTITY_ENDPOINT": "http://x", "IDENTITY_HEADER": "h",
            ], "the workload identity of AZURE_CLIENT_ID"
        ),
        (
            ["AZURE_STORAGE_ACCOUNT": "a", "AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c"],
            "the managed identity of AZURE_CLIENT_ID"
        ),
        (["AZURE_STORAGE_ACCOUNT": "a", "AZURE_STORAGE_KEY": ""], "the managed identity"),
    ])
    func `are the first of those that are there`(environment: [String: String], name: String) throws {
        var settings = StoreSettings()
        settings.environment = environment
        let store = try AzureStore(try BucketLocation("vault", of: ""), settings, io: IOExecutor(threads: 1))
        #expect(store.identity == name)
    }

    @Test func `that are tokens go to no store without TLS, and to no other authority`() throws {
        func open(_ change: (inout StoreSettings) -> Void) throws {
            var settings = StoreSettings()
            settings.account = "a"
            change(&settings)
            _ = try AzureStore(try BucketLocation("vault", of: ""), settings, io: IOExecutor(threads: 1))
        }
        try open { $0.endpoint = "https://store.example" }
        try open { $0.endpoint = "http://localhost:10000" }
        let error = #expect(throws: StoreSettingsError.self) { try open { $0.endpoint = "http://store.example" } }
        #expect(error?.description.contains("must not go to http://store.example: use https") == true)
        #expect(throws: CredentialError.self) {
            try open {
                $0.environment = [
                    "AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c", "AZURE_CLIENT_SECRET": "s",
                    "AZURE_AUTHORITY_HOST": "http://login.example",
                ]
            }
        }
        #expect(throws: CredentialError.self) {
            try open {
                $0.environment = ["AZURE_TENANT_ID": "t/../x?", "AZURE_CLIENT_ID": "c", "AZURE_CLIENT_SECRET": "s"]
            }
        }
    }

    @Test(arguments: [404, 410, 429, 500, 503])
    func `may be asked for again while the metadata service is updated`(status: Int) async throws {
        let server = HTTPFaultServer(["/": .answer(status)])
        defer { server.stop() }
        let store = try AzureFake.store(server) {
            $0.environment = [
                "AZURE_STORAGE_ACCOUNT": "a", "AZURE_POD_IDENTITY_AUTHORITY_HOST": server.url(""),
            ]
        }
        let error = await #expect(throws: StoreError.self) { _ = try await store.head(try ObjectKey("a")) }
        #expect(error?.isTransient == true)
        #expect(error?.description.contains("outside Azure, set AZURE_STORAGE_CONNECTION_STRING") == true)
    }

    @Test func `are missing at once where no metadata service is, but only late after one was there`() async throws {
        let clock = HandClock()
        var options = FakeCloud.Options()
        options.now = { clock.now }
        let cloud = FakeCloud(.azure, options)
        defer { cloud.stop() }
        let token = cloud.makeBearerToken()
        let answer = "{\"access_token\":\"\(token)\",\"expires_in\":\"60\"}"
        let service = HTTPFaultServer(["/": .answer(200, headers: ["Connection: close"], body: Array(answer.utf8))])
        var settings = StoreSettings()
        settings.endpoint = cloud.endpoint
        settings.clock = WallClock { clock.now }
        settings.environment = [
            "AZURE_STORAGE_ACCOUNT": FakeCloud.account, "AZURE_POD_IDENTITY_AUTHORITY_HOST": service.url(""),
        ]
        let container = try BucketLocation("vault", of: "")
        let io = IOExecutor(threads: 1)
        let before = try AzureStore(container, settings, io: io)
        let key = try ObjectKey("a")
        #expect(try await before.head(key) == nil)
        service.stop()
        // The old token is used on, since the store may still take it.
        clock.advance(by: 120)
        #expect(try await before.head(key) == nil)
        cloud.expireCredentials()
        await expectError(.accessDenied) { _ = try await before.head(key) }
        let after = try AzureStore(container, settings, io: io)
        let error = await #expect(throws: StoreError.self) { _ = try await after.head(key) }
        #expect(error?.code == .accessDenied)
        #expect(error?.isTransient == false)
        #expect(error?.description.contains("outside Azure, set AZURE_STORAGE_CONNECTION_STRING") == true)
    }

    @Test func `that the service refuses are told in its words, without the secret`() async throws {
        let canary = "canary~secret"
        let change: (inout StoreSettings, FakeCloud) -> Void = { settings, cloud in
            settings.environment = Identity.clientSecret.environment(cloud, tokenFile: "/nowhere")
            settings.environment["AZURE_CLIENT_SECRET"] = canary
        }
        try await AzureFake.with(settings: change) { store, cloud in
            let error = await #expect(throws: StoreError.self) { _ = try await store.head(try ObjectKey("a")) }
            let text = try #require(error?.description)
            #expect(error?.code == .accessDenied)
            #expect(text.contains("AADSTS7000215: Invalid client secret provided"))
            #expect(!text.contains(canary) && !text.contains("\n"))
            #expect(cloud.requests.count == 1)
        }
    }

    @Test(arguments: [
        "{}", "nonsense", "{\"access_token\":\"\"}", "{\"access_token\":\"a\\r\\nb: c\"}",
        "{\"access_token\":7}",
    ])
    func `are no nonsense that a service answers`(answer: String) async throws {
        let server = HTTPFaultServer(["/metadata/": .answer(200, body: Array(answer.utf8))])
        defer { server.stop() }
        let store = try AzureFake.store(server) {
            $0.environment = [
                "AZURE_STORAGE_ACCOUNT": "a", "AZURE_POD_IDENTITY_AUTHORITY_HOST": server.url(""),
            ]
        }
        await expectError(.unavailable) { _ = try await store.head(try ObjectKey("a")) }
        #expect(server.seen.map(\.method) == ["GET"])
    }

    private func write(_ text: String, _ path: FilePath) throws {
        let file = try FileDescriptor.open(
            path,
            .writeOnly,
            options: [.create, .truncate],
            permissions: .ownerReadWrite
        )
        try file.closeAfter { _ = try file.writeAll(text.utf8) }
    }
}
