/// A real object store: Ceph's gateway with its objects in memory.
extension Workload {
    private static let about = """
        Ceph's gateway, one monitor and one OSD that keeps its objects in memory, on the same machine over plain HTTP. Their CPU \
        time is not in the figures, but it is taken from the same cores: wall times are mostly theirs.
        """

    static let gatewayLarge = Workload(name: "gateway-large", summary: "large files to Ceph's gateway") { bench in
        guard let gateway = try gateway(bench) else { return }
        bench.begin("gateway-large", title: "Large files to a real object store", about: about)
        let source = try await Dataset.large(min(bench.options.size, 2 * Dataset.largeData))
            .make(bench, copies: 4.1, withDelta: true)
        defer { bench.workspace.remove(source.data) }
        let vault = Ringvault.Vault.bucket(gateway.bucket, prefix: "ringvault")
        func own(_ compression: String, _ jobs: Set<Job>) -> Contender {
            var contender = bench.ringvault.all(source, in: vault, Ringvault.Setting(compression: compression))
            contender.steps.removeAll { !jobs.contains($0.job) }
            return contender
        }
        var runtime = bench.commonRuntime.upload(source.data, to: gateway.bucket, prefix: "awscrt")
        runtime.steps[0].arguments.insert("--without-checksum", at: 2)
        var restic = Restic.contender(source, gateway.bucket, prefix: "restic")
        var medusa = bench.medusa.contender(source, gateway.bucket, prefix: "medusa")
        restic.steps.removeAll { [.look, .verify].contains($0.job) }
        medusa.share = Contender.Share(reason: "two rounds: it takes long", rounds: 2)
        restic.share = medusa.share
        var copiers = [
            S5cmd.upload(source.data, to: gateway.bucket, prefix: "s5cmd", .standard),
            Rclone.upload(source.data, to: gateway.bucket, prefix: "rclone", .moreAtATime), runtime,
        ]
        for index in copiers.indices { copiers[index].steps[0].job = .backup }
        let contenders = [own("zstd", Set(Job.allCases)), own("none", [.backup]), restic, medusa] + copiers
        try Measurement(bench: bench, contenders: bench.present(contenders), source: source, target: gateway).run()
    }

    static let gatewaySmall = Workload(name: "gateway-small", summary: "many small files to Ceph's gateway") { bench in
        guard let gateway = try gateway(bench) else { return }
        let share = min(3000, bench.options.files)
        bench.begin(
            "gateway-small",
            title: "Small files to a real object store",
            about: """
                Files of 4 KiB on average. \(about) Who makes an object of each file is given \(Text.grouped(share)) of \
                them, and is compared by files a second: all of them would take minutes.
                """
        )
        let dataset = Dataset.small(files: bench.options.files, averageBytes: 4 << 10)
        let source = try await dataset.make(bench, copies: 3, withDelta: false)
        defer { bench.workspace.remove(source.data) }
        let part = bench.workspace.root + "/part"
        defer { bench.workspace.remove(part) }
        try bench.workspace.linkSome(share, of: source.data, to: part)
        let content = try bench.workspace.content(of: part)
        let vault = Ringvault.Vault.bucket(gateway.bucket, prefix: "ringvault")
        var own = bench.ringvault.all(source, in: vault, Ringvault.Setting())
        own.steps.removeAll { [.changed, .look, .verify].contains($0.job) }
        for index in own.steps.indices {
            own.steps[index].arguments = own.steps[index].arguments.map { $0 == "third" ? "second" : $0 }
        }
        var runtime = bench.commonRuntime.upload(part, to: gateway.bucket, prefix: "awscrt")
        runtime.steps[0].arguments.insert("--without-checksum", at: 2)
        var peers = [
            S5cmd.upload(part, to: gateway.bucket, prefix: "s5cmd", .standard),
            Rclone.upload(part, to: gateway.bucket, prefix: "rclone", .moreAtATime), runtime,
        ]
        for index in peers.indices {
            peers[index].share = Contender.Share(
                reason: "\(Text.grouped(content.files)) of the files",
                files: content.files,
                bytes: content.bytes
            )
            peers[index].steps[0].job = .backup
        }
        try Measurement(bench: bench, contenders: bench.present([own] + peers), source: source, target: gateway).run()
    }

    /// - Returns: nil if there is none to be had; the report says so.
    private static func gateway(_ bench: Bench) throws -> Gateway? {
        guard try bench.isPresent(Gateway.tool) else { return nil }
        return try Gateway(bench)
    }
}
