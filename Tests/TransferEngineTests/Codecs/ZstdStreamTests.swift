import TestSupport
import Testing
import TransferEngine

@Suite struct `A zstd stream` {
    static func encode(_ bytes: [UInt8], pieces size: Int, level: Int = 3) throws -> [UInt8] {
        var encoder = try ZstdStreamEncoder(level: level)
        for start in stride(from: 0, to: bytes.count, by: size) {
            try encoder.write(bytes.span.extracting(start..<min(start + size, bytes.count)))
        }
        return try encoder.finish()
    }

    /// - Throws: `CodecError`, `.corrupt` also for a stream that ends within a frame.
    static func decode(_ frame: [UInt8], pieces size: Int) throws -> [UInt8] {
        var decoder = try ZstdStreamDecoder()
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: frame.count, by: size) {
            let piece = frame.span.extracting(start..<min(start + size, frame.count))
            var position = 0
            while try decoder.decode(piece, from: &position, into: &bytes) {}
            #expect(position == piece.count)
        }
        guard decoder.isAtFrameEnd else { throw CodecError(.corrupt, "decompress", "cut short") }
        return bytes
    }

    @Test(arguments: [1, 3, 17, 1000, 131_071, 131_072, 131_073, 1 << 20])
    func `is the same whatever pieces it is written and read in`(size: Int) throws {
        let large = Content.repetitive(150_000) + Content.random(150_000)
        let bytes = size < 100 ? Array(large.suffix(160_000).prefix(20_000)) : large
        let frame = try Self.encode(bytes, pieces: size)
        #expect(areSame(try Self.decode(frame, pieces: size), bytes))
        #expect(areSame(try Self.decode(frame, pieces: frame.count), bytes))
        #expect(areSame(try Self.encode(bytes, pieces: bytes.count), frame))
    }

    @Test func `of nothing is a frame too`() throws {
        let frame = try Self.encode([], pieces: 1)
        #expect(!frame.isEmpty)
        #expect(try Self.decode(frame, pieces: 1) == [])
    }

    @Test(arguments: [1, 3, 19]) func `keeps to the window that a reader allows, at every level`(level: Int) throws {
        let bytes = Content.repetitive(9 << 20)
        let frame = try Self.encode(bytes, pieces: 1 << 20, level: level)
        #expect(areSame(try Self.decode(frame, pieces: 50_000), bytes))
    }

    @Test func `may be several frames one after another`() throws {
        var encoder = try ZstdStreamEncoder()
        var all: [UInt8] = []
        for text in ["one", "", "three"] {
            try encoder.write(Array(text.utf8).span)
            all += try encoder.finish()
        }
        #expect(try Self.decode(all, pieces: 1) == Array("onethree".utf8))
        #expect(try Self.decode(all, pieces: all.count) == Array("onethree".utf8))
    }

    @Test func `is at its end also after being asked with nothing`() throws {
        var decoder = try ZstdStreamDecoder()
        var bytes: [UInt8] = []
        let isAtStart = decoder.isAtFrameEnd
        #expect(isAtStart)
        let frame = try Self.encode([1, 2, 3], pieces: 3)
        for piece in [[], Array(frame.prefix(5)), [], Array(frame.dropFirst(5)), [], []] as [[UInt8]] {
            var position = 0
            while try decoder.decode(piece.span, from: &position, into: &bytes) {}
        }
        let isAtEnd = decoder.isAtFrameEnd
        #expect(isAtEnd)
        #expect(bytes == [1, 2, 3])
    }

    @Test func `cut anywhere is not at its end`() throws {
        let frame = try Self.encode(Array("some lines\nsome lines\nother lines\n".utf8), pieces: 100)
        for count in 1..<frame.count {
            #expect(throws: CodecError.self, "\(count)") {
                _ = try Self.decode(Array(frame.prefix(count)), pieces: 7)
            }
        }
    }

    @Test func `with a flipped bit is an error, or tells the same`() throws {
        let bytes = Array("some lines\nsome lines\nother lines\n".utf8)
        let frame = try Self.encode(bytes, pieces: 100)
        var harmless = 0
        for index in frame.indices {
            for bit in 0..<8 {
                var bad = frame
                bad[index] ^= 1 << bit
                do {
                    // The checksum guards the content; header bits that mean nothing may change.
                    #expect(try Self.decode(bad, pieces: 1000) == bytes)
                    harmless += 1
                } catch {
                    #expect((error as? CodecError)?.code == .corrupt)
                }
            }
        }
        #expect(harmless < 20)
    }

    @Test func `that would fill the memory is given out in bounded steps`() throws {
        // 64 MiB of zeros in a few kilobytes.
        var encoder = try ZstdStreamEncoder()
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        for _ in 0..<64 { try encoder.write(zeros.span) }
        let frame = try encoder.finish()
        #expect(frame.count < 10_000)
        var decoder = try ZstdStreamDecoder()
        var (position, total, most) = (0, 0, 0)
        var isMore = true
        while isMore {
            var bytes: [UInt8] = []
            isMore = try decoder.decode(frame.span, from: &position, into: &bytes)
            total += bytes.count
            most = max(most, bytes.count)
        }
        #expect(total == 64 << 20)
        #expect(most <= 128 << 10)
        let isAtEnd = decoder.isAtFrameEnd
        #expect(isAtEnd)
    }

    @Test func `that asks for a window of a gigabyte is refused`() throws {
        // Window descriptor: exponent 20, so 2^30 bytes. RFC 8878, section 3.1.1.1.2.
        let hostile: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 20 << 3, 1, 0, 0]
        let error = #expect(throws: CodecError.self) { _ = try Self.decode(hostile, pieces: 100) }
        #expect(error?.code == .corrupt)
        let modest: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 13 << 3, 1, 0, 0]
        #expect(try Self.decode(modest, pieces: 100) == [])
    }
}

@Suite struct `Compression settings` {
    @Test(
        arguments: [
            ("none", .none), ("lz4", .lz4), ("zstd", .zstd(level: Compression.defaultLevel)), ("zstd:3", .zstd(level: 3)),
            ("zstd:19", .zstd(level: 19)), ("auto", .auto),
        ] as [(String, Compression)]
    )
    func `are read from the text they write`(text: String, compression: Compression) {
        #expect(Compression(text) == compression)
        #expect(Compression(compression.description) == compression)
        #expect(compression.description == text)
    }

    @Test(arguments: [
        "", "ZSTD", "zstd:", "zstd:0", "zstd:20", "zstd:-1", "zstd:x", "zstd:3:3", ":3", "lz4:1", " lz4", "gzip",
    ])
    func `are not read from anything else`(text: String) {
        #expect(Compression(text) == nil)
    }
}
