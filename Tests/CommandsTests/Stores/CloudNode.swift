import SystemPackage
import TestSupport
import Testing
import TransferEngine

/// A node with a snapshot to back up, a home and a place for secrets, in a directory of a test's own.
struct CloudNode {
    static let host = "11111111-2222-3333-4444-555555555555"
    private static let table = "shop/orders-3e2816e0e53811f1916b25b74eacdfa4"

    let root: FilePath

    init(in root: FilePath, files: Int = 3, size: Int = 5000) throws {
        self.root = root
        try FileTree.makeDirectories(snapshot)
        for name in ["home", "tmp", "secrets"] { try FileTree.makeDirectories(root.appending(name)) }
        for index in 0..<files {
            try makeFile(
                snapshot.appending("nb-\(index + 1)-big-Data.db"),
                Content.random(size, seed: UInt64(index + 1))
            )
        }
    }

    private var snapshot: FilePath { root.appending("data/\(Self.table)/snapshots/daily") }

    /// Nothing of the machine's own: no identity service is looked for where a test does not name one.
    var environment: [String: String] {
        [
            "HOME": "\(root)/home", "RINGVAULT_STATE_DIR": "\(root)/state", "TMPDIR": "\(root)/tmp",
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_GCE_CHECK": "true", "AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://127.0.0.1:1",
        ]
    }

    /// `backup start`, but for the name and the store.
    var backup: [String] {
        [
            "backup", "start", "--data-dir", "\(root)/data", "--snapshot", "daily", "--host-id", Self.host,
            "--memory", "64MiB",
        ]
    }

    /// `restore start`, but for the name and the store.
    var restore: [String] { ["restore", "start", "--target", "\(root)/out", "--memory", "64MiB"] }

    /// The snapshot's files, by name.
    func original() throws -> [String: [UInt8]] { try Self.files(in: snapshot) }

    /// What a restore made of them.
    func restored() throws -> [String: [UInt8]] { try Self.files(in: root.appending("out/\(Self.table)")) }

    func addFile(_ name: String, _ bytes: [UInt8]) throws { try makeFile(snapshot.appending(name), bytes) }

    /// Runs the program with this node's environment.
    func run(_ arguments: [String], _ environment: [String: String] = [:]) async throws -> Program.Answer {
        try await Program.run(arguments, environment: self.environment.merging(environment) { $1 })
    }

    /// The same; it is interrupted when it repeats a request, since it would go on for a minute.
    func runOnce(_ arguments: [String], _ environment: [String: String] = [:]) async throws -> Program.Answer {
        try await Program.run(
            arguments,
            environment: self.environment.merging(environment) { $1 },
            interruptedAfter: "is repeated"
        )
    }

    // MARK: Secrets

    /// A file with a secret; its path.
    func secretFile(_ name: String, _ text: String) throws -> String {
        let path = root.appending("secrets/\(name)")
        try makeFile(path, Array(text.utf8))
        return path.string
    }

    /// A Secret as Kubernetes mounts it: each name is a link through `..data` into a directory that is replaced whole.
    func mountedSecret(_ values: [String: String], _ name: String = "mounted") throws -> String {
        let directory = root.appending("secrets/\(name)")
        let version = "..2026_11_20_03_00_00.123456789"
        try FileTree.makeDirectories(directory.appending(version))
        try makeLink(to: FilePath(version), at: directory.appending("..data"))
        for (key, value) in values {
            try makeFile(directory.appending(version).appending(key), Array(value.utf8))
            try makeLink(to: FilePath("..data/\(key)"), at: directory.appending(key))
        }
        return directory.string
    }

    // MARK: What lies on the disk

    /// Every file below the node's directory but those with the secrets themselves.
    func filesBesideSecrets() throws -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        for name in try DirectoryListing(of: root).names where name != "secrets" {
            try Self.collect(root.appending(name), into: &found)
        }
        return found
    }

    private static func collect(_ path: FilePath, into found: inout [String: [UInt8]]) throws {
        guard try FileStatus(of: path).kind == .directory else {
            found[path.string] = try SmallFile.bytes(of: path, limit: .max)
            return
        }
        for name in try DirectoryListing(of: path).names { try collect(path.appending(name), into: &found) }
    }

    private static func files(in directory: FilePath) throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for name in try DirectoryListing(of: directory).names {
            files[name] = try SmallFile.bytes(of: directory.appending(name), limit: .max)
        }
        return files
    }
}

extension CloudProvider: CustomTestStringConvertible {
    /// Where the one bucket is.
    var location: String { "\(rawValue)://\(FakeCloud.bucket)" }

    public var testDescription: String { rawValue }

    /// The keys of who owns the bucket, as a Secret of the predecessors has them.
    func secret(for cloud: FakeCloud) -> [String: String] {
        switch self {
        case .s3:
            [
                "awsaccesskeyid": FakeCloud.accessKey, "awssecretaccesskey": FakeCloud.secretKey,
                "awsregion": cloud.options.region,
            ]
        case .azure: ["azurestorageaccount": FakeCloud.account, "azurestoragekey": FakeCloud.accountKey]
        case .googleCloud: ["gcp": cloud.serviceAccountKey]
        }
    }
}

extension Program.Answer {
    /// Whether it ended as wrong use with one line for people that holds `words`.
    func isUsageError(naming words: String) -> Bool {
        status == 64 && errors.split(separator: "\n").count == 1 && errors.contains(words)
    }
}
