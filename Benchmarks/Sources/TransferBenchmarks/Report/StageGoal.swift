internal import Limits

/// The CPU of a job beside what its stages cost at least on this machine.
struct StageGoal: Sendable {
    static let all = [
        StageGoal(
            statement: "Upload without compression to nginx",
            section: "upload",
            job: .upload,
            ours: "ringvault none"
        ) {
            Work.upload(content: $0.bytes, files: $0.files)
        },
        StageGoal(
            statement: "Large files, zstd, to a directory",
            section: "local-large",
            job: .backup,
            ours: "ringvault zstd"
        ) {
            Work.backup(content: $0.bytes, stored: $0.stored.last ?? 0, compression: .zstd, files: $0.files)
        },
        StageGoal(
            statement: "Small files, zstd, to a directory",
            section: "local-small",
            job: .backup,
            ours: "ringvault zstd"
        ) {
            Work.backup(content: $0.bytes, stored: $0.stored.last ?? 0, compression: .zstd, files: $0.files)
        },
        StageGoal(
            statement: "Restore of large files, zstd",
            section: "local-large",
            job: .restore,
            ours: "ringvault zstd"
        ) {
            // What is stored stands in the line of the backup; the share is the sample's.
            Work.restore(content: $0.bytes, stored: $0.bytes * 85 / 100, compression: .zstd, files: $0.files)
        },
    ]
    private static let most = 1.3

    let statement: String
    let section: String
    let job: Job
    let ours: String
    let work: @Sendable (Report.Line) -> Work

    func verdict(in report: Report) -> Verdict {
        let line = report.section(section)?.line(ours, job)
        let sum = line.flatMap { line in report.limits?.sum(work(line)) }
        let ratio = line?.cpu.flatMap { cpu in sum.map { $0.ratio(of: cpu.median) } }
        return Verdict(
            statement: "\(statement): CPU within 1.3 times what its stages cost at least",
            measure: .cpu,
            ours: ours,
            peer: "stages: " + (sum?.name ?? "not measured"),
            oursValue: line?.cpu?.median,
            peerValue: sum?.seconds,
            ratio: ratio,
            ratioRange: [line?.cpu?.least, line?.cpu?.most].compactMap { value in
                value.flatMap { value in sum.map { $0.ratio(of: value) } }
            },
            goal: "≤ \(Text.decimal(Self.most, places: 2)) ×",
            outcome: ratio.map { $0 <= Self.most ? .reached : .missed } ?? .unknown
        )
    }
}
