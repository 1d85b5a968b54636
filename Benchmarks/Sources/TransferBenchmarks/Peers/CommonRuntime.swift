/// Amazon's Common Runtime, which uploads for `boto3` and the AWS CLI where it is chosen.
///
/// By a small script of ours, `upload-crt.py`, since boto3's own way of choosing it insists on Amazon's endpoints and TLS.
struct CommonRuntime: Sendable {
    /// The interpreter of the environment that has it.
    let python: String
    let script: String

    /// - Parameters:
    ///   - tools: where `make bench-deps` puts what it installs.
    ///   - scripts: `Benchmarks/Scripts`.
    init(tools: String, scripts: String) {
        python = tools + "/awscrt/bin/python"
        script = scripts + "/upload-crt.py"
    }

    var tool: Tool { Tool("awscrt", program: python, version: [script, "--version"]) }

    func upload(_ data: String, to bucket: S3Bucket, prefix: String) -> Contender {
        Contender(
            tool: tool,
            name: "awscrt",
            environment: bucket.environment,
            steps: [
                Contender.Step(
                    job: .upload,
                    arguments: [python, script, "--endpoint", bucket.endpoint, data, bucket.name, prefix],
                    stores: .prefix(prefix),
                    mustStoreAll: true
                )
            ]
        )
    }
}
