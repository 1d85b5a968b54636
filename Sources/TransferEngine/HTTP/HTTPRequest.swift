/// What is asked of a server, without the body: that comes from a lease.
package struct HTTPRequest: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
        case put = "PUT"
        case post = "POST"
        case delete = "DELETE"

        /// Whether a body is sent, be it one of no bytes.
        var sendsBody: Bool {
            switch self {
            case .put, .post: true
            case .get, .head, .delete: false
            }
        }
    }

    package var method: Method
    /// Absolute, percent-encoded, `http` or `https`.
    ///
    /// It is sent as it stands: no dot segment is removed.
    package var url: String
    /// Sent in this order.
    ///
    /// Content-Length, Transfer-Encoding and Expect are this layer's own.
    package var headers: [HTTPHeaders.Field]
    /// Instead of those in the client's settings.
    package var timeouts: HTTPTimeouts?
    /// Around the body, which is but a part of what is sent then.
    package var frame: HTTPBodyFrame?

    package init(
        _ method: Method,
        _ url: String,
        headers: [HTTPHeaders.Field] = [],
        timeouts: HTTPTimeouts? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.timeouts = timeouts
    }
}

extension HTTPRequest {
    /// Why this request must not be sent; nil if it may.
    ///
    /// A line end in a header or a URL would let its author write headers, or a request, of their own.
    var fault: String? {
        if !url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            return "the URL holds a byte that must be percent-encoded"
        }
        if origin == nil { return "the URL is not an http or https one" }
        for (name, value) in headers {
            if name.isEmpty || !name.utf8.allSatisfy(Self.isTokenByte) { return "a header's name is not a token" }
            if value.utf8.contains(where: { $0 == 0x00 || $0 == 0x0A || $0 == 0x0D }) {
                return "the value of \(name) holds a line end or a zero byte"
            }
            if Self.reserved.contains(where: { HTTPHeaders.areSame($0, name) }) { return "\(name) is not to be set" }
        }
        return nil
    }

    /// Scheme, host and port in lower case, without user information: what connections are counted by.
    var origin: String? {
        let lowered = url.lowercased()
        guard let scheme = ["http://", "https://"].first(where: { lowered.hasPrefix($0) }) else { return nil }
        let authority = lowered.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        return host.isEmpty ? nil : scheme + host
    }

    /// Host and port in lower case, the port also where the URL leaves it out.
    var authority: String? {
        guard let origin, let start = origin.firstRange(of: "://")?.upperBound else { return nil }
        let host = origin[start...]
        let afterBracket = host.lastIndex(of: "]").map { host[$0...] } ?? host
        if afterBracket.contains(":") { return String(host) }
        return host + (origin.hasPrefix("https") ? ":443" : ":80")
    }

    private static let reserved = ["Content-Length", "Transfer-Encoding", "Expect"]

    /// RFC 9110 section 5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
