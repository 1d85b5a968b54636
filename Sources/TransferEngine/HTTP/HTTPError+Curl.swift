internal import CCurl

extension HTTPError {
    /// CURLE_SSL_CONNECT_ERROR.
    static var handshakeFailed: Int { Int(CURLE_SSL_CONNECT_ERROR.rawValue) }
}

extension HTTPError.Code {
    /// What a `CURLcode` means for the caller.
    ///
    /// - Parameter phase: what the transfer waited for; a timeout inside libcurl can only be one of connecting, since
    ///   the other clocks are ours.
    init(_ code: CURLcode, in phase: TransferClocks.Phase) {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: self = .couldNotResolve
        case CURLE_COULDNT_CONNECT, CURLE_PROXY, CURLE_INTERFACE_FAILED, CURLE_NO_CONNECTION_AVAILABLE:
            self = .couldNotConnect
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_ENGINE_NOTFOUND,
            CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT:
            self = .tls
        case CURLE_OPERATION_TIMEDOUT: self = .timedOut(phase == .connection ? .connect : .stall)
        case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_SSL_SHUTDOWN_FAILED:
            // Through a proxy, the tunnel may be what broke.
            self = phase == .connection ? .couldNotConnect : .connectionLost
        case CURLE_SEND_FAIL_REWIND: self = .connectionLost
        case CURLE_PARTIAL_FILE: self = .truncatedResponse
        case CURLE_URL_MALFORMAT, CURLE_SETOPT_OPTION_SYNTAX: self = .badRequest
        // Of a URL, or of an answer that would have to be HTTP/0.9.
        case CURLE_UNSUPPORTED_PROTOCOL: self = phase == .connection ? .badRequest : .badResponse
        case CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING: self = .badResponse
        default: self = .other
        }
    }
}
