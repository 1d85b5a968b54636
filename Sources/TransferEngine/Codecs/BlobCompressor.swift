internal import CLZ4
internal import CZstd

/// A frame format that content is stored in: what a blob's name ends in.
package enum FrameFormat: String, Sendable, Hashable, CaseIterable {
    case plain = ""
    /// A zstd frame with its content size. RFC 8878.
    case zstd = ".zst"
    /// An LZ4 frame with its content size. https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
    case lz4 = ".lz4"
}

/// Compresses whole blobs, with contexts that are used again instead of being made for each.
package final class BlobCompressor: Sendable {
    package let compression: Compression
    private let idle = ThreadLock<[ZstdCompressionContext]>([])

    package init(_ compression: Compression) {
        self.compression = compression
    }

    /// What `content` should be stored as: `compression`'s format, or plain where a sample says it does not pay.
    ///
    /// Decided by content and settings alone, so the same content gets the same answer on every node and run.
    package func format(for content: Span<UInt8>) -> FrameFormat {
        switch compression {
        case .none: .plain
        case .lz4: content.isEmpty ? .plain : .lz4
        case .zstd: content.isEmpty ? .plain : .zstd
        case .auto: isWorthwhile(content) ? .zstd : .plain
        }
    }

    /// Bytes that a buffer must have for `compress` to work on `count` bytes of content, whatever the codec.
    package static func frameCapacity(for count: Int) -> Int { count + BufferPool.unit }

    /// Bytes that a buffer must have for `compress` to work on `count` bytes of content with this codec.
    ///
    /// zstd stops where a frame stops being worthwhile, which lets two chunks of 16 MiB and their frames into 64 MiB;
    /// LZ4 wants room for its worst case.
    package func frameCapacity(for count: Int) -> Int {
        switch compression {
        case .none: 0
        case .zstd, .auto: Compression.worthwhile(count)
        case .lz4: Self.frameCapacity(for: count)
        }
    }

    /// Compresses `content` as one frame into the start of `frame`.
    ///
    /// - Returns: false if the frame would be larger than `Compression.worthwhile` allows; `frame` is then empty.
    package func compress(
        _ content: Span<UInt8>,
        as format: FrameFormat,
        into frame: inout BufferLease
    ) throws(CodecError) -> Bool {
        let limit = min(frame.capacity, Compression.worthwhile(content.count))
        var isSmaller = false
        try frame.fill { (output: inout OutputSpan<UInt8>) throws(CodecError) in
            switch format {
            case .plain: isSmaller = false
            case .lz4: isSmaller = try LZ4Frame.compress(content, into: &output, limit: limit)
            case .zstd:
                isSmaller = try withContext { (context) throws(CodecError) in
                    try context.compress(content, level: level, into: &output, limit: limit)
                }
            }
        }
        return isSmaller
    }

    private var level: Int {
        switch compression {
        case .zstd(let level): level
        case .none, .lz4, .auto: Compression.defaultLevel
        }
    }

    /// Whether three samples of 16 KiB, from start, middle and end, shrink by 3 % at the fastest real level.
    private func isWorthwhile(_ content: Span<UInt8>) -> Bool {
        let size = 16 * 1024
        guard content.count > 4 * size else { return content.count > 64 }
        var sample = BufferLease(unpooledCapacity: 3 * size)
        sample.fill { output in
            for start in [0, (content.count - size) / 2, content.count - size] {
                let piece = content.extracting(start..<start + size)
                for index in piece.indices { output.append(piece[index]) }
            }
        }
        var frame = BufferLease(unpooledCapacity: 3 * size)
        // A sample that cannot be compressed for lack of memory only leaves the blob plain.
        let gained: Bool? = try? withContext { (context) throws(CodecError) -> Bool in
            var gained = false
            try frame.fill { (output: inout OutputSpan<UInt8>) throws(CodecError) in
                let limit = Compression.worthwhile(sample.count)
                gained = try context.compress(sample.bytes, level: 1, into: &output, limit: limit)
            }
            return gained
        }
        return gained ?? false
    }

    private func withContext<Result>(
        _ body: (ZstdCompressionContext) throws(CodecError) -> Result
    ) throws(CodecError) -> Result {
        let context: ZstdCompressionContext
        if let idle = idle.withLock({ $0.popLast() }) { context = idle } else { context = try ZstdCompressionContext() }
        let result = try body(context)  // a context that failed is not used again
        idle.withLock { $0.append(context) }
        return result
    }
}

/// One `ZSTD_CCtx`: about two megabytes of tables at the default level.
@safe
private final class ZstdCompressionContext: @unchecked Sendable {
    // Sendable: taken out of the idle list by one task, put back when done.
    private let context: OpaquePointer

    init() throws(CodecError) {
        guard let context = unsafe ZSTD_createCCtx() else { throw CodecError(.failed, "compress", "out of memory") }
        unsafe self.context = context
    }

    deinit { unsafe ZSTD_freeCCtx(context) }

    func compress(
        _ content: Span<UInt8>,
        level: Int,
        into output: inout OutputSpan<UInt8>,
        limit: Int
    ) throws(CodecError) -> Bool {
        let code = unsafe output.withUnsafeMutableBufferPointer { target, filled in
            let code = unsafe content.withUnsafeBufferPointer { source in
                unsafe ZSTD_compressCCtx(
                    context,
                    target.baseAddress,
                    min(limit, target.count),
                    source.baseAddress,
                    source.count,
                    Int32(level)
                )
            }
            filled = ZSTD_isError(code) == 0 ? code : 0
            return code
        }
        guard ZSTD_isError(code) != 0 else { return true }
        guard ZSTD_getErrorCode(code) == ZSTD_error_dstSize_tooSmall else {
            throw CodecError(.failed, "compress", unsafe String(cString: ZSTD_getErrorName(code)))
        }
        return false
    }
}

/// LZ4 frames of whole blobs.
private enum LZ4Frame {
    static func compress(
        _ content: Span<UInt8>,
        into output: inout OutputSpan<UInt8>,
        limit: Int
    ) throws(CodecError) -> Bool {
        var preferences = LZ4F_preferences_t()
        preferences.frameInfo.contentSize = UInt64(content.count)
        preferences.frameInfo.blockSizeID = LZ4F_max4MB
        preferences.frameInfo.blockMode = LZ4F_blockLinked
        // LZ4F refuses to start unless the worst case fits, which is a little more than the content.
        let bound = unsafe LZ4F_compressFrameBound(content.count, &preferences)
        guard output.freeCapacity >= bound else {
            throw CodecError(.failed, "compress", "the buffer is smaller than LZ4's worst case")
        }
        let code = unsafe output.withUnsafeMutableBufferPointer { target, filled in
            let code = unsafe content.withUnsafeBufferPointer { source in
                unsafe LZ4F_compressFrame(
                    target.baseAddress,
                    target.count,
                    source.baseAddress,
                    source.count,
                    &preferences
                )
            }
            filled = LZ4F_isError(code) == 0 && code <= limit ? code : 0
            return code
        }
        guard LZ4F_isError(code) == 0 else {
            throw CodecError(.failed, "compress", unsafe String(cString: LZ4F_getErrorName(code)))
        }
        return code <= limit
    }
}
