package import TransferEngine

/// How a store is reached and used, beside its location; what a provider does not know, it refuses.
package struct StoreSettings: Sendable {
    /// Timeouts, connections, proxy, certificates, rates.
    package var http = HTTPSettings()
    /// The process's environment: credentials, profiles, the platform's identity.
    package var environment: [String: String] = [:]
    package var clock = WallClock.system
    /// Keys that come as the operators' Secrets do; nil: the provider's own ways.
    package var secret: StorageSecretOrigin?
    /// Instead of the provider's own address: `https://minio.example:9000`.
    package var endpoint: String?
    /// Of S3: `eu-north-1`.
    package var region: String?
    /// Of S3.
    package var addressing = BucketAddressing.automatic
    /// The storage account, of Azure.
    package var account: String?
    package var checksum = ContentChecksum.automatic
    package var encryption = ServerEncryption.storeDefault
    /// Whether the credential may create objects and not look at them: no look comes before a create-only put, and none goes
    /// out without its condition.
    package var mayOnlyCreate = false
    /// In the provider's words: `STANDARD_IA`, `Cool`, `NEARLINE`; nil: the bucket's default.
    package var storageClass: String?

    package init() {}
}

/// Where an S3 store finds the bucket's name.
package enum BucketAddressing: String, Sendable, CaseIterable {
    /// In the host for Amazon's own endpoints, in the path for others.
    case automatic = "auto"
    /// `https://bucket.s3.eu-north-1.amazonaws.com/key`
    case host
    /// `https://minio.example:9000/bucket/key`
    case path
}

/// What a store checks an upload against.
package enum ContentChecksum: String, Sendable, CaseIterable {
    /// The best that the store turns out to take.
    case automatic = "auto"
    case crc32c
    case crc64
    case sha256
    case md5
    case none
}

/// What the store encrypts objects with, on its side.
package enum ServerEncryption: Sendable, Hashable {
    /// What the bucket says.
    case storeDefault
    /// Keys of the store's own: SSE-S3.
    case managed
    /// A key in the provider's key service: SSE-KMS, a Cloud KMS key, an Azure encryption scope; nil: its default key.
    case key(String?)
}

/// The settings cannot be used with this store, or with each other.
package struct StoreSettingsError: Error, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
