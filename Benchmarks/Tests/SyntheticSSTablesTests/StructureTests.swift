import CLZ4Block
import FoundationEssentials
import SyntheticSSTables
import Testing

/// Every component, read again by what reads one that Cassandra wrote.
@Suite struct `A generated SSTable` {
    /// Components by their names, of an SSTable of some 300 chunks.
    fileprivate static func components(isSparse: Bool = false) async throws -> [String: [UInt8]] {
        let scratch = try Scratch()
        var shape = DataShape(sstables: 1, dataBytes: 3_000_000)
        shape.isSparse = isSparse
        let data = DataDirectory(scratch.path, shape: shape)
        let result = try await data.write(snapshot: "s")
        let files = try scratch.files(data.snapshotDirectory(0, tag: "s")).filter { $0.key.hasPrefix("nb-1-big-") }
        #expect(result.sstables == 1 && result.files == files.count)
        #expect(result.bytes == files.values.reduce(0) { $0 + $1.count })
        return Dictionary(uniqueKeysWithValues: files.map { ($0.key.replacing("nb-1-big-", with: ""), $0.value) })
    }

    /// The plain bytes of a chunk; nil if it is not one.
    private static func plain(_ chunk: [UInt8]) -> [UInt8]? {
        let size = BytesReader(chunk).peekLittle
        var plain = [UInt8](repeating: 0, count: size)
        let count = unsafe plain.withUnsafeMutableBytes { target in
            unsafe chunk[4...].withUnsafeBytes { source in
                unsafe LZ4_decompress_safe(
                    source.assumingMemoryBound(to: CChar.self).baseAddress,
                    target.assumingMemoryBound(to: CChar.self).baseAddress,
                    Int32(source.count),
                    Int32(target.count)
                )
            }
        }
        return Int(count) == size ? plain : nil
    }

    @Test(.timeLimit(.minutes(1)))
    func `has the components that its table of contents lists`() async throws {
        let files = try await Self.components()
        let listed = String(decoding: try #require(files["TOC.txt"]), as: UTF8.self).split(separator: "\n").map(
            String.init
        )
        #expect(listed.sorted() == files.keys.sorted())
        #expect(files.count == 8)
    }

    /// Components of an SSTable that Cassandra 4.0.14 wrote: what holds of ours must hold of it.
    fileprivate static func captured() throws -> [String: [UInt8]] {
        let fixtures = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let table = "/\(fixtures)/Tests/Fixtures/cassandra/4.0.14/data1/shop/orders-3e2816e0e53811f1916b25b74eacdfa4"
        var files: [String: [UInt8]] = [:]
        for component in Component.allCases {
            files[component.rawValue] = Scratch.bytes("\(table)/nb-12-big-\(component.rawValue)")
        }
        try #require(files.values.allSatisfy { !$0.isEmpty })
        return files
    }

    enum Origin: CaseIterable {
        case generated, captured

        func components() async throws -> [String: [UInt8]] {
            switch self {
            case .generated: try await `A generated SSTable`.components()
            case .captured: try `A generated SSTable`.captured()
            }
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: Origin.allCases)
    func `has chunks with right sums that decompress to what CompressionInfo says`(origin: Origin) async throws {
        let files = try await origin.components()
        let data = try #require(files["Data.db"])
        let info = ReadCompressionInfo(try #require(files["CompressionInfo.db"]))
        #expect(info.compressor == "LZ4Compressor" && info.chunkLength == 16384)
        #expect(info.offsets.first == 0 && info.offsets.count > (origin == .generated ? 250 : 10))
        #expect(zip(info.offsets, info.offsets.dropFirst()).allSatisfy { $0 < $1 })
        if origin == .generated { #expect(abs(data.count - 3_000_000) < 2000) }
        var length = 0
        for (index, offset) in info.offsets.enumerated() {
            let end = index + 1 < info.offsets.count ? info.offsets[index + 1] : data.count
            let chunk = Array(data[offset..<end - 4])
            var reader = BytesReader(data, at: end - 4)
            try #require(reader.number(4) == crc(chunk), "chunk \(index)")
            let plain = try #require(Self.plain(chunk), "chunk \(index)")
            // Cassandra ends some files with a chunk of nothing.
            #expect(plain.count == min(16384, info.dataLength - length))
            length += plain.count
        }
        #expect(length == info.dataLength)
        #expect(String(decoding: try #require(files["Digest.crc32"]), as: UTF8.self) == "\(crc(data))")
    }

    @Test(.timeLimit(.minutes(1)), arguments: Origin.allCases)
    func `has an index whose keys stand where it says, and a summary of it`(origin: Origin) async throws {
        let files = try await origin.components()
        let data = try #require(files["Data.db"])
        let info = ReadCompressionInfo(try #require(files["CompressionInfo.db"]))
        let rows = zip(info.offsets, info.offsets.dropFirst() + [data.count]).flatMap { start, end in
            Self.plain(Array(data[start..<end - 4])) ?? []
        }
        var reader = BytesReader(try #require(files["Index.db"]))
        var entries: [(key: [UInt8], place: Int)] = []
        var next = 0
        while !reader.isAtEnd {
            let place = reader.position
            let key = reader.take(reader.number(2))
            let position = reader.variableNumber()
            _ = reader.take(reader.variableNumber())
            var row = BytesReader(rows, at: position)
            try #require(row.take(row.number(2)) == key)
            if origin == .generated {
                try #require(position == next, "partitions follow each other without a gap")
                next = try #require(Self.endOfPartition(rows, position))
            }
            entries.append((key, place))
        }
        if origin == .generated { #expect(next == rows.count) }
        #expect(Set(entries.map(\.key)).count == entries.count)

        var summary = BytesReader(try #require(files["Summary.db"]))
        #expect(summary.number(4) == 128)
        let sampled = summary.number(4)
        let keys = stride(from: 0, to: entries.count, by: 128).map { entries[$0] }
        #expect(sampled == keys.count)
        #expect(summary.number(8) == keys.reduce(0) { $0 + 4 + $1.key.count + 8 })
        #expect(summary.number(4) == 128 && summary.number(4) == sampled)
        var offset = sampled * 4
        for entry in keys {
            #expect(summary.littleNumber(4) == offset)
            offset += entry.key.count + 8
        }
        for entry in keys {
            #expect(summary.take(entry.key.count) == entry.key)
            #expect(summary.littleNumber(8) == entry.place)
        }
        #expect(summary.take(summary.number(4)) == entries.first?.key)
        #expect(summary.take(summary.number(4)) == entries.last?.key)
        #expect(summary.isAtEnd)

        var filter = BytesReader(try #require(files["Filter.db"]))
        #expect(filter.number(4) == 5)
        let words = filter.number(4)
        #expect(words * 64 >= entries.count * 10 && words * 64 < entries.count * 10 + 128)
        let bits = filter.take(words * 8).reduce(0) { $0 + $1.nonzeroBitCount }
        if origin == .generated { #expect((0.36...0.39).contains(Double(bits) / Double(words * 64))) }
        #expect(filter.isAtEnd)
    }

    /// Where the partition at `start` ends, by its rows' own lengths; nil if it does not.
    private static func endOfPartition(_ rows: [UInt8], _ start: Int) -> Int? {
        var reader = BytesReader(rows, at: start)
        _ = reader.take(reader.number(2) + 12)
        while reader.position < rows.count {
            switch reader.number(1) {
            case 0x01: return reader.position
            case 0x24:
                _ = reader.take(1 + 4)
                _ = reader.take(reader.variableNumber())
            default: return nil
            }
        }
        return nil
    }

    @Test(.timeLimit(.minutes(1)), arguments: Origin.allCases)
    func `has statistics whose sections carry right sums`(origin: Origin) async throws {
        let bytes = try #require(try await origin.components()["Statistics.db"])
        var reader = BytesReader(bytes)
        #expect(reader.number(4) == 4)
        #expect(reader.number(4) == crc(Array(bytes[..<4])))
        let starts = (0..<4).map { type in
            #expect(reader.number(4) == type)
            return reader.number(4)
        }
        #expect(reader.number(4) == crc(Array(bytes[..<4] + bytes[8..<40])))
        #expect(starts[0] == reader.position)
        for (start, end) in zip(starts, starts.dropFirst() + [bytes.count]) {
            var sum = BytesReader(bytes, at: end - 4)
            #expect(sum.number(4) == crc(Array(bytes[start..<end - 4])))
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `has a right digest where it is a hole`() async throws {
        let files = try await Self.components(isSparse: true)
        let data = try #require(files["Data.db"])
        let info = ReadCompressionInfo(try #require(files["CompressionInfo.db"]))
        #expect(data.count == 3_000_000)
        #expect(data[80_000...].allSatisfy { $0 == 0 })
        #expect(data[..<60_000].count { $0 == 0 } < 6000)
        #expect(zip(info.offsets, info.offsets.dropFirst()).allSatisfy { $0 < $1 })
        #expect(String(decoding: try #require(files["Digest.crc32"]), as: UTF8.self) == "\(crc(data))")
    }
}

extension BytesReader {
    /// The length before a chunk.
    fileprivate var peekLittle: Int {
        var copy = self
        return copy.littleNumber(4)
    }
}
