import TestSupport
import Testing
import TransferEngine

@testable import ObjectStorage

@Suite struct `Settings of an Azure store` {
    @Test(
        arguments: [
            (
                "http://127.0.0.1:10000/devstoreaccount1", nil, "http://127.0.0.1:10000/devstoreaccount1",
                "devstoreaccount1"
            ),
            ("http://127.0.0.1:10000/", "acc", "http://127.0.0.1:10000/acc", "acc"),
            ("http://azurite:10000", "acc", "http://azurite:10000/acc", "acc"),
            ("http://[::1]:10000", "acc", "http://[::1]:10000/acc", "acc"),
            ("https://acc.blob.core.usgovcloudapi.net/", nil, "https://acc.blob.core.usgovcloudapi.net", "acc"),
            ("acc.blob.core.chinacloudapi.cn", nil, "https://acc.blob.core.chinacloudapi.cn", "acc"),
            ("https://backup.example", "acc", "https://backup.example", nil),
        ] as [(String, String?, String, String?)]
    )
    func `find the account's place`(text: String, account: String?, root: String, own: String?) throws {
        let endpoint = try AzureEndpoint(text, account: account)
        #expect(endpoint.root == root)
        #expect(endpoint.account == own)
        #expect(endpoint.hasAccountInPath == (root.split(separator: "/").count > 2))
    }

    @Test(arguments: [
        "ftp://a", "https://", "https://a b", "https://u:canary@host", "https://h?sig=canary", "http://10.0.0.1",
    ])
    func `refuse an address that is none, without telling secrets`(text: String) {
        let error = #expect(throws: StoreSettingsError.self) { try AzureEndpoint(text, account: nil) }
        #expect(error?.description.contains("sig=") == false)
    }

    @Test(arguments: [
        ("https", "127.0.0.1", true, true), ("http", "127.0.0.1", false, true),
        ("http", "127.example.com", false, false),
        ("http", "localhost", false, true), ("http", "localhost.example.com", false, false),
        ("http", "[::1]", false, true),
    ])
    func `know this machine from others`(scheme: String, host: String, isTLS: Bool, isLoopback: Bool) throws {
        let endpoint = try AzureEndpoint("\(scheme)://\(host)", account: "a")
        #expect(endpoint.isTLS == isTLS)
        #expect(endpoint.isLoopback == isLoopback)
    }

    @Test func `come from a connection string`() throws {
        let whole = try AzureConnectionString(
            "DefaultEndpointsProtocol=https;AccountName=acc;AccountKey=a+b/c==;EndpointSuffix=core.chinacloudapi.cn\n"
        )
        #expect(whole.account == "acc")
        #expect(whole.key == "a+b/c==")
        #expect(whole.endpoint == "https://acc.blob.core.chinacloudapi.cn")
        let signed = try AzureConnectionString(
            "blobendpoint=https://x.example/ ; SharedAccessSignature=sv=1&sig=a%3D=;;"
        )
        #expect(signed.signature == "sv=1&sig=a%3D=")
        #expect(signed.endpoint == "https://x.example/")
        #expect(signed.account == nil)
        let emulator = try AzureConnectionString(
            "UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://azurite/"
        )
        #expect(emulator.account == "devstoreaccount1")
        #expect(emulator.key == FakeCloud.accountKey)
        #expect(emulator.endpoint == "http://azurite:10000/devstoreaccount1")
    }

    @Test(arguments: [
        "canary", "AccountKey=canary", "AccountKey=canary;BlobEndpoint=https://x.example", "",
        "AccountName=a;DefaultEndpointsProtocol=canary", "AccountName=a;canary",
    ])
    func `refuse a connection string that is none, without telling it`(text: String) {
        let error = #expect(throws: CredentialError.self) { try AzureConnectionString(text) }
        #expect(error?.code == .invalid)
        #expect(error?.description.contains("canary") == false)
    }

    private static func open(_ location: String = "vault", _ change: (inout StoreSettings) throws -> Void) throws {
        var settings = StoreSettings()
        settings.environment = AzureFake.environment
        try change(&settings)
        _ = try AzureStore(try BucketLocation(location, of: location), settings, io: IOExecutor(threads: 1))
    }

    @Test func `are refused where Azure has no such thing`() throws {
        try Self.open { _ in }
        let changes: [(inout StoreSettings) -> Void] = [
            { $0.region = "eu-north-1" }, { $0.addressing = .path }, { $0.checksum = .crc32c },
            { $0.checksum = .sha256 },
            { $0.encryption = .managed }, { $0.encryption = .key(nil) }, { $0.encryption = .key("a\r\nb") },
            { $0.storageClass = "Archive" }, { $0.storageClass = "Cool\n" }, { $0.account = "Other_" },
            { $0.environment = [:] }, { $0.environment = ["AZURE_STORAGE_KEY": "Y2FuYXJ5"] },
            { $0.account = "other" },
        ]
        for (index, change) in changes.enumerated() {
            #expect(throws: StoreSettingsError.self, "change \(index)") { try Self.open { change(&$0) } }
        }
    }

    @Test(arguments: [
        "ab", "Vault", "my_vault", "-vault", "vault-", "my--vault", "my.vault", String(repeating: "v", count: 64),
    ])
    func `are refused for what cannot be a container`(name: String) {
        #expect(throws: StoreSettingsError.self) { try Self.open(name) { _ in } }
    }

    @Test func `keep a key to the account that it is of`() throws {
        try Self.open { $0.account = FakeCloud.account }
        #expect(throws: StoreSettingsError.self) {
            try Self.open {
                $0.secret = .given(StorageSecret([.azureStorageAccount: "a", .azureStorageKey: "YQ=="]))
                $0.account = "b"
            }
        }
        #expect(throws: CredentialError.self) {
            try Self.open { $0.secret = .given(StorageSecret([.azureStorageAccount: "a"])) }
        }
        // A token is good for every account that its owner may use.
        try Self.open {
            $0.environment = ["AZURE_STORAGE_ACCOUNT": "a"]
            $0.account = "b"
        }
    }
}
