/// One program with one way to use it: steps that follow each other in one empty directory.
struct Contender: Sendable {
    struct Step: Sendable {
        /// `backup`, `unchanged backup`, `restore`, `upload`.
        let name: String
        let arguments: [String]
        /// The directory whose growth is what the step stored.
        var stores: String?
        /// The directory that must now hold the data's files again.
        var restores: String?
        /// Whether the step is of no worth unless it stores as many bytes as the data have.
        var mustStoreAll = false
    }

    let name: String
    /// What `PATH` must have, and the word that makes it tell its version.
    let tool: (program: String, version: [String])
    var environment: [String: String] = [:]
    /// Commands that are not measured, such as making a repository.
    var preparation: [[String]] = []
    let steps: [Step]

    /// Everybody who backs up from directory to directory.
    ///
    /// - Parameters:
    ///   - files: the snapshot's files, below `data`.
    ///   - scratch: is made before the first step and removed after the last.
    static func all(binary: String, data: String, scratch: String) -> [Contender] {
        [copyAndHash(data, scratch), zstd(data, scratch, level: 1), zstd(data, scratch, level: 3)]
            + ["none", "lz4", "zstd"].map { ringvault(binary, data, scratch, compression: $0, isWhole: false) }
            + [
                ringvault(binary, data, scratch, compression: "auto", isWhole: true),
                restic(data, scratch), borg(data, scratch),
            ]
    }

    /// What any backup must at least do: read everything, write it elsewhere, hash it.
    private static func copyAndHash(_ data: String, _ scratch: String) -> Contender {
        let script = "cp -r \"$1\" \"$2\" && find \"$1\" -type f -print0 | xargs -0 sha256sum > \"$2/SHA256SUMS\""
        return Contender(
            name: "cp -r + sha256sum",
            tool: ("cp", ["cp", "--version"]),
            steps: [
                Step(
                    name: "backup",
                    arguments: ["sh", "-c", script, "sh", data, scratch + "/copy"],
                    stores: scratch + "/copy"
                )
            ]
        )
    }

    private static func zstd(_ data: String, _ scratch: String, level: Int) -> Contender {
        let output = scratch + "/compressed"
        return Contender(
            name: "zstd -\(level) -T0",
            tool: ("zstd", ["zstd", "--version"]),
            steps: [
                Step(
                    name: "backup",
                    arguments: ["zstd", "-\(level)", "-T0", "-q", "-r", data, "--output-dir-mirror", output],
                    stores: output
                )
            ]
        )
    }

    private static func ringvault(
        _ binary: String,
        _ data: String,
        _ scratch: String,
        compression: String,
        isWhole: Bool
    ) -> Contender {
        let vault = scratch + "/vault"
        let common = ["--location", "file://" + vault, "--log-level", "warning"]
        func backup(_ name: String) -> [String] {
            [binary, "backup", "start", "--name", name, "--data-dir", data, "--snapshot", DataSet.snapshot]
                + ["--compression", compression] + common
        }
        var steps = [Step(name: "backup", arguments: backup("first"), stores: vault)]
        if isWhole {
            steps.append(Step(name: "unchanged backup", arguments: backup("second"), stores: vault))
            let target = scratch + "/restored"
            steps.append(
                Step(
                    name: "restore",
                    arguments: [binary, "restore", "start", "--name", "second", "--target", target] + common,
                    restores: target
                )
            )
        }
        return Contender(name: "ringvault \(compression)", tool: (binary, [binary, "--version"]), steps: steps)
    }

    private static func restic(_ data: String, _ scratch: String) -> Contender {
        let repository = scratch + "/restic"
        let common = ["restic", "--repo", repository, "--cache-dir", scratch + "/cache", "--quiet"]
        return Contender(
            name: "restic",
            tool: ("restic", ["restic", "version"]),
            environment: ["RESTIC_PASSWORD": "benchmark"],
            preparation: [common + ["init"]],
            steps: [
                Step(name: "backup", arguments: common + ["backup", data], stores: repository),
                Step(name: "unchanged backup", arguments: common + ["backup", data], stores: repository),
                Step(
                    name: "restore",
                    arguments: common + ["restore", "latest", "--target", scratch + "/restored"],
                    restores: scratch + "/restored"
                ),
            ]
        )
    }

    private static func borg(_ data: String, _ scratch: String) -> Contender {
        let repository = scratch + "/borg"
        let create = ["borg", "create", "--compression", "zstd,3"]
        return Contender(
            name: "borg zstd,3",
            tool: ("borg", ["borg", "--version"]),
            environment: ["BORG_BASE_DIR": scratch + "/base", "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes"],
            preparation: [["borg", "init", "--encryption", "none", repository]],
            steps: [
                Step(name: "backup", arguments: create + [repository + "::first", data], stores: repository),
                Step(
                    name: "unchanged backup",
                    arguments: create + [repository + "::second", data],
                    stores: repository
                ),
                Step(
                    name: "restore",
                    arguments: ["env", "-C", scratch + "/restored", "borg", "extract", repository + "::second"],
                    restores: scratch + "/restored"
                ),
            ]
        )
    }
}
