/// rclone, as it is by default, and with more transfers and parts at a time.
///
/// That is what its documentation recommends where there is memory for them. https://rclone.org/s3/#multipart-uploads
enum Rclone {
    static let tool = Tool("rclone", version: ["version"])

    enum Tuning {
        /// Four transfers, four parts of 5 MiB of each.
        case standard
        case moreAtATime

        var name: String { self == .standard ? "rclone" : "rclone, 16 transfers" }
        var options: [String] {
            self == .standard
                ? []
                : [
                    "--transfers", "16", "--checkers", "16", "--s3-upload-concurrency", "8", "--s3-chunk-size", "16M",
                    "--no-traverse",
                ]
        }
    }

    static func upload(_ data: String, to bucket: S3Bucket, prefix: String, _ tuning: Tuning) -> Contender {
        Contender(
            tool: tool,
            name: tuning.name,
            environment: environment(bucket),
            steps: [
                Contender.Step(
                    job: .upload,
                    arguments: ["rclone", "copy", "--s3-no-check-bucket"] + tuning.options
                        + [data, "bench:\(bucket.name)/\(prefix)"],
                    stores: .prefix(prefix),
                    mustStoreAll: true
                )
            ]
        )
    }

    static func environment(_ bucket: S3Bucket) -> [String: String] {
        bucket.environment.merging(
            [
                "RCLONE_CONFIG": "/dev/null", "RCLONE_CONFIG_BENCH_TYPE": "s3",
                "RCLONE_CONFIG_BENCH_PROVIDER": "Other", "RCLONE_CONFIG_BENCH_ENV_AUTH": "true",
                "RCLONE_CONFIG_BENCH_ENDPOINT": bucket.endpoint, "RCLONE_CONFIG_BENCH_REGION": "us-east-1",
            ]
        ) { _, new in new }
    }
}
