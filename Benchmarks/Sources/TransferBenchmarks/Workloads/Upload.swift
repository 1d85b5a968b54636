/// Large files to nginx on this machine: the ceiling, where a server costs as little as one can.
extension Workload {
    static let upload = Workload(name: "upload", summary: "large files over HTTP to a local nginx") { bench in
        guard try bench.isPresent(Sink.tool) else { return }
        bench.begin(
            "upload",
            title: "Large files over HTTP to nginx",
            about: """
                Data.db of 160 MB each, over plain HTTP to nginx on the same machine, which writes bodies to a tmpfs, \
                signs and checks nothing, and is the same little work for all. Its CPU time is not in the figures. \
                It knows no conditions, so Ringvault looks before each PUT. awscrt is measured with other stores: it takes nginx's \
                answer to a PUT, 201, for a failure.
                """
        )
        let source = try await Dataset.large(bench.options.size).make(bench, copies: 2.1)
        defer { bench.workspace.remove(source.data) }
        let sink = try Sink(bench.workspace)
        defer { bench.workspace.remove(sink.directory) }
        let vault = Ringvault.Vault.bucket(sink.bucket, prefix: "ringvault")
        let settings = [
            Ringvault.Setting(compression: "none"), Ringvault.Setting(compression: "none", memory: "64MiB"),
            Ringvault.Setting(compression: "none", memory: "1GiB"), Ringvault.Setting(compression: "lz4"),
            Ringvault.Setting(compression: "zstd"),
        ]
        let contenders =
            settings.map { bench.ringvault.upload(source, to: vault, $0) } + [
                S5cmd.upload(source.data, to: sink.bucket, prefix: "s5cmd", .standard),
                S5cmd.upload(source.data, to: sink.bucket, prefix: "s5cmd", .fewLargeFiles),
                Rclone.upload(source.data, to: sink.bucket, prefix: "rclone", .standard),
                Rclone.upload(source.data, to: sink.bucket, prefix: "rclone", .moreAtATime),
            ]
        try Measurement(bench: bench, contenders: bench.present(contenders), source: source, target: sink).run()
    }
}
