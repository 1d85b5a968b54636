package import SystemPackage
package import TransferEngine

/// Where a vault lies, as a user writes it: `file:///backups/cassandra`, `s3://bucket/prefix`.
package enum StoreLocation: Sendable, Hashable {
    case file(FilePath)
    case s3(S3Scheme, BucketLocation)
    case azure(BucketLocation)
    /// With the scheme as written: `gs` or `gcp`.
    case googleCloud(String, BucketLocation)

    /// - Throws: `StoreLocationError` if `text` is no URL of a known scheme.
    package init(_ text: String) throws(StoreLocationError) {
        guard let end = text.firstRange(of: "://") else {
            throw StoreLocationError(text, "it has no scheme; a directory is written file:///path")
        }
        let (scheme, rest) = (String(text[..<end.lowerBound]), String(text[end.upperBound...]))
        guard !rest.utf8.contains(0) else { throw StoreLocationError(text, "it has a NUL byte") }
        switch scheme {
        case "file":
            let path = FilePath(rest)
            guard path.isAbsolute else {
                throw StoreLocationError(text, "a file:// location needs an absolute path: file:///path")
            }
            self = .file(path.lexicallyNormalized())
        case "azure": self = .azure(try BucketLocation(rest, of: text))
        case "gs", "gcp": self = .googleCloud(scheme, try BucketLocation(rest, of: text))
        default:
            guard let scheme = S3Scheme(rawValue: scheme) else {
                throw StoreLocationError(
                    text,
                    "'\(scheme)' is not a scheme this version knows; it knows \(Self.schemes)"
                )
            }
            self = .s3(scheme, try BucketLocation(rest, of: text))
        }
    }

    private static var schemes: String {
        (["file"] + S3Scheme.allCases.map(\.rawValue) + ["azure", "gs", "gcp"]).map { "\($0)://" }
            .joined(separator: ", ")
    }

    /// How people name it.
    package var description: String {
        switch self {
        case .file(let path): "file://\(path)"
        case .s3(let scheme, let bucket): bucket.url(scheme.rawValue)
        case .azure(let container): container.url("azure")
        case .googleCloud(let scheme, let bucket): bucket.url(scheme)
        }
    }

    /// The store itself, without wrappers.
    ///
    /// - Throws: `StoreSettingsError`, `CredentialError`.
    package func open(_ settings: StoreSettings, io: IOExecutor) throws -> any ObjectStore {
        switch self {
        case .file(let root):
            FileStore(root: root, io: io, upload: settings.http.uploadLimit, download: settings.http.downloadLimit)
        case .s3(let scheme, let bucket): try S3Store(scheme, bucket, settings, io: io)
        case .azure(let container): try AzureStore(container, settings, io: io)
        case .googleCloud(let scheme, let bucket): try GoogleCloudStore(scheme, bucket, settings, io: io)
        }
    }
}

/// A text is no location of a store.
package struct StoreLocationError: Error, CustomStringConvertible {
    package let text: String
    package let reason: String

    init(_ text: String, _ reason: String) {
        self.text = text
        self.reason = reason
    }

    package var description: String { "'\(text)' cannot be used as a location: \(reason)" }
}
