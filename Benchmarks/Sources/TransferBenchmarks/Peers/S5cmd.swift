/// s5cmd, which many take for the fastest client of S3.
///
/// "If you have a few, large files", its documentation says, more parts of each at a time may help, and fewer workers.
/// https://github.com/peak/s5cmd#configuring-concurrency
enum S5cmd {
    static let tool = Tool("s5cmd", version: ["version"])

    enum Tuning {
        /// 256 workers, five parts of a file at a time.
        case standard
        case fewLargeFiles

        var name: String { self == .standard ? "s5cmd" : "s5cmd, concurrency 10" }
        var global: [String] { self == .standard ? [] : ["--numworkers", "10"] }
        var copy: [String] { self == .standard ? [] : ["--concurrency", "10"] }
    }

    static func upload(_ data: String, to bucket: S3Bucket, prefix: String, _ tuning: Tuning) -> Contender {
        let command = ["s5cmd", "--log", "error", "--endpoint-url", bucket.endpoint] + tuning.global
        return Contender(
            tool: tool,
            name: tuning.name,
            environment: bucket.environment,
            steps: [
                Contender.Step(
                    job: .upload,
                    arguments: command + ["cp"] + tuning.copy + [data + "/", "s3://\(bucket.name)/\(prefix)/"],
                    stores: .prefix(prefix),
                    mustStoreAll: true
                )
            ]
        )
    }
}
