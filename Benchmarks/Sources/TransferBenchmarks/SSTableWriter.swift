internal import CLZ4Block
internal import CZlib
internal import SystemPackage

/// Writes one SSTable's eight components as Cassandra 4 names them, with content that compresses like theirs.
///
/// Data.db is rows in LZ4 blocks of 16 KiB, each behind its CRC-32, and Digest.crc32 fits it: a backup checks that.
struct SSTableWriter {
    static let components = [
        "CompressionInfo.db", "Data.db", "Digest.crc32", "Filter.db", "Index.db", "Statistics.db", "Summary.db",
        "TOC.txt",
    ]
    /// Plain bytes of a block: Cassandra's `chunk_length_in_kb`.
    private static let block = 16 << 10

    /// `…/nb-7-big`.
    private let base: String
    private var rows: Rows
    private var random: Random

    /// - Parameter seed: of all content; no two SSTables of a data set may have the same.
    init(base: String, seed: UInt64) {
        self.base = base
        rows = Rows(seed: seed &* 2)
        random = Random(seed: seed &* 2 &+ 1)
    }

    /// - Parameter dataBytes: the least size of Data.db.
    mutating func write(dataBytes: Int) throws {
        let (blocks, checksum) = try writeData(dataBytes)
        try write("Digest.crc32", Array("\(checksum)".utf8))
        try write("TOC.txt", Array((Self.components.joined(separator: "\n") + "\n").utf8))
        try write("CompressionInfo.db", offsets(blocks))
        try write("Filter.db", noise(max(1 << 10, dataBytes / 6)))
        try write("Index.db", entries(dataBytes / 3))
        try write("Summary.db", entries(max(256, dataBytes / 24)))
        try write("Statistics.db", statistics())
    }

    /// The same with a Data.db that is zeros but for its first 64 KiB: a hole, which takes no room and reads as fast as
    /// memory.
    mutating func writeSparse(dataBytes: Int) throws {
        let file = try Self.create(base + "-Data.db")
        defer { try? file.close() }
        let head = noise(min(dataBytes, 64 << 10))
        try file.writeAll(head)
        try file.resize(to: Int64(dataBytes))
        let rest = dataBytes - head.count
        // The sum of one zero, combined with itself again and again.
        var checksum = Self.crc(head[...], from: 0)
        var (zeros, length) = (Self.crc([0], from: 0), 1)
        var left = rest
        while left > 0 {
            if left & 1 == 1 { checksum = UInt(crc32_combine(checksum, zeros, length)) }
            zeros = UInt(crc32_combine(zeros, zeros, length))
            length *= 2
            left >>= 1
        }
        try write("Digest.crc32", Array("\(checksum)".utf8))
        try write("TOC.txt", Array((Self.components.joined(separator: "\n") + "\n").utf8))
        try write("CompressionInfo.db", offsets(dataBytes / Self.block))
        try write("Filter.db", noise(64 << 10))
        try write("Index.db", entries(128 << 10))
        try write("Summary.db", entries(16 << 10))
        try write("Statistics.db", statistics())
    }

    private mutating func writeData(_ size: Int) throws -> (blocks: Int, checksum: UInt) {
        let file = try Self.create(base + "-Data.db")
        defer { try? file.close() }
        var text: [UInt8] = []
        var output: [UInt8] = []
        var frame = [UInt8](repeating: 0, count: Int(LZ4_compressBound(Int32(Self.block))))
        var (written, blocks, checksum) = (0, 0, UInt(0))
        while written < size {
            text.removeAll(keepingCapacity: true)
            rows.append(to: &text, upTo: Self.block)
            let count = unsafe frame.withUnsafeMutableBytes { target in
                unsafe text.withUnsafeBytes { source in
                    unsafe LZ4_compress_default(
                        source.assumingMemoryBound(to: CChar.self).baseAddress,
                        target.assumingMemoryBound(to: CChar.self).baseAddress,
                        Int32(Self.block),
                        Int32(target.count)
                    )
                }
            }
            let sum = Self.crc(frame[..<Int(count)], from: 0)
            output += frame[..<Int(count)]
            for shift in [24, 16, 8, 0] { output.append(UInt8(truncatingIfNeeded: sum >> UInt(shift))) }
            blocks += 1
            if output.count > 1 << 20 || written + output.count >= size {
                checksum = Self.crc(output[...], from: checksum)
                try file.writeAll(output)
                written += output.count
                output.removeAll(keepingCapacity: true)
            }
        }
        return (blocks, checksum)
    }

    /// Where the blocks of Data.db begin: rising numbers of eight bytes.
    private mutating func offsets(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = Array("\0\rLZ4Compressor\0\0\0\0\0\0@\0".utf8)
        var offset: UInt64 = 0
        for _ in 0..<count {
            offset += 8000 + random.next() & 0x7FF
            Self.append(offset, to: &bytes)
        }
        return bytes
    }

    /// Keys with positions: 16 random bytes, a rising number, and a few that never change.
    private mutating func entries(_ size: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var position: UInt64 = 0
        while bytes.count < min(size, 4 << 20) {
            bytes += [0x00, 0x10]
            Self.append(random.next(), to: &bytes)
            Self.append(random.next(), to: &bytes)
            position += random.next() & 0x3FF
            Self.append(position, to: &bytes)
            bytes += [0x00, 0x00]
        }
        return bytes
    }

    private mutating func noise(_ size: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < min(size, 4 << 20) { Self.append(random.next(), to: &bytes) }
        return bytes
    }

    /// Histograms: mostly small numbers in wide fields.
    private mutating func statistics() -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<620 { Self.append(random.next() & (random.next() & 1 == 0 ? 0 : 0xFFFF), to: &bytes) }
        return bytes
    }

    private func write(_ component: String, _ bytes: [UInt8]) throws {
        let file = try Self.create("\(base)-\(component)")
        defer { try? file.close() }
        try file.writeAll(bytes)
    }

    private static func create(_ path: String) throws -> FileDescriptor {
        try FileDescriptor.open(
            FilePath(path),
            .writeOnly,
            options: [.create, .exclusiveCreate],
            permissions: .ownerReadWrite
        )
    }

    private static func crc(_ bytes: ArraySlice<UInt8>, from start: UInt) -> UInt {
        unsafe bytes.withUnsafeBufferPointer { unsafe crc32(start, $0.baseAddress, UInt32($0.count)) }
    }

    private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }
}
