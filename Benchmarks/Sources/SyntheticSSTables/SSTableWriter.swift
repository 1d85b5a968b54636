internal import CISAL
internal import CZlib

/// Writes SSTables of version nb, one after another, with the same buffers.
struct SSTableWriter {
    /// Bytes that gather before they are written.
    private static let batch = 1 << 20
    /// Bytes of a hole that count as one chunk, as if that were compressed to half.
    private static let holeChunk = TemplatePool.chunk / 2

    private let pool: TemplatePool
    private var random = Random(seed: 0)
    /// Of the SSTable that is being written.
    private var base = ""
    private var output: [UInt8]
    private var filled = 0
    private var written = 0
    private var digest: UInt32 = 0
    private var info = CompressionInfo()
    private var index: [UInt8] = []
    private var indexWritten = 0
    private var summary = Summary()
    private var rows = 0

    init(pool: TemplatePool) {
        self.pool = pool
        output = Array(repeating: 0, count: Self.batch + 2 * TemplatePool.chunk)
    }

    /// - Parameters:
    ///   - base: `…/nb-7-big`.
    ///   - dataBytes: of Data.db, less or more by some hundred bytes.
    ///   - isSparse: whether Data.db is a hole behind its first 64 KiB. Its digest is right, the sums of its chunks are not.
    ///   - random: gives all content, so no two SSTables may have the same.
    mutating func write(_ base: String, dataBytes: Int, isSparse: Bool, random: Random) throws(GeneratorError) -> Int {
        self.base = base
        self.random = random
        (filled, written, digest, rows) = (0, 0, 0, 0)
        info = CompressionInfo()
        summary = Summary()
        index.removeAll(keepingCapacity: true)
        indexWritten = 0
        let indexFile = try OutputFile("\(base)-\(Component.index.rawValue)")
        try writeData(dataBytes, isSparse: isSparse, index: indexFile)
        try indexFile.write(index)
        var bytes = written + indexWritten + index.count
        var statistics = Statistics(
            partitions: summary.count,
            rows: rows,
            dataBytes: written,
            plainBytes: info.dataLength,
            random: Random(seed: self.random.next())
        )
        for component in Component.allCases {
            let content: [UInt8] =
                switch component {
                case .data, .index: []
                case .compressionInfo: info.encoded()
                case .filter: Filter.encoded(keys: summary.count, random: &self.random)
                case .summary: summary.encoded()
                case .statistics: statistics.encoded()
                case .digest: Array("\(digest)".utf8)
                case .tableOfContents: Array(Component.allCases.map { $0.rawValue + "\n" }.joined().utf8)
                }
            guard !content.isEmpty else { continue }
            try OutputFile.write(content, to: "\(base)-\(component.rawValue)")
            bytes += content.count
        }
        return bytes
    }

    private mutating func writeData(
        _ size: Int,
        isSparse: Bool,
        index indexFile: borrowing OutputFile
    ) throws(GeneratorError) {
        let file = try OutputFile("\(base)-\(Component.data.rawValue)")
        let solid = isSparse ? min(size, 64 << 10) : size
        // Each step is odd, so all templates come once before one comes again.
        var template = random.below(pool.templates.count)
        let step = random.below(pool.templates.count) | 1
        while true {
            template = (template + step) & (pool.templates.count - 1)
            guard written + filled + pool.templates[template].frame.count + 8 <= solid else { break }
            append(pool.templates[template])
            if filled >= Self.batch { try flush(to: file) }
            if index.count >= 256 << 10 {
                try indexFile.write(index)
                indexWritten += index.count
                index.removeAll(keepingCapacity: true)
            }
        }
        appendTail(compressed: solid - written - filled)
        try flush(to: file)
        if written < size, isSparse {
            try file.resize(to: size)
            appendHole(size - written)
        }
    }

    /// One chunk made from a template, with values of its own.
    private mutating func append(_ template: TemplatePool.Template) {
        let plain = info.dataLength
        let start = filled + 4
        let random = self.random
        self.random = unsafe output.withUnsafeMutableBytes { bytes in
            var random = random
            unsafe pool.frames.withUnsafeBytes { frames in
                unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[start...])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: frames[template.frame]))
            }
            for place in pool.places[template.places] {
                unsafe Self.replace(
                    bytes,
                    at: start + Int(place),
                    by: PartitionKey(high: random.next(), low: random.next())
                )
            }
            return random
        }
        for key in pool.keys[template.keys] {
            let fresh = PartitionKey(
                high: key.bytes.high & 0xFFFF << 48 | self.random.next() >> 16,
                low: key.bytes.low & 0xFFFF | self.random.next() << 16
            )
            unsafe output.withUnsafeMutableBytes { unsafe Self.replace($0, at: start + key.place, by: fresh) }
            addKey(fresh, position: plain + key.partition)
        }
        rows += template.places.count
        finishChunk(plain: TemplatePool.chunk, frame: template.frame.count)
    }

    /// Puts the inner twelve bytes of `value` at `place`: see `TemplatePool.replaced`.
    private static func replace(_ bytes: UnsafeMutableRawBufferPointer, at place: Int, by value: PartitionKey) {
        unsafe bytes.storeBytes(
            of: (value.high << 16 | value.low >> 48).bigEndian,
            toByteOffset: place,
            as: UInt64.self
        )
        unsafe bytes.storeBytes(
            of: UInt32(truncatingIfNeeded: value.low >> 16).bigEndian,
            toByteOffset: place + 8,
            as: UInt32.self
        )
    }

    /// The last chunk, shorter than others, which is made and compressed as it comes.
    private mutating func appendTail(compressed: Int) {
        let plain = min(TemplatePool.chunk, max(Partitions.least, (compressed - 8) * 15 / 8))
        var partitions = Partitions(random: Random(seed: random.next()))
        var text: [UInt8] = []
        partitions.fill(&text, count: plain)
        var frame = [UInt8](repeating: 0, count: text.count + text.count / 255 + 16)
        let count = LZ4Block.compress(text, into: &frame)
        output.replaceSubrange(filled + 4..<filled + 4 + count, with: frame[..<count])
        for value in partitions.values {
            guard let partition = value.partition else {
                rows += 1
                continue
            }
            let key = PartitionKey(
                high: TemplatePool.number(text, at: value.offset),
                low: TemplatePool.number(text, at: value.offset + 8)
            )
            addKey(key, position: info.dataLength + partition)
        }
        finishChunk(plain: plain, frame: count)
    }

    /// Puts the plain length before the frame and the sum of both behind it.
    private mutating func finishChunk(plain: Int, frame: Int) {
        let start = filled
        unsafe output.withUnsafeMutableBytes { bytes in
            unsafe bytes.storeBytes(of: UInt32(plain).littleEndian, toByteOffset: start, as: UInt32.self)
            let sum = unsafe Self.crc(UnsafeRawBufferPointer(rebasing: bytes[start..<start + 4 + frame]), from: 0)
            unsafe bytes.storeBytes(of: sum.bigEndian, toByteOffset: start + 4 + frame, as: UInt32.self)
        }
        info.offsets.append(UInt64(written + filled))
        info.dataLength += plain
        filled += 4 + frame + 4
    }

    private mutating func addKey(_ key: PartitionKey, position: Int) {
        summary.add(key, position: indexWritten + index.count)
        index.append(bigEndian: UInt16(16))
        index.append(key)
        index.append(variable: UInt64(position))
        index.append(variable: 0)  // partitions are too small for an index of their own
    }

    private mutating func flush(to file: borrowing OutputFile) throws(GeneratorError) {
        digest = unsafe output.withUnsafeBytes {
            unsafe Self.crc(UnsafeRawBufferPointer(rebasing: $0[..<filled]), from: digest)
        }
        try file.write(output[..<filled])
        written += filled
        filled = 0
    }

    /// Counts the zeros: chunks of even length in CompressionInfo.db, and the digest with the sum of one zero combined with itself
    /// again and again.
    private mutating func appendHole(_ count: Int) {
        for offset in stride(from: written, to: written + count, by: Self.holeChunk) {
            info.offsets.append(UInt64(offset))
            info.dataLength += TemplatePool.chunk
        }
        var (zeros, length, left) = (UInt(0xD202_EF8D), 1, count)
        while left > 0 {
            if left & 1 == 1 { digest = UInt32(crc32_combine(UInt(digest), zeros, length)) }
            zeros = crc32_combine(zeros, zeros, length)
            length *= 2
            left >>= 1
        }
        written += count
    }

    private static func crc(_ bytes: UnsafeRawBufferPointer, from start: UInt32) -> UInt32 {
        unsafe crc32_gzip_refl(start, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, UInt64(bytes.count))
    }
}
