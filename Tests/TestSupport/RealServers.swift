internal import Glibc
package import SystemPackage
package import Testing

/// An object store that is not ours, which `Tests/Servers/run` starts on loopback for the time of a test run.
package enum RealServer: String, CaseIterable, Sendable {
    /// Ceph's object gateway: S3.
    case rgw
    /// The same gateway behind TLS, with a certificate by an authority that was made for the run.
    case rgwTLS
    /// moto, which stands in for AWS and checks signatures: S3.
    case moto
    /// OpenStack Swift's S3 interface.
    case swift
    /// gcp-storage-emulator: Google Cloud Storage's JSON API.
    case googleCloudEmulator

    /// How one is reached.
    package struct Access: Sendable {
        /// Scheme, host and port, without a path.
        package let url: String
        /// A bucket for all tests: each takes a prefix of its own there.
        package let bucket: String
        /// Nil if the server asks for none.
        package let keys: Keys?
        /// What vouches for the server's certificate, in PEM form; nil without TLS.
        package let caFile: FilePath?
        /// The region that requests are signed for.
        package let region = "us-east-1"
    }

    package struct Keys: Sendable {
        package let access: String
        package let secret: String
    }

    /// Nil if the server does not run.
    package var access: Access? {
        switch self {
        case .rgw: Self.access("RGW", url: "URL")
        case .rgwTLS: Self.access("RGW", url: "TLS_URL", ca: "CA")
        case .moto: Self.access("MOTO", url: "URL")
        case .swift: Self.access("SWIFT", url: "URL")
        case .googleCloudEmulator: Self.access("GCS", url: "URL", hasKeys: false)
        }
    }

    /// Those that run, in the order of their cases.
    package static var running: [RealServer] { allCases.filter { $0.access != nil } }

    /// Whether a server that does not run is a failure instead of a test that is skipped: where `CI` is `true`, unless
    /// `RINGVAULT_TEST_SERVERS` is `none`.
    package static var areRequired: Bool {
        environment("CI") == "true" && environment("RINGVAULT_TEST_SERVERS") != "none"
    }

    private static func access(_ name: String, url: String, ca: String? = nil, hasKeys: Bool = true) -> Access? {
        func value(_ variable: String) -> String? { environment("RINGVAULT_TEST_\(name)_\(variable)") }
        guard let url = value(url), let bucket = value("BUCKET") else { return nil }
        var keys: Keys?
        if hasKeys {
            guard let access = value("ACCESS_KEY"), let secret = value("SECRET_KEY") else { return nil }
            keys = Keys(access: access, secret: secret)
        }
        guard let ca else { return Access(url: url, bucket: bucket, keys: keys, caFile: nil) }
        return value(ca).map { Access(url: url, bucket: bucket, keys: keys, caFile: FilePath($0)) }
    }

    /// Nil also for an empty value.
    private static func environment(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        let text = unsafe String(cString: value)
        return text.isEmpty ? nil : text
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips a test whose server does not run; `RealServerTests` fails where it must.
    package static func running(_ server: RealServer) -> Self {
        .enabled(
            if: server.access != nil,
            "needs the server \(server.rawValue): make test, or Tests/Servers/run -- swift test"
        )
    }
}
