/// Where requests for one bucket go, and under which region's name they are signed.
struct S3Endpoint: Sendable, Hashable {
    /// Scheme and authority: `https://bucket.s3.eu-north-1.amazonaws.com`, `http://127.0.0.1:9000`.
    let origin: String
    /// What stands before the key in the path: empty, or `/bucket`, after the endpoint's own path.
    let root: String
    let region: String
    /// Whether it is Amazon's own.
    let isAmazon: Bool

    var isTLS: Bool { origin.utf8.starts(with: "https://".utf8) }

    /// - Parameters:
    ///   - endpoint: a URL, or a host that is reached by https; nil: Amazon's.
    ///   - region: nil: `us-east-1`, which stores that have no regions take as well.
    init(
        _ scheme: S3Scheme,
        bucket: String,
        endpoint: String?,
        region: String?,
        addressing: BucketAddressing
    ) throws(StoreSettingsError) {
        let region = region ?? "us-east-1"
        guard !region.isEmpty, region.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }) else {
            throw StoreSettingsError("'\(region)' cannot be the name of a region")
        }
        self.region = region
        guard let endpoint else {
            guard scheme == .s3 else {
                throw StoreSettingsError(
                    "\(scheme.rawValue):// needs the store's address: --endpoint https://host:port, or awsendpoint"
                )
            }
            let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
            isAmazon = true
            // A certificate for *.s3.amazonaws.com does not cover a bucket with dots.
            if addressing == .path || (addressing == .automatic && bucket.contains(".")) {
                (origin, root) = ("https://s3.\(region).\(domain)", "/\(bucket)")
            } else {
                (origin, root) = ("https://\(bucket).s3.\(region).\(domain)", "")
            }
            return
        }
        isAmazon = false
        let url = endpoint.contains("://") ? endpoint : "https://\(endpoint)"
        let isTLS = url.hasPrefix("https://")
        guard isTLS || url.hasPrefix("http://") else {
            throw StoreSettingsError(
                "'\(Self.shown(endpoint))' cannot be used as endpoint: expected http:// or https://"
            )
        }
        let rest = url.dropFirst(isTLS ? 8 : 7)
        let authority = rest.prefix { $0 != "/" }
        var path = rest[authority.endIndex...]
        while path.hasSuffix("/") { path = path.dropLast() }
        let isPlain = url.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } && !url.contains { "?#@".contains($0) }
        guard !authority.isEmpty, isPlain else {
            throw StoreSettingsError(
                "an endpoint is http:// or https://, a host, perhaps a port: not '\(Self.shown(endpoint))'"
            )
        }
        let scheme = isTLS ? "https" : "http"
        if addressing == .host {
            (origin, root) = ("\(scheme)://\(bucket).\(authority)", String(path))
        } else {
            (origin, root) = ("\(scheme)://\(authority)", "\(path)/\(bucket)")
        }
    }

    /// Without what people paste into addresses: a user and password, a signed query.
    private static func shown(_ text: String) -> String {
        let visible = text.prefix { $0 != "?" && $0 != "#" }.prefix(200)
        guard let at = visible.lastIndex(of: "@") else { return String(visible) }
        return "…\(visible[at...])"
    }

    /// The URL of an object.
    func url(ofName name: String) -> String { "\(origin)\(root)/\(PercentEncoding.encode(name, keeping: "/"))" }

    /// The URL of the bucket itself.
    func url(query: [(name: String, value: String)]) -> String {
        "\(origin)\(root.isEmpty ? "/" : root)?\(PercentEncoding.query(query))"
    }
}
