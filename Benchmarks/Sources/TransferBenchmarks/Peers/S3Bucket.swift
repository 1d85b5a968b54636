/// A bucket of a server that speaks S3, with what every client has to know.
struct S3Bucket: Sendable {
    /// As `http://127.0.0.1:8000`.
    let endpoint: String
    let name: String
    let accessKey: String
    let secretKey: String

    /// For clients that take what AWS's own take; what else a user's machine has set up must not disturb them.
    var environment: [String: String] {
        [
            "AWS_ACCESS_KEY_ID": accessKey, "AWS_SECRET_ACCESS_KEY": secretKey, "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1", "AWS_CONFIG_FILE": "/nonexistent",
            "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true",
            "no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1",
        ]
    }

    /// The same bucket behind another address, as a proxy's.
    func through(_ endpoint: String) -> S3Bucket {
        S3Bucket(endpoint: endpoint, name: name, accessKey: accessKey, secretKey: secretKey)
    }

    /// Of a server of the benchmark's own, which takes any key.
    static func own(_ endpoint: String) -> S3Bucket {
        S3Bucket(endpoint: endpoint, name: Sink.bucket, accessKey: "benchmark", secretKey: "benchmark")
    }
}
