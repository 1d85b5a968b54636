internal import ArgumentParser
internal import TransferEngine
internal import Vault

/// The command `ringvault vault stats`.
struct VaultStats: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Tell how much the vault holds, and what deduplication and compression save.",
        discussion: """
            SIZE is what restoring all files of all backups would write. UNIQUE is each content once. STORED is what \
            lies in the store for it; a blob that several rows need counts in each of them, and once in the total. \
            Reads every manifest, and no data.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var engine: EngineOptions

    @Option(help: ArgumentHelp("cluster, keyspace, table or backup; default cluster.", valueName: "what"))
    var by: String?

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let session = try Session(global, store, engine)
        var grouping = VaultStatistics.Grouping.cluster
        if let by {
            guard let known = VaultStatistics.Grouping(rawValue: by) else {
                throw ValidationError("'\(by)' cannot be summed up by: expected cluster, keyspace, table or backup")
            }
            grouping = known
        }
        let statistics = try await VaultStatistics.of(try await session.vault(), by: grouping)
        try session.output.print(VaultStatsResult(statistics: statistics))
    }
}

/// Sums over a vault.
struct VaultStatsResult: Renderable {
    struct JSON: Encodable {
        struct Part: Encodable {
            let sums: VaultStatistics.Sums
            let dedupRatio: Double?
            let compressionRatio: Double?

            init(_ sums: VaultStatistics.Sums) {
                self.sums = sums
                dedupRatio = sums.dedupRatio
                compressionRatio = sums.compressionRatio
            }
        }

        let backups: Int
        let manifests: Int
        let all: Part
        let by: VaultStatistics.Grouping
        let parts: [Part]
    }

    let statistics: VaultStatistics

    var json: JSON {
        JSON(
            backups: statistics.backups,
            manifests: statistics.manifests,
            all: JSON.Part(statistics.all),
            by: statistics.grouping,
            parts: statistics.parts.map { JSON.Part($0) }
        )
    }

    var text: String {
        if statistics.manifests == 0 { return "The vault has no backups.\n" }
        var table = TextTable([
            (statistics.grouping.rawValue.uppercased(), .left), ("FILES", .right), ("SIZE", .right),
            ("UNIQUE", .right), ("BLOBS", .right), ("STORED", .right), ("DEDUP", .right), ("COMPRESSION", .right),
        ])
        for sums in statistics.parts { table.append(Self.row(sums, sums.name)) }
        table.append(Self.row(statistics.all, "all"))
        var text = "\(statistics.backups) backups with \(statistics.manifests) manifests\n\n" + table.text
        if statistics.all.missingBlobs > 0 {
            text += "\n\(statistics.all.missingBlobs) blobs are missing: 'ringvault vault check' tells which.\n"
        }
        return text
    }

    private static func row(_ sums: VaultStatistics.Sums, _ name: String) -> [String] {
        [
            name, "\(sums.files)", ByteCount(sums.logicalBytes).description, ByteCount(sums.uniqueBytes).description,
            "\(sums.blobs)", ByteCount(sums.storedBytes).description, ratio(sums.dedupRatio),
            ratio(sums.compressionRatio),
        ]
    }

    private static func ratio(_ value: Double?) -> String {
        guard let value, value < 1e15 else { return "-" }
        let hundredths = Int((value * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
