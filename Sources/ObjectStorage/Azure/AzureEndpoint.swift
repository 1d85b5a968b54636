/// Where the blob service of one storage account is.
///
/// `https://ACCOUNT.blob.core.windows.net`, or, for emulators, an address with the account in the path:
/// `http://127.0.0.1:10000/devstoreaccount1`.
/// https://learn.microsoft.com/azure/storage/common/storage-use-azurite
struct AzureEndpoint: Sendable, Hashable {
    /// Without a slash at its end.
    let root: String
    /// Whether the account is a part of the path, as emulators have it; Azure itself has it in the host.
    let hasAccountInPath: Bool
    let isTLS: Bool
    /// Whether the host is this machine.
    let isLoopback: Bool

    /// Of Azure itself, in the public cloud.
    static let domain = "core.windows.net"

    /// - Parameters:
    ///   - text: a URL, or a host that is reached by https. The account is added to the path where the host is an
    ///     address, or a name without a dot.
    ///   - account: nil if nothing says which.
    init(_ text: String, account: String?) throws(StoreSettingsError) {
        let url = text.contains("://") ? text : "https://\(text)"
        isTLS = url.hasPrefix("https://")
        guard isTLS || url.hasPrefix("http://") else {
            throw StoreSettingsError("'\(Self.shown(text))' cannot be used as endpoint: expected http:// or https://")
        }
        let rest = url.dropFirst(isTLS ? 8 : 7)
        let authority = rest.prefix { $0 != "/" }
        var path = rest[authority.endIndex...]
        while path.hasSuffix("/") { path = path.dropLast() }
        let isPlain = url.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } && !url.contains { "?#@".contains($0) }
        guard !authority.isEmpty, isPlain else {
            throw StoreSettingsError(
                "an endpoint is http:// or https://, a host, perhaps a port and an account: not '\(Self.shown(text))'"
            )
        }
        let host = Self.host(authority)
        isLoopback =
            host == "localhost" || host.hasSuffix(".localhost") || host == "::1"
            || (host.hasPrefix("127.") && Self.isAddress(host))
        if path.isEmpty, Self.isAddress(host) || !host.contains(".") {
            guard let account else {
                throw StoreSettingsError(
                    "\(Self.shown(text)) needs a storage account: --account or AZURE_STORAGE_ACCOUNT"
                )
            }
            path = "/\(account)"
        }
        hasAccountInPath = !path.isEmpty
        root = "\(isTLS ? "https" : "http")://\(authority)\(path)"
    }

    /// The account's own place in the public cloud, or in the one whose domain is given.
    init(account: String, isTLS: Bool = true, domain: String = domain) throws(StoreSettingsError) {
        try self.init("\(isTLS ? "https" : "http")://\(account).blob.\(domain)", account: account)
    }

    /// The account that the address itself names: its first label, or the end of its path.
    var account: String? {
        if hasAccountInPath { return root.split(separator: "/").last.map(String.init) }
        let host = Self.host(root.dropFirst(isTLS ? 8 : 7))
        let labels = host.split(separator: ".")
        return labels.count > 2 && labels[1] == "blob" ? String(labels[0]) : nil
    }

    /// The URL of a blob.
    func url(_ container: String, name: String) -> String {
        "\(root)/\(container)/\(PercentEncoding.encode(name, keeping: "/"))"
    }

    /// The URL of a container.
    func url(_ container: String, query: [(name: String, value: String)]) -> String {
        "\(root)/\(container)?\(PercentEncoding.query(query))"
    }

    /// Whether secrets may be sent to a URL: over TLS, or to this machine.
    static func isPrivate(_ url: String) -> Bool {
        guard let endpoint = try? AzureEndpoint(url, account: "any") else { return false }
        return endpoint.isTLS || endpoint.isLoopback
    }

    private static func host(_ authority: some StringProtocol) -> String {
        if authority.hasPrefix("[") { return String(authority.dropFirst().prefix { $0 != "]" }) }
        return authority.prefix { $0 != ":" }.lowercased()
    }

    private static func isAddress(_ host: String) -> Bool {
        host.contains(":") || (host.contains(".") && host.utf8.allSatisfy { $0 == 0x2E || (0x30...0x39).contains($0) })
    }

    /// Without what people paste into addresses: a token in the query, a user and password.
    private static func shown(_ text: String) -> String {
        let visible = text.prefix { $0 != "?" && $0 != "#" }.prefix(200)
        guard let at = visible.lastIndex(of: "@") else { return String(visible) }
        return "…\(visible[at...])"
    }
}
