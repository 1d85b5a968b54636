internal import FoundationEssentials
internal import SyntheticSSTables

/// The files of a workload, made where the run works.
struct Dataset {
    /// The tag of the snapshot that is backed up.
    static let snapshot = "bench"
    /// Bytes of a Data.db that counts as large.
    static let largeData = 160_000_000

    let shape: DataShape

    /// As many SSTables of 160 MB as give `bytes`, but one at least.
    static func large(_ bytes: Int) -> Dataset {
        Dataset(shape: .total(bytes, dataBytes: min(largeData, bytes), tables: 1))
    }

    static func small(files: Int, averageBytes: Int) -> Dataset {
        Dataset(shape: .small(files: files, averageBytes: averageBytes, tables: 10))
    }

    /// One SSTable whose Data.db is a hole behind its head.
    static func hole(_ bytes: Int) -> Dataset {
        var shape = DataShape(sstables: 1, dataBytes: bytes)
        shape.isSparse = true
        return Dataset(shape: shape)
    }

    /// Makes the files, and beside them what comes for `Job.changed`: new SSTables of 1 % of the bytes, of a table of their
    /// own, as after a flush.
    ///
    /// - Parameter copies: how often the data's bytes lie somewhere at one time.
    func make(_ bench: Bench, copies: Double, withDelta: Bool = false) async throws -> Source {
        let workspace = bench.workspace
        try workspace.requireSpace(Int(Double(shape.expectedBytes) * copies))
        StandardError.say("making \(shape.files) files")
        let check: @Sendable () throws -> Void = { try Interrupt.check() }
        _ = try await DataDirectory(workspace.data, shape: shape).write(snapshot: Self.snapshot, check: check)
        if withDelta {
            var delta = shape
            delta.tableName = "flushed"
            delta.tables = 1
            delta.seed += 1
            // Of several SSTables a hundredth; of a few, one with a hundredth of their bytes.
            let all = shape.tables * shape.sstables
            delta.sstables = max(1, all / 100)
            if all < 100 { delta.dataBytes = max(64 << 10, all * shape.dataBytes / 100) }
            _ = try await DataDirectory(workspace.delta, shape: delta).write(snapshot: Self.snapshot, check: check)
        }
        return Source(
            data: workspace.data,
            snapshot: Self.snapshot,
            delta: workspace.delta,
            scratch: workspace.scratch
        )
    }

    /// Another snapshot of the first `count` SSTables of each table: links, as Cassandra makes them.
    func link(_ count: Int, as tag: String, in root: String) throws {
        let data = DataDirectory(root, shape: shape)
        let files = FileManager.default
        for table in 0..<shape.tables {
            let from = data.snapshotDirectory(table, tag: Self.snapshot)
            let to = data.snapshotDirectory(table, tag: tag)
            try files.createDirectory(atPath: to, withIntermediateDirectories: true)
            for name in try files.contentsOfDirectory(atPath: from) {
                // nb-<number>-big-<component>
                let words = name.split(separator: "-")
                guard words.count > 2, let number = Int(words[1]), number <= count else { continue }
                try files.linkItem(atPath: "\(from)/\(name)", toPath: "\(to)/\(name)")
            }
        }
    }

    /// The files of a snapshot, if all tables are one.
    func directory(_ tag: String, in root: String) -> String? {
        shape.tables == 1 ? DataDirectory(root, shape: shape).snapshotDirectory(0, tag: tag) : nil
    }
}
