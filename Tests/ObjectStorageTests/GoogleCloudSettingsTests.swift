import TestSupport
import Testing
import TransferEngine

@testable import ObjectStorage

@Suite struct `Settings for Google Cloud` {
    private static let wrong: [@Sendable (inout StoreSettings) -> Void] = [
        { $0.account = "a" }, { $0.region = "eu-north-1" }, { $0.addressing = .host }, { $0.addressing = .path },
        { $0.checksum = .crc64 }, { $0.checksum = .sha256 }, { $0.encryption = .managed },
        { $0.encryption = .key(nil) },
        { $0.encryption = .key("my-key") }, { $0.storageClass = "STANDARD_IA" }, { $0.storageClass = "" },
        { $0.endpoint = "storage.googleapis.com" }, { $0.endpoint = "ftp://host" }, { $0.endpoint = "https://" },
        { $0.endpoint = "https://user:secret@host" }, { $0.endpoint = "https://host?x=secret" },
        { $0.environment = ["STORAGE_EMULATOR_HOST": "ftp://host"] },
    ]

    @Test(arguments: wrong.indices) func `that it does not have are refused in one line`(index: Int) throws {
        var settings = StoreSettings()
        Self.wrong[index](&settings)
        do {
            _ = try GoogleCloudStore("gs", BucketLocation("b", of: ""), settings, io: IOExecutor(threads: 1))
            Issue.record("taken")
        } catch let error as StoreSettingsError {
            #expect(!error.description.contains("\n") && !error.description.contains("secret"))
        }
    }

    @Test func `may give a Secret, which must hold what it needs`() throws {
        for (secret, code) in [
            (StorageSecret([.awsAccessKeyID: "a"]), CredentialError.Code.missing),
            (StorageSecret([.gcp: "{"]), .invalid),
        ] {
            var settings = StoreSettings()
            settings.secret = .given(secret)
            #expect {
                try GoogleCloudStore("gs", BucketLocation("b", of: ""), settings, io: IOExecutor(threads: 1))
            } throws: {
                ($0 as? CredentialError)?.code == code
            }
        }
    }

    @Test(
        arguments: [
            (nil, nil, "https://storage.googleapis.com"), (nil, "localhost:9023", "http://localhost:9023"),
            (nil, "https://emulator:1/", "https://emulator:1"),
            ("https://e.example/base/", "localhost:1", "https://e.example/base"),
            (nil, "", "https://storage.googleapis.com"), ("HTTP://[::1]:80", nil, "HTTP://[::1]:80"),
        ] as [(String?, String?, String)]
    )
    func `say where it is before the environment does`(endpoint: String?, emulator: String?, url: String) throws {
        var settings = StoreSettings()
        settings.endpoint = endpoint
        settings.environment["STORAGE_EMULATOR_HOST"] = emulator
        let found = try GoogleEndpoint(settings, bucket: "b.c")
        #expect(found.url.text == url)
        #expect(found.objects([("a", "b")]) == "\(url)/storage/v1/b/b.c/o?a=b")
    }

    @Test(arguments: [
        ("http://localhost", true), ("http://LOCALHOST:1/", true), ("http://127.0.0.1", true),
        ("http://127.255.0.9:1", true),
        ("http://[::1]:8080", true), ("http://127.0.0.1.evil.example", false), ("http://127.0.0.256", false),
        ("http://127.0.0", false), ("http://localhost.evil.example", false), ("http://0.0.0.0", false),
        ("http://[::2]", false), ("http://10.0.0.1", false),
    ])
    func `name this machine or do not`(text: String, isLoopback: Bool) throws {
        let url = try #require(ServiceURL(text))
        #expect(url.isLoopback == isLoopback)
        #expect(url.keepsSecrets == isLoopback)
    }
}
