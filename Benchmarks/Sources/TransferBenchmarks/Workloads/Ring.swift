internal import SyntheticSSTables

/// Rings of more and more nodes in one vault.
extension Workload {
    static let scaleRing = Workload(name: "scale-ring", summary: "1, 10 and 100 nodes in one vault") { bench in
        bench.begin(
            "scale-ring",
            title: "Growth with nodes",
            about: """
                One machine plays all nodes of a ring, one after the other: each has a host id and a table of its own, 80 files \
                of 10 KiB, and one backup in the same vault, which is a directory. Measured is what then is asked of \
                one node or of the vault.
                """,
            axis: "nodes"
        )
        let counts = bench.options.isQuick ? [1, 4, 16] : [1, 10, 100]
        var shape = DataShape.small(files: 80 * (counts.last ?? 1), averageBytes: 10 << 10, tables: counts.last ?? 1)
        shape.tableName = "node"
        let source = try await Dataset(shape: shape).make(bench, copies: 3)
        defer { bench.workspace.remove(source.data) }
        let vault = Ringvault.Vault.directory(source.scratch + "/vault")
        let contenders = counts.map { count in
            ring(bench.ringvault, source, vault, nodes: count, filesOfNode: shape.files / shape.tables)
        }
        try Measurement(bench: bench, contenders: contenders, source: source).run()
    }

    private static func ring(
        _ ringvault: Ringvault,
        _ source: Source,
        _ vault: Ringvault.Vault,
        nodes: Int,
        filesOfNode: Int
    ) -> Contender {
        // $1 … are a backup's command; the shell adds what differs between the nodes.
        let all = """
            node=0
            while test $node -lt \(nodes); do
                "$@" --host-id "$(printf '00000000-0000-4000-8000-%012d' $node)" --table "shop.node$node" || exit
                node=$((node + 1))
            done
            """
        let backup = ringvault.backup("first", source, vault)
        let again =
            ringvault.backup("second", source, vault)
            + ["--host-id", "00000000-0000-4000-8000-000000000000", "--table", "shop.node0"]
        var contender = Contender(
            tool: ringvault.tool,
            name: "ringvault, \(nodes) nodes",
            preparation: [["sh", "-c", all, "sh"] + backup],
            steps: [
                Contender.Step(job: .list, arguments: ringvault.list(vault)),
                Contender.Step(job: .look, arguments: ringvault.check(vault, level: "list")),
                Contender.Step(job: .verify, arguments: ringvault.check(vault, level: "full")),
                Contender.Step(job: .unchanged, arguments: again, stores: vault.place),
            ],
            share: .point(Workspace.Content(files: nodes * filesOfNode, bytes: 0))
        )
        for index in contender.steps.indices { contender.steps[index].x = Double(nodes) }
        return contender
    }
}
