internal import CLZ4
internal import CZstd

/// Turns frames back into content, never into more than the buffer they are given.
package enum BlobDecompressor {
    /// Bytes that the content of `frame` takes, as its header says; nil if it does not say or is no such frame.
    package static func contentSize(of frame: Span<UInt8>, format: FrameFormat) -> Int? {
        guard format == .plain || !frame.isEmpty else { return nil }
        switch format {
        case .plain: return frame.count
        case .zstd:
            let size = unsafe frame.withUnsafeBufferPointer {
                unsafe ZSTD_getFrameContentSize($0.baseAddress, $0.count)
            }
            // ZSTD_CONTENTSIZE_UNKNOWN and _ERROR are the two largest values, macros that Swift does not see.
            return size < UInt64.max - 1 ? Int(exactly: size) : nil
        case .lz4:
            var context: OpaquePointer?
            guard unsafe LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_getVersion())) == 0 else {
                return nil
            }
            defer { unsafe LZ4F_freeDecompressionContext(context) }
            var info = LZ4F_frameInfo_t()
            let code = unsafe frame.withUnsafeBufferPointer { source in
                var count = source.count
                return unsafe LZ4F_getFrameInfo(context, &info, source.baseAddress.unsafelyUnwrapped, &count)
            }
            return LZ4F_isError(code) == 0 && info.contentSize > 0 ? Int(exactly: info.contentSize) : nil
        }
    }

    /// Decompresses one frame into the start of `content`.
    ///
    /// - Throws: `CodecError`, `.tooLarge` if the frame holds more than `content` has room for.
    package static func decompress(
        _ frame: Span<UInt8>,
        format: FrameFormat,
        into content: inout BufferLease
    ) throws(CodecError) {
        // zstd takes nothing at all for no frames at all.
        guard format == .plain || !frame.isEmpty else {
            throw CodecError(.corrupt, "decompress", "the frame is empty")
        }
        try content.fill { (output: inout OutputSpan<UInt8>) throws(CodecError) in
            switch format {
            case .plain:
                guard frame.count <= output.freeCapacity else {
                    throw CodecError(.tooLarge, "decompress", "\(frame.count) bytes of content")
                }
                unsafe output.withUnsafeMutableBufferPointer { target, filled in
                    unsafe frame.withUnsafeBufferPointer { source in
                        filled = unsafe target.update(fromContentsOf: source)
                    }
                }
            case .zstd: try zstd(frame, into: &output)
            case .lz4: try lz4(frame, into: &output)
            }
        }
    }

    private static func zstd(_ frame: Span<UInt8>, into output: inout OutputSpan<UInt8>) throws(CodecError) {
        guard let context = unsafe ZSTD_createDCtx() else { throw CodecError(.failed, "decompress", "out of memory") }
        defer { unsafe ZSTD_freeDCtx(context) }
        let code = unsafe output.withUnsafeMutableBufferPointer { target, filled in
            let code = unsafe frame.withUnsafeBufferPointer { source in
                unsafe ZSTD_decompressDCtx(context, target.baseAddress, target.count, source.baseAddress, source.count)
            }
            filled = ZSTD_isError(code) == 0 ? code : 0
            return code
        }
        guard ZSTD_isError(code) != 0 else { return }
        let reason = unsafe String(cString: ZSTD_getErrorName(code))
        let isTooLarge = ZSTD_getErrorCode(code) == ZSTD_error_dstSize_tooSmall
        throw CodecError(isTooLarge ? .tooLarge : .corrupt, "decompress a zstd frame", reason)
    }

    private static func lz4(_ frame: Span<UInt8>, into output: inout OutputSpan<UInt8>) throws(CodecError) {
        var context: OpaquePointer?
        guard unsafe LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_getVersion())) == 0 else {
            throw CodecError(.failed, "decompress", "out of memory")
        }
        defer { unsafe LZ4F_freeDecompressionContext(context) }
        var failure: CodecError?
        unsafe output.withUnsafeMutableBufferPointer { target, filled in
            unsafe frame.withUnsafeBufferPointer { source in
                var (read, written) = (0, 0)
                var wanted = 1
                while wanted != 0 {
                    var (room, left) = (target.count - written, source.count - read)
                    wanted = unsafe LZ4F_decompress(
                        context,
                        target.baseAddress.unsafelyUnwrapped + written,
                        &room,
                        source.baseAddress.unsafelyUnwrapped + read,
                        &left,
                        nil
                    )
                    guard LZ4F_isError(wanted) == 0 else {
                        let reason = unsafe String(cString: LZ4F_getErrorName(wanted))
                        failure = CodecError(.corrupt, "decompress an LZ4 frame", reason)
                        return
                    }
                    guard wanted == 0 || room > 0 || left > 0 else {
                        let isCut = read == source.count
                        failure = CodecError(
                            isCut ? .corrupt : .tooLarge,
                            "decompress an LZ4 frame",
                            isCut ? "the frame is cut short" : "more content than expected"
                        )
                        return
                    }
                    written += room
                    read += left
                }
                guard read == source.count else {
                    let reason = "\(source.count - read) bytes follow the frame"
                    failure = CodecError(.corrupt, "decompress an LZ4 frame", reason)
                    return
                }
                filled = written
            }
        }
        if let failure { throw failure }
    }
}
