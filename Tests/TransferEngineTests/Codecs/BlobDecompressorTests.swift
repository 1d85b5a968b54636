import TestSupport
import Testing
import TransferEngine

@Suite struct `A blob decompressor` {
    static let ways: [(Compression, FrameFormat)] = [(.zstd(level: 3), .zstd), (.lz4, .lz4)]

    /// Words with a little noise between them, so that a frame has literals and matches.
    static let text: [UInt8] = (0..<40).flatMap { Array("the row of a table \($0 * $0) ".utf8) }

    @Test(arguments: ways) func `makes of any flipped bit an error or bytes within bounds`(
        compression: Compression,
        format: FrameFormat
    ) throws {
        let good = try #require(try frame(of: Self.text, compression, as: format))
        var failures = 0
        for index in good.indices {
            for bit in 0..<8 {
                var bad = good
                bad[index] ^= 1 << bit
                do {
                    // A frame holds no checksum: what it then gives is for the blob's hash to refuse.
                    let got = try content(of: bad, format, room: Self.text.count)
                    #expect(got.count <= Self.text.count)
                } catch let error as CodecError {
                    #expect(error.code != .failed, "\(error)")
                    failures += 1
                }
                _ = BlobDecompressor.contentSize(of: bad.span, format: format)
            }
        }
        #expect(failures > good.count)
    }

    @Test(arguments: ways) func `makes of a frame cut anywhere an error`(
        compression: Compression,
        format: FrameFormat
    ) throws {
        let good = try #require(try frame(of: Self.text, compression, as: format))
        for count in 0..<good.count {
            let error = #expect(throws: CodecError.self, "\(count) of \(good.count) bytes") {
                _ = try content(of: Array(good.prefix(count)), format, room: Self.text.count)
            }
            #expect(error?.code == .corrupt, "\(count) of \(good.count) bytes")
        }
    }

    @Test(arguments: ways) func `makes of bytes behind a frame an error`(
        compression: Compression,
        format: FrameFormat
    ) throws {
        let good = try #require(try frame(of: Self.text, compression, as: format))
        for tail in [[0], [1, 2, 3, 4, 5, 6, 7, 8]] as [[UInt8]] {
            let error = #expect(throws: CodecError.self) {
                _ = try content(of: good + tail, format, room: 2 * Self.text.count)
            }
            #expect(error?.code == .corrupt)
        }
    }

    @Test(arguments: ways) func `says that a frame is too large and never writes more than fits`(
        compression: Compression,
        format: FrameFormat
    ) throws {
        for count in [Self.text.count, 300_000, 5 << 20] {
            let bytes = count == Self.text.count ? Self.text : Content.repetitive(count)
            let good = try #require(try frame(of: bytes, compression, as: format))
            #expect(areSame(try content(of: good, format, room: count), bytes))
            for room in [1, 100, count / 2, count - 1] {
                let error = #expect(throws: CodecError.self, "\(room) of \(count)") {
                    _ = try content(of: good, format, room: room)
                }
                #expect(error?.code == .tooLarge, "\(room) of \(count)")
            }
        }
    }

    @Test(arguments: FrameFormat.allCases) func `refuses noise`(format: FrameFormat) throws {
        for seed in 0..<200 as Range<UInt64> where format != .plain {
            let noise = Content.random(Int(seed), seed: seed)
            #expect(throws: CodecError.self) { _ = try content(of: noise, format, room: 1000) }
            #expect(BlobDecompressor.contentSize(of: noise.span, format: format) == nil)
        }
    }

    @Test func `gives plain content as it is, if it fits`() throws {
        for count in [0, 1, 1000] {
            let bytes = Content.random(count)
            #expect(try content(of: bytes, .plain, room: count) == bytes)
            #expect(BlobDecompressor.contentSize(of: bytes.span, format: .plain) == count)
        }
        let error = #expect(throws: CodecError.self) { _ = try content(of: [1, 2, 3], .plain, room: 2) }
        #expect(error?.code == .tooLarge)
    }

    @Test func `reads a content size from the header alone, and no lie makes it allocate`() throws {
        let good = try #require(try frame(of: Self.text, .zstd(level: 3), as: .zstd))
        #expect(BlobDecompressor.contentSize(of: good.span.extracting(..<18), format: .zstd) == Self.text.count)
        // Single segment, eight bytes of content size: 2^63 - 1, then one that no Int holds. RFC 8878, section 3.1.1.
        let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0xE0]
        let most = magic + [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]
        let beyond = magic + [0, 0, 0, 0, 0, 0, 0, 0x80]
        #expect(BlobDecompressor.contentSize(of: most.span, format: .zstd) == Int.max)
        #expect(BlobDecompressor.contentSize(of: beyond.span, format: .zstd) == nil)
        #expect(throws: CodecError.self) { _ = try content(of: most + [1, 0, 0], .zstd, room: 100) }
    }

    @Test(arguments: FrameFormat.allCases) func `leaves nothing in the buffer where it fails`(
        format: FrameFormat
    ) throws {
        var buffer = BufferLease(holding: [1, 2, 3])
        let bad = [UInt8](repeating: 0x55, count: 20)
        #expect(throws: CodecError.self) { try BlobDecompressor.decompress(bad.span, format: format, into: &buffer) }
        let count = buffer.count
        #expect(count == 0)
    }
}
