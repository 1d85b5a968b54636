/// What a store can be asked below what `ObjectStore` promises: to find out what it really honours.
///
/// Nothing is repeated here and nothing made good: an answer is told as it came.
package protocol StoreProbe: Sendable {
    /// How bytes get to the store.
    var transport: StoreTransport { get }

    /// Whether several objects are removed with one request, as far as the store has not refused that.
    var deletesInBatches: Bool { get }

    /// A create-only put as the store itself decides it, without a look first whether the object is there.
    ///
    /// - Returns: nil if the store refuses the condition as such; the object is written then.
    func putOnlyIfAbsent(_ bytes: [UInt8], at key: ObjectKey) async throws(StoreError) -> PutResult?

    /// Sends bodies that are not what their checks say, which a store that looks at these must refuse.
    ///
    /// - Parameter key: holds one of the bodies afterwards if the store took it.
    /// - Returns: every check that a put sends now; none where bytes do not travel.
    func uploadChecks(at key: ObjectKey) async throws(StoreError) -> [UploadCheck]

    /// Seconds that the store's clock is ahead of ours; nil if it tells no time, or its time decides nothing.
    ///
    /// - Parameter key: asked for; it need not be there.
    func clockDifference(askingFor key: ObjectKey) async throws(StoreError) -> Int64?

    /// Looks at what is there before the first object below `segment` is put.
    ///
    /// - Returns: removes what such objects leave behind when they are gone, as directories.
    func tidier(for segment: String) async -> @Sendable () async -> Void
}

extension StoreProbe {
    package func tidier(for segment: String) async -> @Sendable () async -> Void { {} }
}

/// Something that is sent with a body so that the store notices damage on the way.
package struct UploadCheck: Sendable, Hashable {
    /// `crc32c`, `signed SHA-256`.
    package let name: String
    /// Whether the store refused a body that does not fit.
    package let isEnforced: Bool

    package init(name: String, isEnforced: Bool) {
        self.name = name
        self.isEnforced = isEnforced
    }
}

/// How bytes get to a store.
package enum StoreTransport: Sendable, Hashable {
    /// By system calls; what a mounted file system does with them is its own.
    case files
    /// TLS, with the certificate checked.
    case tls(host: String)
    /// HTTP without TLS.
    case plain(host: String)

    /// - Parameter url: where requests go: `https://host:443/path`.
    init(url: String) {
        let isTLS = url.utf8.starts(with: "https://".utf8)
        let authority = url.dropFirst(isTLS ? 8 : 7).prefix { $0 != "/" && $0 != "?" }
        let end = authority.last == "]" ? nil : authority.lastIndex(of: ":")
        let host = String(authority[..<(end ?? authority.endIndex)]).lowercased()
        self = isTLS ? .tls(host: host) : .plain(host: host)
    }

    /// Whether the bytes leave this machine in a form that others can read.
    package var isExposed: Bool {
        guard case .plain(let host) = self else { return false }
        let isLoopback = host == "localhost" || host == "[::1]" || host.hasPrefix("127.")
        return !isLoopback
    }
}
