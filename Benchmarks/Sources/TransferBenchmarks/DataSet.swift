internal import FoundationEssentials

/// Files to back up, laid out as a node's data directory with one snapshot.
struct DataSet: Sendable {
    static let snapshot = "bench"

    enum Kind: String, Sendable, Codable {
        /// Few SSTables with a Data.db of 200 MiB.
        case large
        /// Many SSTables of eight files, 10 KiB each on average.
        case small
    }

    private static let largeData = 200 << 20
    private static let smallData = 46 << 10
    private static let sstablesInTable = 500

    let kind: Kind
    /// The data directory.
    let root: String
    private let sstables: Int

    /// - Parameters:
    ///   - size: bytes of all Data.db of a `.large` set.
    ///   - files: how many a `.small` set has, rounded to whole SSTables.
    init(_ kind: Kind, root: String, size: Int, files: Int) {
        self.kind = kind
        self.root = root
        sstables =
            switch kind {
            case .large: max(1, (size + Self.largeData - 1) / Self.largeData)
            case .small: max(1, files / SSTableWriter.components.count)
            }
    }

    /// Bytes that the set is going to take, roughly and rather more than less.
    var expectedBytes: Int {
        switch kind {
        case .large: sstables * (Self.largeData + (10 << 20))
        case .small: sstables * Self.smallData * 2
        }
    }

    /// Makes the files, two SSTables at a time.
    func generate() async throws {
        let data = kind == .large ? Self.largeData : Self.smallData
        let seed: UInt64 = kind == .large ? 1 << 32 : 1 << 33
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
                        try writer.write(dataBytes: data)
                    }
                }
            }
        }
    }

    private func makeDirectory(table: Int) throws -> String {
        let digits = String(table, radix: 16)
        let id = String(repeating: "0", count: 32 - digits.count) + digits
        let path = "\(root)/shop/\(kind.rawValue)\(table)-\(id)/snapshots/\(Self.snapshot)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }
}
