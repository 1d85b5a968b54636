import SystemPackage
import TestSupport
import Testing
import TransferEngine

/// A frame of `content`, or nil where it was not worthwhile.
func frame(of content: [UInt8], _ compression: Compression, as format: FrameFormat) throws -> [UInt8]? {
    var frame = BufferLease(unpooledCapacity: BlobCompressor.frameCapacity(for: content.count))
    guard try BlobCompressor(compression).compress(content.span, as: format, into: &frame) else {
        let count = frame.count
        #expect(count == 0)
        return nil
    }
    return frame.array
}

func content(of frame: [UInt8], _ format: FrameFormat, room: Int) throws -> [UInt8] {
    var content = BufferLease(unpooledCapacity: room)
    try BlobDecompressor.decompress(frame.span, format: format, into: &content)
    return content.array
}

@Suite struct `A blob compressor` {
    static let ways: [(Compression, FrameFormat)] =
        Compression.levels.map { (.zstd(level: $0), .zstd) } + [(.lz4, .lz4), (.auto, .zstd)]

    @Test(arguments: ways) func `gives frames that become the same content`(
        compression: Compression,
        format: FrameFormat
    ) throws {
        for count in [200, 4096, 100_000, 1 << 20] {
            let text = Content.repetitive(count)
            // A random page alone cannot shrink.
            guard let frame = try frame(of: text, compression, as: format) else {
                #expect(count <= 4096)
                continue
            }
            #expect(frame.count <= Compression.worthwhile(count))
            #expect(areSame(try content(of: frame, format, room: count), text))
            #expect(BlobDecompressor.contentSize(of: frame.span, format: format) == count)
        }
        let zeros = [UInt8](repeating: 0, count: 300_000)
        let frame = try #require(try frame(of: zeros, compression, as: format))
        #expect(frame.count < 2000)
        #expect(areSame(try content(of: frame, format, room: zeros.count), zeros))
    }

    @Test(
        arguments: [(.zstd(level: 1), .zstd), (.zstd(level: 3), .zstd), (.lz4, .lz4)] as [(Compression, FrameFormat)]
    )
    func `takes a chunk of 16 MiB`(compression: Compression, format: FrameFormat) throws {
        let text = Content.repetitive(16 << 20)
        let frame = try #require(try frame(of: text, compression, as: format))
        #expect(areSame(try content(of: frame, format, room: text.count), text))
        #expect(BlobDecompressor.contentSize(of: frame.span, format: format) == text.count)
    }

    @Test(arguments: ways) func `says of what does not shrink that it is not worthwhile`(
        compression: Compression,
        format: FrameFormat
    ) throws {
        for count in [0, 1, 20, 1000, 70_000] {
            #expect(try frame(of: Content.random(count), compression, as: format) == nil, "\(count) bytes")
        }
    }

    @Test func `says of a random chunk of 16 MiB that it is not worthwhile, within the buffer it asked for`() throws {
        let noise = Content.random(16 << 20)
        #expect(try frame(of: noise, .lz4, as: .lz4) == nil)
        #expect(try frame(of: noise, .zstd(level: 1), as: .zstd) == nil)
    }

    @Test(arguments: [1, 100, 10_000, 65_536, 65_537, 1 << 22, (1 << 22) + 1])
    func `asks for enough room for LZ4's worst case`(count: Int) throws {
        #expect(try frame(of: Content.random(count), .lz4, as: .lz4) == nil)
    }

    @Test func `keeps a frame exactly up to the worthwhile size`() throws {
        // Noise with a tail of zeros: the longer the tail, the smaller the frame's share.
        var results: [Bool] = []
        for tail in stride(from: 0, through: 8000, by: 250) {
            let bytes = Content.random(100_000 - tail) + [UInt8](repeating: 0, count: tail)
            let frame = try frame(of: bytes, .zstd(level: 3), as: .zstd)
            #expect(frame.map { $0.count <= 97_000 } ?? (tail < 3500))
            results.append(frame != nil)
        }
        #expect(results.first == false)
        #expect(results.last == true)
        #expect(results == results.sorted { !$0 && $1 })
    }

    @Test(
        arguments: [
            (.none, .plain, .plain), (.lz4, .lz4, .lz4), (.zstd(level: 3), .zstd, .zstd), (.auto, .plain, .zstd),
        ] as [(Compression, FrameFormat, FrameFormat)]
    )
    func `decides a format by content and settings alone`(
        compression: Compression,
        noise: FrameFormat,
        text: FrameFormat
    ) {
        let compressor = BlobCompressor(compression)
        let (random, repetitive) = (Content.random(300_000), Content.repetitive(300_000))
        for _ in 0..<3 {
            #expect(compressor.format(for: random.span) == noise)
            #expect(compressor.format(for: repetitive.span) == text)
            #expect(BlobCompressor(compression).format(for: repetitive.span) == text)
        }
        #expect(compressor.format(for: [UInt8]().span) == .plain)
    }

    @Test func `that decides itself sees noise only where all samples are noise`() {
        let auto = BlobCompressor(.auto)
        let noise = Content.random(200_000)
        #expect(auto.format(for: noise.span) == .plain)
        for start in [0, (200_000 - 16_384) / 2, 200_000 - 16_384] {
            var mixed = noise
            for index in start..<start + 16_384 { mixed[index] = 0 }
            #expect(auto.format(for: mixed.span) == .zstd)
        }
        #expect(auto.format(for: noise.span.extracting(..<64)) == .plain)
        #expect(auto.format(for: noise.span.extracting(..<65)) == .zstd)
    }

    @Test(
        arguments: [(.zstd(level: 3), .zstd), (.zstd(level: 9), .zstd), (.lz4, .lz4)] as [(Compression, FrameFormat)]
    )
    func `gives the same frame for the same content, whatever it did before`(
        compression: Compression,
        format: FrameFormat
    ) throws {
        let compressor = BlobCompressor(compression)
        let text = Content.repetitive(100_000, seed: 9)
        var frames: [[UInt8]] = []
        for between in [0, 10, 300_000] {
            var frame = BufferLease(unpooledCapacity: BlobCompressor.frameCapacity(for: 300_000))
            _ = try compressor.compress(Content.repetitive(between).span, as: format, into: &frame)
            let isSmaller = try compressor.compress(text.span, as: format, into: &frame)
            #expect(isSmaller)
            frames.append(frame.array)
        }
        #expect(frames.allSatisfy { areSame($0, frames[0]) })
    }

    @Test(.timeLimit(.minutes(5))) func `serves many tasks at one time`() async throws {
        let compressor = BlobCompressor(.zstd(level: 1))
        try await withThrowingDiscardingTaskGroup { group in
            for index in 0..<40 {
                group.addTask {
                    let text = Content.repetitive(50_000 + index, seed: UInt64(index))
                    var frame = BufferLease(unpooledCapacity: BlobCompressor.frameCapacity(for: text.count))
                    let isSmaller = try compressor.compress(text.span, as: .zstd, into: &frame)
                    #expect(isSmaller)
                    let bytes = frame.array
                    #expect(areSame(try content(of: bytes, .zstd, room: text.count), text))
                }
            }
        }
    }

    @Test(
        .enabled(if: CommandLineTool.isInstalled("zstd") && CommandLineTool.isInstalled("lz4"), "needs zstd and lz4"),
        arguments: [(.zstd(level: 3), .zstd, "zstd"), (.zstd(level: 19), .zstd, "zstd"), (.lz4, .lz4, "lz4")]
            as [(Compression, FrameFormat, String)]
    )
    func `and the command line tools read each other's frames`(
        compression: Compression,
        format: FrameFormat,
        tool: String
    ) throws {
        try withTemporaryDirectory { directory in
            let text = Content.repetitive(1_000_000)
            let ours = try #require(try frame(of: text, compression, as: format))
            try write(ours, directory.appending("ours.\(tool)"))
            #expect(CommandLineTool.run("cd \(directory) && \(tool) -q -d -c ours.\(tool) > plain"))
            #expect(areSame(try SmallFile.bytes(of: directory.appending("plain"), limit: 1 << 24), text))
            let options =
                tool == "lz4" ? ["-1", "-9", "--content-size", "--no-frame-crc"] : ["-1", "-9", "--no-check"]
            for options in options {
                #expect(CommandLineTool.run("cd \(directory) && \(tool) -q -c \(options) plain > theirs"))
                let theirs = try SmallFile.bytes(of: directory.appending("theirs"), limit: 1 << 24)
                #expect(areSame(try content(of: theirs, format, room: text.count), text), "\(options)")
            }
        }
    }
}

func write(_ bytes: [UInt8], _ path: FilePath) throws {
    try WritableFile(path, creation: .mustBeNew).write(bytes.span, at: 0)
}
