internal import SystemPackage
internal import TransferEngine

/// Reads the records of a journal's file from the front, until one is torn or changed, or the file ends.
///
/// Memory is that of the longest line. Blocks.
struct JournalLines: ~Copyable {
    private static let step = 256 << 10

    private let file: ReadableFile
    private let end: Int64
    private var offset: Int64 = 0
    private var fetched = BufferLease(unpooledCapacity: JournalLines.step)
    /// Read and not given out from `start` on.
    private var text: [UInt8] = []
    private var start = 0
    /// Bytes from the file's start whose records are right.
    private(set) var validCount: Int64 = 0

    /// - Parameter end: bytes of the file that count; nil: all there are now.
    init(_ path: FilePath, upTo end: Int64? = nil) throws(FileError) {
        file = try ReadableFile(path)
        self.end = min(end ?? .max, file.status.size)
    }

    /// The next record; nil once one is not right, and for ever after.
    mutating func next() throws(FileError) -> JournalRecord? {
        var searched = start
        while true {
            if let newline = text[searched...].firstIndex(of: 0x0A) {
                guard let record = JournalRecord(line: text[start..<newline]) else { return nil }
                validCount += Int64(newline + 1 - start)
                start = newline + 1
                return record
            }
            guard offset < end else { return nil }
            text.removeFirst(start)
            searched = text.count
            start = 0
            fetched.truncate(to: 0)
            let count = Int(min(Int64(Self.step), end - offset))
            try file.read(count, at: offset, into: &fetched)
            offset += Int64(count)
            Self.append(fetched, to: &text)
        }
    }

    /// Takes the parts one by one: a span of `self.fetched` would hold all of `self`.
    private static func append(_ fetched: borrowing BufferLease, to text: inout [UInt8]) {
        let bytes = fetched.bytes
        unsafe bytes.withUnsafeBufferPointer { unsafe text.append(contentsOf: $0) }
    }
}
