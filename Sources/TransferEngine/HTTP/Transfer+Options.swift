internal import CCurl
internal import Glibc
internal import SystemPackage

extension Transfer {
    /// Sets everything that libcurl is to know of this request; `easy` is new or was reset.
    ///
    /// - Parameter turn: counts transfers; picks the first of the addresses that the settings name for a host.
    func configure(
        _ easy: EasyHandle,
        _ settings: HTTPSettings,
        _ multi: MultiHandle,
        turn: Int
    ) throws(EasyHandle.Refusal) {
        try easy.keepWords()
        try multi.shareSessions(with: easy)
        try setRequest(easy)
        try setNetwork(easy, settings)
        try setAddresses(easy, settings, turn)
        try setTrust(easy, settings)
        try setCallbacks(easy)
    }

    private func setRequest(_ easy: EasyHandle) throws(EasyHandle.Refusal) {
        try easy.set(CURLOPT_URL, request.url)
        try easy.set(CURLOPT_PATH_AS_IS, 1)  // `a/../b` is a key in its own right, and was signed as it stands
        try easy.set(CURLOPT_PROTOCOLS_STR, "http,https")
        try easy.set(CURLOPT_FOLLOWLOCATION, 0)
        try easy.set(CURLOPT_NETRC, 0)
        try easy.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        switch request.method {
        case .get: try easy.set(CURLOPT_HTTPGET, 1)
        case .head: try easy.set(CURLOPT_NOBODY, 1)
        case .put, .post:
            // Both as uploads: a POST that libcurl knows as such gets a content type of its own.
            try easy.set(CURLOPT_UPLOAD, 1)
            try easy.set(CURLOPT_INFILESIZE_LARGE, offset: bodySize)
            if request.method == .post { try easy.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue) }
        case .delete:
            try easy.set(CURLOPT_HTTPGET, 1)
            try easy.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        }
        // Waiting for "100 Continue" costs a second at every server that does not send it.
        let lines = request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        try easy.setHeaders(lines + ["Expect:"])
    }

    private func setNetwork(_ easy: EasyHandle, _ settings: HTTPSettings) throws(EasyHandle.Refusal) {
        try easy.set(CURLOPT_NOSIGNAL, 1)
        try easy.set(CURLOPT_USERAGENT, settings.userAgent)
        try easy.set(CURLOPT_MAXCONNECTS, settings.connections * 2)
        try easy.set(CURLOPT_BUFFERSIZE, receiveSize(settings))
        try easy.set(CURLOPT_UPLOAD_BUFFERSIZE, settings.sendSize)
        try easy.set(CURLOPT_TCP_KEEPALIVE, 1)
        try easy.set(CURLOPT_TCP_KEEPIDLE, 60)
        try easy.set(CURLOPT_TCP_KEEPINTVL, 15)
        // Else ending a transfer while its name is looked up joins the resolver's thread: a slow name server would
        // hold up every other transfer (curl issues 4852 and 8515). The thread then frees its own memory.
        try easy.set(CURLOPT_QUICK_EXIT, 1)
        // Our clock decides; libcurl has to know the limit to share it out among a host's addresses.
        let limit = timeouts.connect.components
        try easy.set(
            CURLOPT_CONNECTTIMEOUT_MS,
            max(1, Int(limit.seconds) * 1000 + Int(limit.attoseconds / 1_000_000_000_000_000))
        )
        // Empty strings, not unset options: those would be taken from the environment.
        try easy.set(CURLOPT_PROXY, settings.proxy(for: request.url) ?? "")
        try easy.set(CURLOPT_NOPROXY, settings.noProxy.joined(separator: ","))
        try easy.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    }

    /// Spreads connections over all addresses of a host: stores spread their load by them, and bind a slow or broken
    /// machine to one.
    private func setAddresses(_ easy: EasyHandle, _ settings: HTTPSettings, _ turn: Int) throws(EasyHandle.Refusal) {
        // libcurl shuffles the addresses of a name as it caches them. So from its cache every new connection would go
        // to the same one; without, each new connection has a look-up of its own, and a reused one has none.
        try easy.set(CURLOPT_DNS_CACHE_TIMEOUT, 0)
        let pinned = settings.addresses.filter { !$0.value.isEmpty }
        // Pinned ones are shuffled as well, but taking turns spreads a few connections better than chance does.
        try easy.set(CURLOPT_DNS_SHUFFLE_ADDRESSES, request.authority.map { pinned[$0] == nil } == false ? 0 : 1)
        let lines = pinned.map { host, addresses in
            let first = turn % addresses.count
            return "\(host):" + (addresses[first...] + addresses[..<first]).joined(separator: ",")
        }
        try easy.setAddresses(lines)
    }

    /// Bytes that libcurl reads from a socket at a time.
    ///
    /// Under a limit no more than ten milliseconds' worth: what it has read and may not hand over yet, it copies.
    private func receiveSize(_ settings: HTTPSettings) -> Int {
        guard let rate = settings.downloadLimit.rate.bytesPerSecond else { return settings.receiveSize }
        return min(settings.receiveSize, max(4096, Int(clamping: rate / 100)))
    }

    private func setTrust(_ easy: EasyHandle, _ settings: HTTPSettings) throws(EasyHandle.Refusal) {
        try easy.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        try easy.set(CURLOPT_PROXY_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let certificate = settings.clientCertificate {
            try easy.set(CURLOPT_SSLCERT, certificate.string)
            try easy.set(CURLOPT_SSLKEY, (settings.clientKey ?? certificate).string)
            // Without it OpenSSL would ask the terminal for the passphrase of an encrypted key.
            try easy.set(CURLOPT_KEYPASSWD, "")
        }
        guard let file = settings.caFile?.string else { return }
        try easy.set(CURLOPT_CAINFO, file)
        try easy.set(CURLOPT_PROXY_CAINFO, file)
        if settings.trustsOnlyCAFile { try easy.clear(CURLOPT_CAPATH) }
    }

    private func setCallbacks(_ easy: EasyHandle) throws(EasyHandle.Refusal) {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        try unsafe easy.set(CURLOPT_PRIVATE, pointer: context)
        try easy.check(unsafe ccurl_set_read(easy.raw, readBody, context), CURLOPT_READFUNCTION)
        try easy.check(unsafe ccurl_set_seek(easy.raw, seekBody, context), CURLOPT_SEEKFUNCTION)
        try easy.check(unsafe ccurl_set_header(easy.raw, takeHeader, context), CURLOPT_HEADERFUNCTION)
        try easy.check(unsafe ccurl_set_write(easy.raw, takeBody, context), CURLOPT_WRITEFUNCTION)
        try easy.check(unsafe ccurl_set_progress(easy.raw, noteProgress, context), CURLOPT_XFERINFOFUNCTION)
        try easy.check(unsafe ccurl_set_socket(easy.raw, noteSocket, context), CURLOPT_SOCKOPTFUNCTION)
        try easy.check(unsafe ccurl_set_request(easy.raw, noteRequest, context), CURLOPT_PREREQFUNCTION)
    }

    /// The transfer that a callback, or a message of the multi handle, is about.
    static func from(_ context: UnsafeMutableRawPointer?) -> Transfer {
        // Our own pointer, set above; the table keeps the transfer alive while libcurl may call back.
        // swift-format-ignore: NeverForceUnwrap
        unsafe Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue()
    }
}

// libcurl calls these inside `MultiHandle.perform`, on the loop's thread.

private let readBody: ccurl_bytes_function = { bytes, size, count, context in
    let buffer = unsafe UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
    return unsafe Transfer.from(context).read(into: buffer) ?? Int(CURL_READFUNC_PAUSE)
}

private let seekBody: ccurl_seek_function = { context, offset, origin in
    let isDone = unsafe origin == SEEK_SET && Transfer.from(context).seek(to: Int(offset))
    return isDone ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
}

// A count other than the one given stops the transfer, so 0 would not do for an empty line: there is none.
private let takeHeader: ccurl_bytes_function = { bytes, size, count, context in
    let line = unsafe String(decoding: UnsafeRawBufferPointer(start: bytes, count: size * count), as: UTF8.self)
    return unsafe Transfer.from(context).receiveHead(line) ? size * count : 0
}

private let takeBody: ccurl_bytes_function = { bytes, size, count, context in
    let buffer = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    return switch unsafe Transfer.from(context).receiveBody(buffer) {
    case .taken: size * count
    case .held: Int(CURL_WRITEFUNC_PAUSE)
    case .refused: 0
    }
}

private let noteProgress: ccurl_progress_function = { context, _, _, _, uploaded in
    unsafe Transfer.from(context).report(sent: Int(uploaded))
    return 0
}

private let noteSocket: ccurl_socket_function = { context, _, _ in
    unsafe Transfer.from(context).clocks.connecting(at: .now)
    return CURL_SOCKOPT_OK
}

private let noteRequest: ccurl_request_function = { context, _, _, _, _ in
    unsafe Transfer.from(context).clocks.requestStarted(at: .now)
    return CURL_PREREQFUNC_OK
}
