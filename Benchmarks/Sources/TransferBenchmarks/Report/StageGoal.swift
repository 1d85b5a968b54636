internal import Limits

/// The CPU of a job beside what its stages cost at least on this machine.
struct StageGoal: Sendable {
    static let all = [
        StageGoal(
            statement: "Upload without compression to nginx",
            section: "upload",
            job: .upload,
            ours: "ringvault none"
        ) { line, _ in .upload(content: line.bytes, files: line.files) },
        StageGoal(
            statement: "Large files, zstd, to a directory",
            section: "local-large",
            job: .backup,
            ours: "ringvault zstd"
        ) { .backup(content: $0.bytes, stored: $1, compression: .zstd, files: $0.files) },
        StageGoal(
            statement: "Small files, zstd, to a directory",
            section: "local-small",
            job: .backup,
            ours: "ringvault zstd"
        ) { .backup(content: $0.bytes, stored: $1, compression: .zstd, files: $0.files) },
        StageGoal(
            statement: "Restore of large files, zstd",
            section: "local-large",
            job: .restore,
            ours: "ringvault zstd"
        ) { .restore(content: $0.bytes, stored: $1, compression: .zstd, files: $0.files) },
        StageGoal(
            statement: "Restore of small files, zstd",
            section: "local-small",
            job: .restore,
            ours: "ringvault zstd"
        ) { .restore(content: $0.bytes, stored: $1, compression: .zstd, files: $0.files) },
    ]
    private static let most = 1.3

    let statement: String
    let section: String
    let job: Job
    let ours: String
    /// What the line's job has to do at least, and how many bytes the full backup stored.
    let work: @Sendable (_ line: Report.Line, _ stored: Int) -> Work

    func verdict(in report: Report) -> Verdict {
        let section = report.section(section)
        let line = section?.line(ours, job)
        let stored = section?.line(ours, .backup)?.storedBytes.map { Int($0.median) } ?? 0
        let sum = line.flatMap { line in report.limits?.sum(work(line, stored)) }
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
