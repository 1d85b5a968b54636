package import SystemPackage

/// How a client reaches servers; the same for all its requests.
package struct HTTPSettings: Sendable {
    /// For requests that bring no timeouts of their own.
    package var timeouts = HTTPTimeouts()
    /// Requests under way at one host and port at a time; more of them wait their turn.
    package var connectionsPerHost = 64
    /// Requests under way at a time; more of them wait their turn.
    package var connections = 128
    /// The URL of a proxy, `http` or `https`, for every host not in `noProxy`; nil for none.
    ///
    /// User and password may stand in it, percent-encoded; they are never shown. An `https` one is checked as any
    /// server is.
    ///
    /// The environment's `http_proxy` and its like do not count: who reads settings decides whether they do.
    package var proxy: String? {
        get { secureProxy }
        set { (secureProxy, plainProxy) = (newValue, newValue) }
    }
    /// The proxy of requests by `https` alone.
    package var secureProxy: String?
    /// The proxy of requests by `http` alone.
    package var plainProxy: String?
    /// Hosts and domains that are reached without the proxy; `*` for all.
    ///
    /// As in CURLOPT_NOPROXY.
    package var noProxy: [String] = []
    /// Certificates in PEM form that are trusted beside those in the system's directory.
    package var caFile: FilePath?
    /// Whether those in `caFile` are trusted alone: for a service with an authority of its own, which nobody else's
    /// certificate must pass for.
    package var trustsOnlyCAFile = false
    /// Our certificate in PEM form, with those between it and its authority after it, for servers that ask for one.
    ///
    /// The file is read for each new connection, so that a renewed one counts.
    package var clientCertificate: FilePath?
    /// The key of `clientCertificate` in PEM form, without a passphrase; nil: it is in the same file.
    package var clientKey: FilePath?
    package var userAgent = "ringvault"
    /// Bytes that libcurl reads at a time, for each connection; at most 512 KiB count.
    ///
    /// 16 KiB, libcurl's own, cost half the throughput (curl issue 2888).
    package var receiveSize = 512 * 1024
    /// Bytes that libcurl sends at a time, for each connection; at most 2 MiB count.
    ///
    /// They are copied before they are sent: what is copied is to be in the core's second-level cache still, and many
    /// connections at a distant store are not to take much memory.
    package var sendSize = 128 * 1024

    /// The addresses of hosts for which no name server is to be asked: "host:port" in lower case, to IPv4 or IPv6
    /// addresses.
    ///
    /// New connections take turns among them, and go on to the next where one cannot be reached.
    package var addresses: [String: [String]] = [:]
    /// Body bytes sent a second, by all who share the bucket; may be changed while requests are under way.
    package var uploadLimit = TokenBucket(.unlimited)
    /// Body bytes received a second, those of error answers included.
    package var downloadLimit = TokenBucket(.unlimited)

    package init() {}
}
