internal import SyntheticSSTables

/// How costs grow: with bytes, files, memory, connections and nodes.
extension Workload {
    static let scaleSize = Workload(name: "scale-size", summary: "1, 4 and 16 GB to a store that throws away") {
        bench in
        bench.begin(
            "scale-size",
            title: "Growth with bytes",
            about: """
                Snapshots of more and more SSTables of 160 MB, uncompressed over HTTP to a store of ours that counts blobs \
                and throws them away. Peers are not given the largest.
                """,
            axis: "10⁹ bytes"
        )
        let (all, sizes) = try sizes(bench)
        let source = try await all.make(bench, copies: 1.02)
        defer { bench.workspace.remove(source.data) }
        let store = try DiscardingStore()
        let vault = Ringvault.Vault.bucket(store.bucket, prefix: "ringvault")
        var contenders: [Contender] = []
        for size in sizes {
            let count = max(1, size / all.shape.dataBytes)
            let tag = "first\(count)"
            try all.link(count, as: tag, in: source.data)
            var contender = bench.ringvault.points(
                source,
                tag,
                vault,
                Ringvault.Setting(compression: "none"),
                [.backup]
            )
            let content = try bench.workspace.content(of: source.data, snapshot: tag)
            contender.place(
                at: Double(content.bytes) / 1e9,
                content,
                "\(Text.figure(Double(content.bytes) / 1e9)) × 10⁹ bytes"
            )
            contenders.append(contender)
            guard let snapshot = all.directory(tag, in: source.data) else { continue }
            for var peer in [
                S5cmd.upload(snapshot, to: store.bucket, prefix: "s5cmd", .standard),
                bench.commonRuntime.upload(snapshot, to: store.bucket, prefix: "awscrt"),
            ] where size < all.shape.expectedBytes / 2 {
                peer.place(
                    at: Double(content.bytes) / 1e9,
                    content,
                    "\(Text.figure(Double(content.bytes) / 1e9)) × 10⁹ bytes"
                )
                contenders.append(peer)
            }
        }
        try Measurement(bench: bench, contenders: bench.present(contenders), source: source, target: store).run()
    }

    static let scaleFiles = Workload(name: "scale-files", summary: "1,000 to 100,000 small files") { bench in
        bench.begin(
            "scale-files",
            title: "Growth with files",
            about: "Snapshots of more and more files of 10 KiB on average, to a directory.",
            axis: "files"
        )
        let all = Dataset.small(files: bench.options.files, averageBytes: 10 << 10)
        let source = try await all.make(bench, copies: 3)
        defer { bench.workspace.remove(source.data) }
        let vault = Ringvault.Vault.directory(source.scratch + "/vault")
        var contenders: [Contender] = []
        for part in [100, 10, 1] {
            let tag = "part\(part)"
            try all.link(max(1, all.shape.sstables / part), as: tag, in: source.data)
            let jobs: [Job] = [.backup, .unchanged, .look, .verify, .restore]
            var contender = bench.ringvault.points(source, tag, vault, Ringvault.Setting(), jobs)
            let content = try bench.workspace.content(of: source.data, snapshot: tag)
            contender.place(at: Double(content.files), content, "\(Text.grouped(content.files)) files")
            contenders.append(contender)
        }
        try Measurement(bench: bench, contenders: contenders, source: source).run()
    }

    static let scaleMemory = Workload(name: "scale-memory", summary: "memory budgets, 50 ms away") { bench in
        guard try bench.isPresent(Sink.tool) else { return }
        bench.begin(
            "scale-memory",
            title: "Throughput with memory",
            about: "Large files to nginx behind the proxy, 50 ms away, with budgets from the least to 1 GiB.",
            axis: "MiB of memory"
        )
        let budgets = ["33MiB", "64MiB", "128MiB", "256MiB", "512MiB", "1024MiB"]
        try await distant(bench, size: bench.options.size) { source, vault in
            budgets.map { budget in
                var contender = bench.ringvault.upload(
                    source,
                    to: vault,
                    Ringvault.Setting(compression: "none", memory: budget)
                )
                contender.steps[0].x = Double(Text.bytes(budget) ?? 0) / 0x1p20
                contender.share = .point(nil)
                return contender
            }
        }
    }

    static let scaleConnections = Workload(name: "scale-connections", summary: "connections, 50 ms away") { bench in
        guard try bench.isPresent(Sink.tool) else { return }
        bench.begin(
            "scale-connections",
            title: "Throughput with connections",
            about: "128 MB in chunks of 1 MiB to nginx behind the proxy, 50 ms away, with more and more connections.",
            axis: "connections"
        )
        try await distant(bench, size: min(bench.options.size, 128_000_000)) { source, vault in
            [1, 4, 16, 64].map { count in
                var contender = bench.ringvault.upload(
                    source,
                    to: vault,
                    Ringvault.Setting(compression: "none", connections: count, chunk: 1 << 20)
                )
                contender.steps[0].x = Double(count)
                contender.share = .point(nil)
                return contender
            }
        }
    }

    private static func distant(
        _ bench: Bench,
        size: Int,
        _ contenders: (Source, Ringvault.Vault) -> [Contender]
    ) async throws {
        let source = try await Dataset.large(size).make(bench, copies: 2.1)
        defer { bench.workspace.remove(source.data) }
        let sink = try Sink(bench.workspace)
        defer { bench.workspace.remove(sink.directory) }
        let proxy = try DelayingProxy(to: sink.port, delay: distance / 2)
        let vault = Ringvault.Vault.bucket(sink.bucket.through(proxy.endpoint), prefix: "ringvault")
        let points = contenders(source, vault)
        try Measurement(bench: bench, contenders: points, source: source, target: sink).run()
    }

    /// The sizes that the machine has room for: a quarter each of the next.
    private static func sizes(_ bench: Bench) throws -> (Dataset, [Int]) {
        var largest = bench.options.largest
        while largest > 200_000_000 {
            do {
                try bench.workspace.requireSpace(largest + largest / 50)
                break
            } catch let error as BenchmarkError {
                try Interrupt.check()
                bench.note("scale-size: \(Text.grouped(largest)) bytes were left out: \(error)")
                largest /= 4
            }
        }
        let shape = DataShape.total(largest, dataBytes: min(Dataset.largeData, largest / 16))
        return (Dataset(shape: shape), [largest / 16, largest / 4, largest])
    }
}

extension Ringvault {
    /// One point of a curve: the jobs with one snapshot.
    func points(
        _ source: Source,
        _ snapshot: String,
        _ vault: Vault,
        _ setting: Setting,
        _ jobs: [Job]
    ) -> Contender {
        let source = Source(data: source.data, snapshot: snapshot, delta: source.delta, scratch: source.scratch)
        var contender = all(source, in: vault, setting)
        contender.steps.removeAll { !jobs.contains($0.job) }
        for index in contender.steps.indices {
            contender.steps[index].arguments = contender.steps[index].arguments.map { $0 == "third" ? "first" : $0 }
            contender.steps[index].snapshot = snapshot
        }
        return contender
    }
}

extension Contender {
    /// Makes it a point of a curve.
    mutating func place(at x: Double, _ content: Workspace.Content, _ label: String) {
        name += ", " + label
        share = .point(content)
        for index in steps.indices { steps[index].x = x }
    }
}

extension Contender.Share {
    /// Of a curve: three rounds are enough where many points bear each other out.
    static func point(_ content: Workspace.Content?) -> Contender.Share {
        Contender.Share(reason: pointReason, files: content?.files, bytes: content?.bytes, rounds: 3)
    }

    static let pointReason = "a point of the curve: three rounds"
}
