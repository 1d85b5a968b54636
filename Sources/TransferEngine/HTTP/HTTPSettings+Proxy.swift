extension HTTPSettings {
    /// Why the proxy's URL must not be used; nil if it may, or if there is none.
    ///
    /// What is not percent-encoded in a password would make libcurl take a part of it for the host, and say so.
    package var proxyFault: String? {
        for proxy in [secureProxy, plainProxy] {
            if let proxy, let fault = Self.fault(of: proxy) { return fault }
        }
        return nil
    }

    func proxy(for url: String) -> String? { url.lowercased().hasPrefix("https://") ? secureProxy : plainProxy }

    private static func fault(of proxy: String) -> String? {
        if !proxy.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            return "the proxy's URL holds a byte that must be percent-encoded"
        }
        let rest = proxy.firstRange(of: "://").map { proxy[$0.upperBound...] } ?? proxy[...]
        if rest.drop(while: { $0 != "/" && $0 != "?" && $0 != "#" }).contains("@")
            || rest.count(where: { $0 == "@" }) > 1
        {
            return "the proxy's user or password holds a character that must be percent-encoded"
        }
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        guard let first = host.first, first != ":" else { return "the proxy's URL names no host" }
        return nil
    }

    /// A text without the proxies' users and passwords.
    func withoutProxySecret(_ text: String) -> String {
        var text = text
        for case let proxy? in [secureProxy, plainProxy] {
            guard let end = proxy.lastIndex(of: "@") else { continue }
            let start = proxy.firstRange(of: "://")?.upperBound ?? proxy.startIndex
            if start < end { text = text.replacing(proxy[start..<end], with: "***") }
        }
        return text
    }
}
