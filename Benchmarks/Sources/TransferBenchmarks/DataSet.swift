internal import FoundationEssentials

/// Files to back up, laid out as a node's data directory with one snapshot.
struct DataSet: Sendable {
    static let snapshot = "bench"

    private static let largeData = 200 << 20
    private static let smallData = 46 << 10
    private static let uploadData = 160_000_000
    /// Bytes of the components beside a large Data.db, rather more than less.
    private static let otherComponents = 10 << 20
    private static let sstablesInTable = 500
    /// So that one of them is 1 %.
    private static let incrementalSSTables = 100

    let workload: Workload
    /// The data directory.
    let root: String
    private let sstables: Int
    private let size: Int

    /// - Parameters:
    ///   - size: bytes of all Data.db of a `.large` set, and of everything in an `.upload` set; a `.latency` set is at
    ///     most 640 MB, which take long enough.
    ///   - files: how many a `.small` set has, rounded to whole SSTables.
    init(_ workload: Workload, root: String, size: Int, files: Int) {
        self.workload = workload
        self.root = root
        self.size = size
        let uploads = size / (Self.uploadData + Self.otherComponents)
        sstables =
            switch workload {
            case .large: max(1, (size + Self.largeData - 1) / Self.largeData)
            case .small: max(1, files / SSTableWriter.components.count)
            case .upload: max(1, uploads)
            case .latency: max(1, min(4, uploads))
            case .incremental: Self.incrementalSSTables
            }
    }

    /// Bytes of one Data.db.
    private var dataBytes: Int {
        switch workload {
        case .large: Self.largeData
        case .small: Self.smallData
        case .upload, .latency: Self.uploadData
        case .incremental: size / 4
        }
    }

    /// Bytes that the set is going to take, roughly and rather more than less.
    var expectedBytes: Int {
        // Holes take no room.
        let data = workload == .incremental ? 0 : dataBytes
        return sstables * (workload == .small ? data * 2 : data + Self.otherComponents)
    }

    /// Makes the files, two SSTables at a time.
    func generate() async throws {
        let data = dataBytes
        let isSparse = workload == .incremental
        let seed: UInt64 = workload == .small ? 1 << 33 : 1 << 32
        for first in stride(from: 0, to: sstables, by: 2) {
            try Interrupt.check()
            try await withThrowingDiscardingTaskGroup { group in
                for index in first..<min(first + 2, sstables) {
                    let directory = try makeDirectory(table: index / Self.sstablesInTable)
                    group.addTask {
                        var writer = SSTableWriter(
                            base: "\(directory)/nb-\(index + 1)-big",
                            seed: seed + UInt64(index)
                        )
                        if isSparse {
                            try writer.writeSparse(dataBytes: data)
                        } else {
                            try writer.write(dataBytes: data)
                        }
                    }
                }
            }
        }
    }

    /// Takes a snapshot as Cassandra would after a compaction: links to all SSTables but the first `leftOut`, and as many
    /// new ones instead.
    func change(_ old: String, to new: String, replacing leftOut: Int) throws {
        let from = try makeDirectory(table: 0, snapshot: old)
        let to = try makeDirectory(table: 0, snapshot: new)
        for name in try FileManager.default.contentsOfDirectory(atPath: from) {
            if (1...max(1, leftOut)).contains(where: { leftOut > 0 && name.hasPrefix("nb-\($0)-big-") }) { continue }
            try FileManager.default.linkItem(atPath: "\(from)/\(name)", toPath: "\(to)/\(name)")
        }
        for index in 0..<leftOut {
            var writer = SSTableWriter(base: "\(to)/nb-\(sstables + index + 1)-big", seed: 1 << 34 + UInt64(index))
            try writer.writeSparse(dataBytes: dataBytes)
        }
    }

    private func makeDirectory(table: Int, snapshot: String = snapshot) throws -> String {
        let digits = String(table, radix: 16)
        let id = String(repeating: "0", count: 32 - digits.count) + digits
        let path = "\(root)/shop/\(workload.rawValue)\(table)-\(id)/snapshots/\(snapshot)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }
}
