import ObjectStorage
import SystemPackage
import TestSupport
import Testing
import TransferEngine

/// Who is asked through the proxy of the settings, and who past it.
@Suite(.timeLimit(.minutes(5))) struct `A store behind a proxy` {
    /// A service that gives out credentials, and where it is looked for.
    struct Service: Sendable, CustomTestStringConvertible {
        let provider: CloudProvider
        let name: String
        /// Whether it is beside the machine, where no proxy can reach it for us.
        let isLocal: Bool
        let environment: @Sendable (FakeCloud) -> [String: String]

        var testDescription: String { name }
    }

    private static let local = [
        Service(provider: .s3, name: "EC2", isLocal: true) { ["AWS_EC2_METADATA_SERVICE_ENDPOINT": $0.endpoint] },
        Service(provider: .s3, name: "ECS", isLocal: true) {
            [
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": "\($0.endpoint)/container-credentials",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN": FakeCloud.containerToken,
            ]
        },
        Service(provider: .azure, name: "a managed identity", isLocal: true) {
            ["AZURE_POD_IDENTITY_AUTHORITY_HOST": $0.endpoint]
        },
        Service(provider: .googleCloud, name: "Google's metadata server", isLocal: true) {
            ["GCE_METADATA_HOST": "127.0.0.1:\($0.port)"]
        },
    ]

    @Test(arguments: local) func `asks the machine's own services past it`(service: Service) async throws {
        let cloud = FakeCloud(service.provider.dialect)
        let proxy = HTTPFaultServer()
        defer {
            proxy.stop()
            cloud.stop()
        }
        let store = try service.provider.store(on: cloud) { settings in
            settings.secret = nil
            settings.account = service.provider == .azure ? FakeCloud.account : nil
            settings.environment = service.environment(cloud)
            settings.http.proxy = proxy.url("")
        }
        #expect(try await store.head(ObjectKey("vault.json")) == nil)
        #expect(cloud.requests.count >= 1)
        #expect(cloud.requests.allSatisfy { $0.operation == .token && $0.status == 200 })
        #expect(proxy.seen.count == 1)
        #expect(proxy.seen.allSatisfy { $0.target.contains("vault.json") })
        #expect(proxy.seen.allSatisfy { $0.header("Authorization") != nil })
    }

    @Test(arguments: CloudProvider.allCases) func `asks the services of the network through it`(
        provider: CloudProvider
    ) async throws {
        let cloud = FakeCloud(provider.dialect)
        let proxy = HTTPFaultServer(["/": .answer(403)])
        defer {
            proxy.stop()
            cloud.stop()
        }
        try await withTemporaryDirectory { root in
            let token = root.appending("token")
            try makeFile(token, Array(cloud.identityToken.utf8))
            let store = try provider.store(on: cloud) { settings in
                if provider != .googleCloud { settings.secret = nil }
                settings.account = provider == .azure ? FakeCloud.account : nil
                settings.environment = [
                    "AWS_WEB_IDENTITY_TOKEN_FILE": token.string, "AWS_ROLE_ARN": FakeCloud.roleARN,
                    "AWS_ENDPOINT_URL_STS": cloud.endpoint, "AZURE_TENANT_ID": FakeCloud.tenant,
                    "AZURE_CLIENT_ID": FakeCloud.clientID, "AZURE_CLIENT_SECRET": FakeCloud.clientSecret,
                    "AZURE_AUTHORITY_HOST": cloud.endpoint,
                ]
                settings.http.proxy = proxy.url("")
            }
            let error = await #expect(throws: StoreError.self) { try await store.head(ObjectKey("vault.json")) }
            #expect(error?.code == .accessDenied)
            #expect(proxy.seen.count == 1)
            #expect(proxy.seen.allSatisfy { $0.method == "POST" && $0.target.hasPrefix(cloud.endpoint) })
            #expect(cloud.requests.isEmpty)
        }
    }

    @Test(arguments: CloudProvider.allCases) func `tells the proxy's password to nobody else`(
        provider: CloudProvider
    ) async throws {
        let cloud = FakeCloud(provider.dialect)
        defer { cloud.stop() }
        // Past it, and through one that is not there.
        for noProxy in [["127.0.0.1"], []] {
            let store = try provider.store(on: cloud) { settings in
                settings.http.proxy = "http://user:canarycanary@127.0.0.1:1"
                settings.http.noProxy = noProxy
            }
            do {
                #expect(try await store.head(ObjectKey("vault.json")) == nil)
                #expect(!noProxy.isEmpty)
            } catch let error as StoreError {
                #expect(noProxy.isEmpty)
                #expect(error.code == .unavailable)
                #expect(!"\(error)".contains("canary"))
            }
        }
        #expect(!cloud.requests.isEmpty)
        for header in cloud.requests.flatMap(\.headers) {
            #expect(header.name.lowercased() != "proxy-authorization")
        }
    }
}
