internal import TransferEngine

/// What bytes go through, a mebibyte of a Data.db at a time.
extension Stage {
    private static let size = 1 << 20
    /// Bytes that a reader hands on at a time.
    private static let step = 256 << 10

    static var codecs: [Stage] {
        [sha256, crc32, crc32C]
            + [Compression.zstd(level: 1), .zstd(level: 3), .zstd(level: 6), .lz4].flatMap {
                [compress($0), decompress($0)]
            }
            + [seal, sealAndOpen]
    }

    private static var sha256: Stage {
        Stage("SHA256", .bytes(size), operations: 20) {
            let sample = try await Sample.bytes(size)
            return { operations in
                var hash = SHA256()
                for _ in 0..<operations {
                    for start in stride(from: 0, to: size, by: step) {
                        hash.update(sample.span.extracting(start..<start + step))
                    }
                    guard hash.finish().words.0 != 0 else { throw StageError("no digest") }
                }
            }
        }
    }

    private static var crc32: Stage {
        Stage("CRC32", .bytes(size), operations: 20) {
            let sample = try await Sample.bytes(size)
            return { operations in
                for _ in 0..<operations {
                    var sum = CRC32()
                    sum.update(sample.span)
                    guard sum.value != 0 else { throw StageError("no sum") }
                }
            }
        }
    }

    private static var crc32C: Stage {
        Stage("CRC32C", .bytes(size), operations: 20) {
            let sample = try await Sample.bytes(size)
            return { operations in
                for _ in 0..<operations {
                    var sum = CRC32C()
                    sum.update(sample.span)
                    guard sum.value != 0 else { throw StageError("no sum") }
                }
            }
        }
    }

    /// `zstd:3` becomes `zstd-3`.
    private static func label(_ compression: Compression) -> String {
        switch compression {
        case .none, .lz4, .auto: compression.description
        case .zstd(let level): "zstd-\(level)"
        }
    }

    private static func format(_ compression: Compression) -> FrameFormat { compression == .lz4 ? .lz4 : .zstd }

    private static func compress(_ compression: Compression) -> Stage {
        Stage("compress-\(label(compression))", .bytes(size), operations: 4) {
            let sample = try await Sample.bytes(size)
            let compressor = BlobCompressor(compression)
            return { operations in
                var frame = BufferLease(unpooledCapacity: BlobCompressor.frameCapacity(for: size))
                for _ in 0..<operations {
                    // LZ4 on LZ4 gains nothing, and does all its work to find that out.
                    let isSmaller = try compressor.compress(sample.span, as: format(compression), into: &frame)
                    guard isSmaller == (compression != .lz4) else {
                        throw StageError("compressed to \(frame.count) bytes")
                    }
                }
            }
        }
    }

    private static func decompress(_ compression: Compression) -> Stage {
        Stage("decompress-\(label(compression))", .bytes(size), operations: 4) {
            // What LZ4 has been over once does not get smaller by it, so it gets words.
            let sample = compression == .lz4 ? words : try await Sample.bytes(size)
            let compressor = BlobCompressor(compression)
            var frame = BufferLease(unpooledCapacity: BlobCompressor.frameCapacity(for: size))
            guard try compressor.compress(sample.span, as: format(compression), into: &frame) else {
                throw StageError("not compressed")
            }
            let bytes = frame.bytes.indices.map { frame.bytes[$0] }
            return { operations in
                let frame = BufferLease(copying: bytes)
                var content = BufferLease(unpooledCapacity: size)
                for _ in 0..<operations {
                    try BlobDecompressor.decompress(frame.bytes, format: format(compression), into: &content)
                    guard content.count == size else { throw StageError("decompressed to \(content.count) bytes") }
                }
            }
        }
    }

    private static var words: [UInt8] {
        (0..<size).map { UInt8(truncatingIfNeeded: ($0 &* $0 >> 7) & 0x1F) }
    }

    private static var seal: Stage {
        Stage("AESGCM-seal", .bytes(size), operations: 20) {
            let sample = try await Sample.bytes(size)
            return { operations in
                var bytes = sample
                let cipher = AESGCM(SecretBytes(copying: [UInt8](repeating: 7, count: AESGCM.keySize)), .sealing)
                let nonce = [UInt8](repeating: 1, count: AESGCM.nonceSize)
                var tag = [UInt8](repeating: 0, count: AESGCM.tagSize)
                for _ in 0..<operations {
                    var span = bytes.mutableSpan
                    var tagSpan = tag.mutableSpan
                    cipher.seal(&span, nonce: nonce, tag: &tagSpan)
                }
                guard tag.contains(where: { $0 != 0 }) else { throw StageError("no tag") }
            }
        }
    }

    /// Sealed and opened again, since what was opened once is no frame any more.
    private static var sealAndOpen: Stage {
        Stage("AESGCM-seal-and-open", .bytes(2 * size), operations: 20) {
            let sample = try await Sample.bytes(size)
            return { operations in
                var bytes = sample
                let key = SecretBytes(copying: [UInt8](repeating: 7, count: AESGCM.keySize))
                let sealing = AESGCM(key, .sealing)
                let opening = AESGCM(key, .opening)
                let nonce = [UInt8](repeating: 1, count: AESGCM.nonceSize)
                var tag = [UInt8](repeating: 0, count: AESGCM.tagSize)
                for _ in 0..<operations {
                    var span = bytes.mutableSpan
                    var tagSpan = tag.mutableSpan
                    sealing.seal(&span, nonce: nonce, tag: &tagSpan)
                    guard opening.open(&span, nonce: nonce, tag: tagSpan.span) else { throw StageError("not opened") }
                }
            }
        }
    }
}
