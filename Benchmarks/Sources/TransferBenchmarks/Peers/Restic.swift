/// restic, with what its manual recommends for fast machines.
///
/// Larger packs, compression as it is by default since repository version 2 (automatic), the cache in memory as everything.
/// https://restic.readthedocs.io/en/stable/047_tuning_backup_parameters.html
enum Restic {
    static let tool = Tool("restic", version: ["version"])

    static func contender(_ source: Source) -> Contender {
        let repository = source.scratch + "/restic"
        return contender(source, "restic", repository, stores: .directory(repository), environment: [:])
    }

    /// To a server that speaks S3.
    static func contender(_ source: Source, _ bucket: S3Bucket, prefix: String) -> Contender {
        let repository = "s3:\(bucket.endpoint)/\(bucket.name)/\(prefix)"
        return contender(source, "restic", repository, stores: .prefix(prefix), environment: bucket.environment)
    }

    private static func contender(
        _ source: Source,
        _ name: String,
        _ repository: String,
        stores: Contender.Place,
        environment: [String: String]
    ) -> Contender {
        let common = ["restic", "--repo", repository, "--cache-dir", source.scratch + "/cache", "--quiet"]
        let backup = common + ["--pack-size", "64", "backup", source.data]
        return Contender(
            tool: tool,
            name: name,
            environment: environment.merging(["RESTIC_PASSWORD": "benchmark"]) { _, new in new },
            preparation: [common + ["init"]],
            steps: [
                Contender.Step(job: .backup, arguments: backup, stores: stores),
                Contender.Step(job: .unchanged, arguments: backup, stores: stores),
                Contender.Step(job: .changed, arguments: backup, before: [source.change], stores: stores),
                Contender.Step(job: .look, arguments: common + ["check"]),
                Contender.Step(job: .verify, arguments: common + ["check", "--read-data"]),
                Contender.Step(
                    job: .restore,
                    arguments: common + ["restore", "latest", "--target", source.target],
                    restores: source.target
                ),
            ]
        )
    }
}
