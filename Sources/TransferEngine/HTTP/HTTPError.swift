/// Why there is no answer to a request.
///
/// An answer of any status is not an error here. What may be tried again is for the caller to decide; the facts it
/// needs are `code`, `bytesSent` and `isOnReusedConnection`.
package struct HTTPError: Error, CustomStringConvertible {
    /// The limits of `HTTPTimeouts`.
    package enum Clock: Sendable {
        case connect
        case stall
        case firstByte
        case total
    }

    package enum Code: Sendable, Equatable {
        case couldNotResolve
        case couldNotConnect
        /// The handshake failed, or the peer's certificate is not trusted.
        case tls
        case timedOut(Clock)
        /// Closed or reset before the answer was whole.
        case connectionLost
        /// The server answered with success before it had read the whole body, so it cannot have stored it.
        case sendIncomplete
        /// The body is larger than the room for it.
        case responseTooLarge
        /// The body ended before its stated length.
        case truncatedResponse
        case cancelled
        /// The request cannot be sent as it stands.
        case badRequest
        /// The answer is not HTTP, or its head is too large.
        case badResponse
        case other
    }

    package let code: Code
    package let method: HTTPRequest.Method
    /// Without query and user information, which may hold secrets.
    package let url: String
    /// What libcurl said, word for word; or our own words where it was not asked.
    package let words: String
    /// The `CURLcode`; nil if the failure was found on this side.
    /// https://curl.se/libcurl/c/libcurl-errors.html
    package let curlCode: Int?
    /// Bytes of the request's body that were handed to the network.
    package let bytesSent: Int
    /// Whether the connection had carried a request before, and may have been dead when this one began.
    package let isOnReusedConnection: Bool

    init(
        _ code: Code,
        _ request: HTTPRequest,
        _ words: String = "",
        curlCode: Int? = nil,
        bytesSent: Int = 0,
        isOnReusedConnection: Bool = false
    ) {
        self.code = code
        method = request.method
        url = Self.redacted(request.url)
        self.words = words
        self.curlCode = curlCode
        self.bytesSent = bytesSent
        self.isOnReusedConnection = isOnReusedConnection
    }

    /// Whether the same request may succeed later, as far as this layer can tell.
    package var isTransient: Bool {
        switch code {
        case .couldNotResolve, .couldNotConnect, .timedOut, .connectionLost, .sendIncomplete, .truncatedResponse: true
        // A certificate stays untrusted; a handshake may have been cut off.
        case .tls: curlCode == HTTPError.handshakeFailed
        case .responseTooLarge, .cancelled, .badRequest, .badResponse, .other: false
        }
    }

    /// One line: what could not be done, to what, why.
    package var description: String {
        let line = "cannot \(method.rawValue) \(url): \(code.words)"
        return words.isEmpty ? line : "\(line): \(words)"
    }

    /// The URL without what may be secret, and without what could break a line of a log.
    static func redacted(_ url: String) -> String {
        let visible = url.prefix { $0 != "?" && $0 != "#" }
        let afterColon = visible.firstIndex(of: ":").map { visible.index(after: $0) }
        let hasScheme = afterColon.map { visible[$0...].hasPrefix("//") } ?? false
        let scheme = hasScheme ? visible.prefix { $0 != ":" } + "://" : ""
        let rest = visible.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" }
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        let kept = scheme + host + rest.dropFirst(authority.count)
        return String(kept.unicodeScalars.map { (0x21...0x7E).contains($0.value) ? Character($0) : "?" })
    }
}

extension HTTPError.Code {
    /// What happened, in a few words.
    var words: String {
        switch self {
        case .couldNotResolve: "unknown host"
        case .couldNotConnect: "no connection"
        case .tls: "TLS failed"
        case .timedOut(.connect): "timed out while connecting"
        case .timedOut(.stall): "timed out: no byte moved"
        case .timedOut(.firstByte): "timed out waiting for the answer"
        case .timedOut(.total): "took too long"
        case .connectionLost: "connection lost"
        case .sendIncomplete: "answered before the body was sent"
        case .responseTooLarge: "the answer is too large"
        case .truncatedResponse: "the answer was cut off"
        case .cancelled: "cancelled"
        case .badRequest: "bad request"
        case .badResponse: "not an HTTP answer"
        case .other: "failed"
        }
    }
}
