import CISAL
import FoundationEssentials
import SyntheticSSTables

/// A directory of a test's own, gone with the value.
final class Scratch: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/ringvault-sstables-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Paths below it, with the bytes of each file.
    func files(_ path: String? = nil) throws -> [String: [UInt8]] {
        let root = path ?? self.path
        var found: [String: [UInt8]] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: root) {
            var isDirectory = false
            _ = FileManager.default.fileExists(atPath: "\(root)/\(name)", isDirectory: &isDirectory)
            if !isDirectory { found[name] = Self.bytes("\(root)/\(name)") }
        }
        return found
    }

    static func bytes(_ path: String) -> [UInt8] { Array(FileManager.default.contents(atPath: path) ?? Data()) }
}

/// Reads what Cassandra wrote, or what pretends to be.
struct BytesReader {
    private let bytes: [UInt8]
    private(set) var position: Int

    init(_ bytes: [UInt8], at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func number(_ size: Int) -> Int {
        defer { position += size }
        return bytes[position..<position + size].reduce(0) { $0 << 8 | Int($1) }
    }

    mutating func littleNumber(_ size: Int) -> Int {
        defer { position += size }
        return bytes[position..<position + size].reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    mutating func variableNumber() -> Int {
        let extra = (~bytes[position]).leadingZeroBitCount
        let first = extra >= 7 ? 0 : Int(bytes[position]) & (0xFF >> (extra + 1))
        position += 1
        return first << (8 * extra) | number(extra)
    }

    mutating func take(_ count: Int) -> [UInt8] {
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    mutating func text() -> String { String(decoding: take(number(2)), as: UTF8.self) }
}

/// CompressionInfo.db of version nb.
struct ReadCompressionInfo {
    let compressor: String
    let chunkLength: Int
    let dataLength: Int
    let offsets: [Int]

    init(_ bytes: [UInt8]) {
        var reader = BytesReader(bytes)
        compressor = reader.text()
        for _ in 0..<2 * reader.number(4) { _ = reader.text() }
        chunkLength = reader.number(4)
        _ = reader.number(4)  // the most compressed bytes of a chunk
        dataLength = reader.number(8)
        offsets = (0..<reader.number(4)).map { _ in reader.number(8) }
        precondition(reader.isAtEnd)
    }
}

func crc(_ bytes: [UInt8]) -> Int {
    Int(unsafe bytes.withUnsafeBufferPointer { unsafe crc32_gzip_refl(0, $0.baseAddress, UInt64($0.count)) })
}
