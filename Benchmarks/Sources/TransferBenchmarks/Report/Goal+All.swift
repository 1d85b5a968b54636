extension Goal {
    /// What must hold, in ratios of one run, on a machine with two cores.
    static let all: [Goal] = uploads + local + medusa + objects

    private static let uploads: [Goal] =
        ["s5cmd", "rclone"].flatMap { peer in
            [
                Goal(
                    statement: "Upload without compression to nginx: at most half of \(peer)'s CPU",
                    section: "upload",
                    job: .upload,
                    ours: "ringvault none",
                    peer: .program(peer),
                    measure: .cpu,
                    bound: .atMost(0.5)
                ),
                Goal(
                    statement: "Upload without compression to nginx: no slower than \(peer)",
                    section: "upload",
                    job: .upload,
                    ours: "ringvault none",
                    peer: .program(peer),
                    measure: .wall,
                    bound: .atMost(1)
                ),
            ]
        } + [
            Goal(
                statement: "Upload without compression to nginx: peak memory within the default budget",
                section: "upload",
                job: .upload,
                ours: "ringvault none",
                peer: .value("256 MiB", 256),
                measure: .peakMemory,
                bound: .atMost(1)
            ),
            Goal(
                statement: "Upload 50 ms away: twice s5cmd's throughput at the same memory",
                section: "latency",
                job: .upload,
                ours: "ringvault none, same memory",
                peer: .program("s5cmd"),
                measure: .wall,
                bound: .timesBetter(2)
            ),
        ]

    private static let local: [Goal] = [("local-large", "large"), ("local-small", "small")].flatMap { section, word in
        func goal(
            _ what: String,
            _ job: Job,
            _ measure: Verdict.Measure,
            _ bound: Bound
        ) -> Goal {
            Goal(
                statement: "\(word) files, zstd, to a directory: \(what)",
                section: section,
                job: job,
                ours: "ringvault zstd",
                peer: .program("restic"),
                measure: measure,
                bound: bound
            )
        }
        return [
            goal("full backup five times faster than restic's", .backup, .wall, .timesBetter(5)),
            goal("full backup with a fifth of restic's CPU", .backup, .cpu, .timesBetter(5)),
            goal("no more stored than restic plus 3 %", .backup, .stored, .atMost(1.03)),
            goal("restore 2.5 times faster than restic's", .restore, .wall, .timesBetter(2.5)),
            goal("unchanged backup three times faster than restic's", .unchanged, .wall, .timesBetter(3)),
        ]
    }

    private static let medusa: [Goal] = [("local-large", "large"), ("local-small", "small")].flatMap { section, word in
        [
            ("full backup five times faster than medusa's", Job.backup, 5.0),
            ("unchanged backup ten times faster than medusa's", .unchanged, 10),
            ("restore three times faster than medusa's", .restore, 3),
        ].map { what, job, times in
            Goal(
                statement: "\(word) files, zstd, to a directory: \(what)",
                section: section,
                job: job,
                ours: "ringvault zstd",
                peer: .program("medusa"),
                measure: .wall,
                bound: .timesBetter(times)
            )
        }
    }

    private static let objects: [Goal] = [
        Goal(
            statement: "Files of 4 KiB to Ceph's gateway: twenty times s5cmd's files a second",
            section: "gateway-small",
            job: .backup,
            ours: "ringvault auto",
            peer: .program("s5cmd"),
            measure: .wallPerFile,
            bound: .timesBetter(20)
        )
    ]
}
