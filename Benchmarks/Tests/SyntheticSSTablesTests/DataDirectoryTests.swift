import FoundationEssentials
import SyntheticSSTables
import Testing

@Suite struct `A generated data directory` {
    private static func shape(_ sstables: Int, tables: Int = 1, live: Bool = false) -> DataShape {
        var shape = DataShape(sstables: sstables, dataBytes: 40_000)
        shape.tables = tables
        shape.hasLiveFiles = live
        return shape
    }

    private static func inode(_ path: String) throws -> UInt64? {
        try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? UInt64
    }

    @Test(.timeLimit(.minutes(1)), arguments: [1, 2, 3])
    func `is the same for the same seed, however many work at it`(workers: Int) async throws {
        let (first, second, other) = (try Scratch(), try Scratch(), try Scratch())
        let shape = Self.shape(6, tables: 2)
        _ = try await DataDirectory(first.path, shape: shape).write(snapshot: "s", workers: 1)
        _ = try await DataDirectory(second.path, shape: shape).write(snapshot: "s", workers: workers)
        let files = try first.files()
        #expect(files.count == shape.files + 2 * 2)
        #expect(try second.files() == files)
        var differently = shape
        differently.seed = 2
        _ = try await DataDirectory(other.path, shape: differently).write(snapshot: "s")
        let others = Set(try other.files().values)
        let shared = files.filter { others.contains($0.value) }.keys.filter {
            !$0.hasSuffix("TOC.txt") && !$0.hasSuffix(".json")
        }
        #expect(shared.isEmpty)
    }

    @Test(.timeLimit(.minutes(1)))
    func `repeats nothing: no 512 bytes in a row stand twice in its Data.db`() async throws {
        let scratch = try Scratch()
        var shape = DataShape(sstables: 4, dataBytes: 2_000_000)
        shape.tables = 2
        _ = try await DataDirectory(scratch.path, shape: shape).write(snapshot: "s")
        var windows: Set<[UInt8]> = []
        var count = 0
        for (name, bytes) in try scratch.files() where name.hasSuffix("Data.db") {
            for start in stride(from: 0, to: bytes.count - 512, by: 512) {
                windows.insert(Array(bytes[start..<start + 512]))
                count += 1
            }
        }
        #expect(count > 30_000)
        #expect(windows.count == count)
    }

    @Test(.timeLimit(.minutes(1)), arguments: [(0.0, 0), (0.01, 1), (0.05, 5), (1.0, 100)])
    func `changes as many SSTables as asked for, and links the others`(rate: Double, replaced: Int) async throws {
        let scratch = try Scratch()
        let data = DataDirectory(scratch.path, shape: Self.shape(50, tables: 2))
        _ = try await data.write(snapshot: "first")
        let result = try await data.change("first", to: "second", rate: rate)
        #expect(result.sstables == replaced)
        var (linked, fresh) = (0, 0)
        for table in 0..<2 {
            let (old, new) = (data.snapshotDirectory(table, tag: "first"), data.snapshotDirectory(table, tag: "second"))
            let names = try FileManager.default.contentsOfDirectory(atPath: new).filter { $0.hasSuffix("Data.db") }
            #expect(names.count == 50)
            for name in names {
                if FileManager.default.fileExists(atPath: "\(old)/\(name)") {
                    #expect(try Self.inode("\(old)/\(name)") == Self.inode("\(new)/\(name)"))
                    linked += 1
                } else {
                    fresh += 1
                }
            }
            let manifest = String(decoding: Scratch.bytes("\(new)/manifest.json"), as: UTF8.self)
            #expect(names.allSatisfy { manifest.contains("\"\($0)\"") })
        }
        #expect(linked == 100 - replaced && fresh == replaced)
    }

    @Test(.timeLimit(.minutes(1)))
    func `has snapshots that are links to live files, if it is to have those`() async throws {
        let scratch = try Scratch()
        let data = DataDirectory(scratch.path, shape: Self.shape(10, live: true))
        _ = try await data.write(snapshot: "first")
        _ = try await data.change("first", to: "second", rate: 0.1)
        let live = try FileManager.default.contentsOfDirectory(atPath: data.tableDirectory(0)).filter {
            $0.hasPrefix("nb-")
        }
        let snapshot = data.snapshotDirectory(0, tag: "second")
        #expect(live.count == 80)
        for name in live {
            #expect(try Self.inode("\(data.tableDirectory(0))/\(name)") == Self.inode("\(snapshot)/\(name)"))
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `is as large as its shape says`() async throws {
        let (large, small) = (try Scratch(), try Scratch())
        let total = DataShape.total(10_000_000, dataBytes: 2_000_000)
        #expect(total.sstables == 5)
        let written = try await DataDirectory(large.path, shape: total).write(snapshot: "s")
        #expect((10_000_000...11_000_000).contains(written.bytes))
        #expect(written.bytes <= total.expectedBytes)
        let many = DataShape.small(files: 800, averageBytes: 4096)
        let files = try await DataDirectory(small.path, shape: many).write(snapshot: "s")
        #expect(files.files == 800)
        #expect((3900...4300).contains(files.bytes / files.files))
    }

    @Test(.timeLimit(.minutes(1)))
    func `says which path is in its way`() async throws {
        let scratch = try Scratch()
        let data = DataDirectory(scratch.path, shape: Self.shape(1))
        _ = try await data.write(snapshot: "s")
        let error = await #expect(throws: GeneratorError.self) { try await data.write(snapshot: "s") }
        #expect(error?.description.hasPrefix("cannot create \(scratch.path)/shop/") == true)
    }
}
