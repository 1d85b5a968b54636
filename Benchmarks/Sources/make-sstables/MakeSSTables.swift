internal import ArgumentParser
internal import SyntheticSSTables

@main
struct MakeSSTables: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "make-sstables",
        abstract: "Write a node's data directory with SSTables that compress as real ones do.",
        discussion: """
            Files lie in <directory>/<keyspace>/<table>-<id>/snapshots/<tag>/. The same options give the same bytes.

            make-sstables /dev/shm/data --size 2GiB --data-size 160MB
            make-sstables /dev/shm/data --size 2GiB --data-size 160MB --change 0.01 --from bench --snapshot next
            make-sstables /dev/shm/data --small-files 100000 --average 10KiB
            """
    )

    @Argument(help: "Where keyspaces are to lie.") var directory: String
    @Option(help: "Bytes of Data.db in all.") var size: Size = Size(bytes: 1 << 30)
    @Option(help: "Bytes of each Data.db.") var dataSize: Size = Size(bytes: 160_000_000)
    @Option(help: "Of the keyspace.") var tables = 1
    @Option(help: "SSTables of each table, in place of --size.") var sstables: Int?
    @Option(help: "Files in all, in place of --size and --data-size: see --average.") var smallFiles: Int?
    @Option(help: "Bytes that a small file has on average.") var average: Size = Size(bytes: 10 << 10)
    @Option(help: "Of all content.") var seed: UInt64 = 1
    @Option(help: "The tag of the snapshot.") var snapshot = "bench"
    @Option(
        help: "Takes a further snapshot, in which this share of the SSTables is replaced: 0.01 is one in a hundred."
    )
    var change: Double?
    @Option(help: "The snapshot before --change.") var from: String?
    @Flag(help: "Data.db is a hole behind its first 64 KiB.") var sparse = false
    @Flag(help: "Snapshots are links to live files.") var live = false
    @Option(help: "SSTables at a time.") var workers = 2

    func validate() throws {
        for (name, value) in [("--tables", tables), ("--workers", workers), ("--sstables", sstables ?? 1)]
        where value < 1 {
            throw ValidationError("\(name) is to be 1 at least.")
        }
        guard (change == nil) == (from == nil) else { throw ValidationError("--change and --from belong together.") }
        guard (0...1).contains(change ?? 0) else { throw ValidationError("--change is a share: from 0 to 1.") }
    }

    func run() async throws {
        var shape =
            if let smallFiles {
                DataShape.small(files: smallFiles, averageBytes: average.bytes, tables: tables)
            } else {
                DataShape.total(size.bytes, dataBytes: dataSize.bytes, tables: tables)
            }
        if let sstables { shape.sstables = sstables }
        shape.seed = seed
        shape.isSparse = sparse
        shape.hasLiveFiles = live
        let data = DataDirectory(directory, shape: shape)
        let start = ContinuousClock.now
        let result =
            if let change, let from {
                try await data.change(from, to: snapshot, rate: change, workers: workers)
            } else {
                try await data.write(snapshot: snapshot, workers: workers)
            }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        print("\(result.sstables) SSTables, \(result.files) files, \(result.bytes) bytes in \(Int(seconds * 1000)) ms")
    }
}

/// `2GiB`, `160MB` or a number of bytes.
struct Size: ExpressibleByArgument, CustomStringConvertible {
    let bytes: Int

    init(bytes: Int) { self.bytes = bytes }

    init?(argument: String) {
        let units = [
            ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("GB", 1_000_000_000), ("MB", 1_000_000),
            ("KB", 1000),
        ]
        for (name, factor) in units where argument.hasSuffix(name) {
            guard let number = Int(argument.dropLast(name.count)), number > 0 else { return nil }
            bytes = number * factor
            return
        }
        guard let number = Int(argument), number > 0 else { return nil }
        bytes = number
    }

    var description: String {
        bytes % 1_000_000 == 0 ? "\(bytes / 1_000_000)MB" : bytes % 1024 == 0 ? "\(bytes >> 10)KiB" : "\(bytes)"
    }
}
