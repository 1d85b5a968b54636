/// The program this is all about, as a user runs it.
struct Ringvault: Sendable {
    let binary: String
    /// Where it keeps journals; below the run's directory, so that nothing is left over.
    let state: String

    var tool: Tool { Tool("ringvault", program: binary) }

    /// How it is set, as far as that is not the default.
    struct Setting: Sendable {
        var compression: String?
        /// Of `--memory`.
        var memory: String?
        /// Of `--connections`.
        var connections: Int?
        /// Of the vault: `--chunk-size`.
        var chunk: Int?

        var options: [String] {
            (compression.map { ["--compression", $0] } ?? []) + (memory.map { ["--memory", $0] } ?? [])
                + (connections.map { ["--connections", "\($0)"] } ?? [])
        }
        /// As rows say it: `zstd, 64MiB`.
        var name: String {
            ([compression ?? "auto"] + [memory, connections.map { "\($0) connections" }].compactMap { $0 })
                .joined(separator: ", ")
        }
    }

    /// A vault somewhere.
    struct Vault: Sendable {
        let options: [String]
        var environment: [String: String] = [:]
        let place: Contender.Place

        static func directory(_ path: String) -> Vault {
            Vault(options: ["--location", "file://" + path], place: .directory(path))
        }

        static func bucket(_ bucket: S3Bucket, prefix: String) -> Vault {
            Vault(
                options: ["--location", "s3://\(bucket.name)/\(prefix)", "--endpoint", bucket.endpoint],
                environment: bucket.environment,
                place: .prefix(prefix)
            )
        }
    }

    func backup(_ name: String, _ source: Source, _ vault: Vault, _ setting: Setting = Setting()) -> [String] {
        backup(name, data: source.data, snapshot: source.snapshot, vault, setting)
    }

    func backup(
        _ name: String,
        data: String,
        snapshot: String,
        _ vault: Vault,
        _ setting: Setting = Setting()
    ) -> [String] {
        [binary, "backup", "start", "--name", name, "--data-dir", data, "--snapshot", snapshot] + setting.options
            + ["--state-dir", state] + common(vault)
    }

    func initiate(_ vault: Vault, _ setting: Setting) -> [String] {
        [binary, "vault", "init"] + (setting.chunk.map { ["--chunk-size", "\($0)"] } ?? []) + common(vault)
    }

    func list(_ vault: Vault) -> [String] { [binary, "backup", "list"] + common(vault) }

    func verify(_ name: String, _ vault: Vault, level: String) -> [String] {
        [binary, "backup", "verify", name, "--level", level] + common(vault)
    }

    func check(_ vault: Vault, level: String) -> [String] {
        [binary, "vault", "check", "--level", level] + common(vault)
    }

    func restore(_ name: String, _ vault: Vault, target: String) -> [String] {
        [binary, "restore", "start", "--name", name, "--target", target, "--state-dir", state] + common(vault)
    }

    private func common(_ vault: Vault) -> [String] { vault.options + ["--log-level", "warning"] }

    /// One backup only.
    func upload(_ source: Source, to vault: Vault, _ setting: Setting) -> Contender {
        Contender(
            tool: tool,
            name: "ringvault " + setting.name,
            environment: vault.environment,
            preparation: setting.chunk == nil ? [] : [initiate(vault, setting)],
            steps: [
                Contender.Step(
                    job: .upload,
                    arguments: backup("first", source, vault, setting),
                    stores: vault.place,
                    mustStoreAll: setting.compression == "none"
                )
            ]
        )
    }

    /// Everything that is asked of a program that backs up.
    func all(_ source: Source, in vault: Vault, _ setting: Setting) -> Contender {
        func backup(_ job: Job, _ name: String, before: [[String]] = []) -> Contender.Step {
            Contender.Step(
                job: job,
                arguments: self.backup(name, source, vault, setting) + ["--output", "json"],
                before: before,
                stores: vault.place,
                tellsReading: true
            )
        }
        return Contender(
            tool: tool,
            name: "ringvault " + setting.name,
            environment: vault.environment,
            steps: [
                backup(.backup, "first"), backup(.unchanged, "second"),
                backup(.changed, "third", before: [source.change]),
                Contender.Step(job: .look, arguments: verify("third", vault, level: "list")),
                Contender.Step(job: .verify, arguments: check(vault, level: "full")),
                Contender.Step(
                    job: .restore,
                    arguments: restore("third", vault, target: source.target),
                    restores: source.target
                ),
            ]
        )
    }
}
