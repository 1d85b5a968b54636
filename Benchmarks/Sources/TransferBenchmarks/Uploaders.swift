/// Those who bring a node's files to the sink: all of them the same files, each with its own idea of objects.
extension Contender {
    static func uploaders(binary: String, data: String, sink: Sink) -> [Contender] {
        [
            ringvault("ringvault none", binary, data, sink, []),
            ringvault("ringvault none, 64MiB", binary, data, sink, ["--memory", "64MiB"]),
            s5cmd("s5cmd", data, sink, global: [], copy: []),
            // "If you have a few, large files", its documentation says, more parts of each at a time may help.
            s5cmd("s5cmd, concurrency 10", data, sink, global: ["--numworkers", "10"], copy: ["--concurrency", "10"]),
            rclone(data, sink),
        ]
    }

    private static func ringvault(
        _ name: String,
        _ binary: String,
        _ data: String,
        _ sink: Sink,
        _ more: [String]
    ) -> Contender {
        let arguments = [
            binary, "backup", "start", "--name", "first", "--data-dir", data, "--snapshot", DataSet.snapshot,
            "--compression", "none", "--log-level", "warning", "--location", "s3://\(Sink.bucket)/ringvault",
            "--endpoint", sink.endpoint,
        ]
        return uploader(name, (binary, [binary, "--version"]), arguments + more, sink)
    }

    private static func s5cmd(
        _ name: String,
        _ data: String,
        _ sink: Sink,
        global: [String],
        copy: [String]
    ) -> Contender {
        let arguments =
            ["s5cmd", "--log", "error", "--endpoint-url", sink.endpoint] + global + ["cp"] + copy
            + [data + "/", "s3://\(Sink.bucket)/s5cmd/"]
        return uploader(name, ("s5cmd", ["s5cmd", "version"]), arguments, sink)
    }

    private static func rclone(_ data: String, _ sink: Sink) -> Contender {
        let arguments = ["rclone", "copy", "--s3-no-check-bucket", data, "sink:\(Sink.bucket)/rclone"]
        let settings = [
            "RCLONE_CONFIG": "/dev/null", "RCLONE_CONFIG_SINK_TYPE": "s3", "RCLONE_CONFIG_SINK_PROVIDER": "Other",
            "RCLONE_CONFIG_SINK_ENV_AUTH": "true", "RCLONE_CONFIG_SINK_ENDPOINT": sink.endpoint,
        ]
        return uploader("rclone", ("rclone", ["rclone", "version"]), arguments, sink, settings)
    }

    private static func uploader(
        _ name: String,
        _ tool: (String, [String]),
        _ arguments: [String],
        _ sink: Sink,
        _ environment: [String: String] = [:]
    ) -> Contender {
        Contender(
            name: name,
            tool: tool,
            environment: Sink.environment.merging(environment) { _, new in new },
            steps: [Step(name: "upload", arguments: arguments, stores: sink.objects, mustStoreAll: true)]
        )
    }
}
