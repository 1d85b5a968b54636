/// cassandra-medusa, the backup tool that most rings with backups use, to a directory or to S3.
///
/// There is no Cassandra here: `medusa-alone.py` answers what Medusa would ask it over CQL, and the snapshot is there
/// already, so that neither flushing nor nodetool is measured. It is set for more transfers at a time than its default of
/// one. https://github.com/thelastpickle/cassandra-medusa/blob/master/docs/Configuration.md
struct Medusa: Sendable {
    /// The interpreter of the environment that has it.
    let python: String
    let script: String

    /// - Parameters:
    ///   - tools: where `make bench-deps` puts what it installs.
    ///   - scripts: `Benchmarks/Scripts`.
    init(tools: String, scripts: String) {
        python = tools + "/medusa/bin/python"
        script = scripts + "/medusa-alone.py"
    }

    var tool: Tool { Tool("medusa", program: python, version: [script, "--version"]) }

    /// To a directory.
    func contender(_ source: Source) -> Contender {
        let storage = """
            storage_provider = local
            base_path = \(source.scratch)
            bucket_name = medusa

            """
        return contender(source, storage, stores: .directory(source.scratch + "/medusa"), environment: [:])
    }

    /// To a server that speaks S3.
    func contender(_ source: Source, _ bucket: S3Bucket, prefix: String) -> Contender {
        let address = bucket.endpoint.dropFirst("http://".count).split(separator: ":")
        let storage = """
            storage_provider = s3_compatible
            bucket_name = \(bucket.name)
            prefix = \(prefix)
            host = \(address.first ?? "127.0.0.1")
            port = \(address.last ?? "80")
            secure = False
            region = us-east-1
            s3_addressing_style = path
            transfer_max_bandwidth =

            """
        return contender(source, storage, stores: .prefix(prefix), environment: bucket.environment)
    }

    private func contender(
        _ source: Source,
        _ storage: String,
        stores: Contender.Place,
        environment: [String: String]
    ) -> Contender {
        let settings = source.scratch + "/medusa.ini"
        let node = source.scratch + "/cassandra.yaml"
        let ini = """
            [cassandra]
            config_file = \(node)
            resolve_ip_addresses = False
            use_sudo = False
            [storage]
            fqdn = node
            concurrent_transfers = 8
            use_sudo_for_restore = False

            """ + storage
        let yaml = "data_file_directories: [\(source.data)]\nlisten_address: 127.0.0.1\n"
        let medusa = [python, script, "--config-file", settings]
        func backup(_ name: String) -> [String] {
            medusa + ["backup-node", "--backup-name", name, "--use-existing-snapshot", "--keep-snapshot"]
        }
        // A backup is of the snapshot of its own name; the next one is links, as Cassandra makes them.
        func snapshot(_ name: String, of old: String) -> [String] {
            let script = """
                for from in "$1"/*/*/snapshots/"$2"; do cp -al "$from" "${from%/*}/$3"; done
                """
            return ["sh", "-c", script, "sh", source.data, old, name]
        }
        func removal(_ name: String) -> [String] {
            ["sh", "-c", "rm -rf \"$1\"/*/*/snapshots/\"$2\"", "sh", source.data, name]
        }
        return Contender(
            tool: tool,
            name: "medusa",
            environment: environment.merging(["TMPDIR": source.scratch]) { _, new in new },
            preparation: [
                ["sh", "-c", "printf %s \"$2\" > \"$1\"", "sh", settings, ini],
                ["sh", "-c", "printf %s \"$2\" > \"$1\"", "sh", node, yaml],
            ],
            steps: [
                Contender.Step(
                    job: .backup,
                    arguments: backup("first"),
                    before: [snapshot("first", of: source.snapshot)],
                    after: [removal("first")],
                    stores: stores
                ),
                Contender.Step(
                    job: .unchanged,
                    arguments: backup("second"),
                    before: [snapshot("second", of: source.snapshot)],
                    after: [removal("second")],
                    stores: stores
                ),
                Contender.Step(
                    job: .changed,
                    arguments: backup("third"),
                    before: [source.change, snapshot("third", of: source.snapshot)],
                    after: [removal("third")],
                    stores: stores
                ),
                Contender.Step(job: .look, arguments: medusa + ["verify", "--backup-name", "third"]),
                Contender.Step(
                    job: .restore,
                    arguments: medusa
                        + ["download", "--backup-name", "third", "--download-destination", source.target],
                    after: [
                        ["sh", "-c", "cd \"$1\" && rm manifest.json schema.cql tokenmap.json", "sh", source.target]
                    ],
                    restores: source.target,
                    leavesOut: ["manifest.json", "schema.cql"]
                ),
            ]
        )
    }
}
