package import SystemPackage

/// How a service beside the node is reached by HTTP.
package struct NodeAPISettings: Sendable {
    /// `https://127.0.0.1:8080`; a path before those of the API may follow, and a query, which then goes with every
    /// request: Sidecar's `?instanceId=2`.
    package var url: String
    /// Certificates (PEM) that the server's own must come from; nil: those of the system.
    package var caFile: FilePath?
    /// Our certificate (PEM), for a server that asks for one.
    package var certificate: FilePath?
    /// Its key (PEM), without a passphrase; nil: it is in the same file.
    package var key: FilePath?
    /// A file with a bearer token; it is read for each request, since such tokens are renewed.
    package var tokenFile: FilePath?
    /// For what only looks.
    package var lookTimeout = Duration.seconds(60)
    /// For snapshots, flushes and loading.
    package var workTimeout = Duration.seconds(600)

    package init(url: String) {
        self.url = url
    }
}
