/// The address of a service, as settings and credential files give it, and whether secrets may go there.
struct ServiceURL: Sendable, Hashable {
    /// As it was given, without a `/` at its end.
    let text: String
    let isTLS: Bool
    /// In lower case, without port and brackets.
    let host: String

    /// Nil unless `text` is `http` or `https`, names a host, and holds no user, query, fragment or blank.
    init?(_ text: String) {
        let lowered = text.lowercased()
        guard let scheme = ["https://", "http://"].first(where: { lowered.hasPrefix($0) }),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !text.contains(where: { "?#\\".contains($0) })
        else { return nil }
        isTLS = scheme == "https://"
        let authority = lowered.dropFirst(scheme.count).prefix { $0 != "/" }
        guard !authority.contains("@") else { return nil }
        if authority.hasPrefix("[") {
            host = String(authority.dropFirst().prefix { $0 != "]" })
        } else {
            host = String(authority.prefix { $0 != ":" })
        }
        guard !host.isEmpty else { return nil }
        var end = text.endIndex
        while text[..<end].hasSuffix("/") { end = text.index(before: end) }
        self.text = String(text[..<end])
    }

    /// Whether nothing on the way can read what is sent: TLS, or a peer on this machine.
    var keepsSecrets: Bool { isTLS || isLoopback }

    /// `127.0.0.1` is, and `127.evil.example` is not.
    var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
