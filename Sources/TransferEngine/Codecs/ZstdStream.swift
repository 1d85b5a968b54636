internal import CZstd

/// Compresses a stream of bytes into one zstd frame, for documents that are written line by line.
@safe
package struct ZstdStreamEncoder: ~Copyable, @unchecked Sendable {
    // Sendable because the context belongs to this value alone, and the value has one owner.
    private let context: OpaquePointer
    /// Where zstd writes to before it goes behind `output`: made once, since a call is often about one line.
    private var step = [UInt8](repeating: 0, count: ZSTD_CStreamOutSize())
    /// The frame so far.
    package private(set) var output: [UInt8] = []

    package init(level: Int = Compression.defaultLevel) throws(CodecError) {
        unsafe context = try Self.makeContext(level: level)
    }

    private static func makeContext(level: Int) throws(CodecError) -> OpaquePointer {
        guard let context = unsafe ZSTD_createCCtx() else { throw CodecError(.failed, "compress", "out of memory") }
        for (parameter, value) in [(ZSTD_c_compressionLevel, level), (ZSTD_c_checksumFlag, 1)] {
            let code = unsafe ZSTD_CCtx_setParameter(context, parameter, Int32(value))
            guard ZSTD_isError(code) == 0 else {
                unsafe ZSTD_freeCCtx(context)
                throw CodecError(.failed, "compress", unsafe String(cString: ZSTD_getErrorName(code)))
            }
        }
        return unsafe context
    }

    deinit { unsafe ZSTD_freeCCtx(context) }

    package mutating func write(_ bytes: Span<UInt8>) throws(CodecError) { try run(bytes, ZSTD_e_continue) }

    /// Ends the frame and takes it; the next `write` starts another.
    package mutating func finish() throws(CodecError) -> [UInt8] {
        try run([UInt8]().span, ZSTD_e_end)
        defer { output = [] }
        return output
    }

    private mutating func run(_ bytes: Span<UInt8>, _ directive: ZSTD_EndDirective) throws(CodecError) {
        var position = 0
        while true {
            var written = 0
            let left = unsafe bytes.withUnsafeBufferPointer { source in
                unsafe step.withUnsafeMutableBufferPointer { target in
                    var input = unsafe ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: position)
                    var frame = unsafe ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
                    let left = unsafe ZSTD_compressStream2(context, &frame, &input, directive)
                    position = unsafe input.pos
                    written = unsafe frame.pos
                    return left
                }
            }
            output += step[..<written]
            guard ZSTD_isError(left) == 0 else {
                throw CodecError(.failed, "compress", unsafe String(cString: ZSTD_getErrorName(left)))
            }
            let isDone = directive == ZSTD_e_end ? left == 0 : position == bytes.count
            if isDone { return }
        }
    }
}

/// Decompresses a stream of zstd frames piece by piece.
@safe
package struct ZstdStreamDecoder: ~Copyable {
    private let context: OpaquePointer
    private var step = [UInt8](repeating: 0, count: ZSTD_DStreamOutSize())
    /// Whether the last frame that began has ended.
    package private(set) var isAtFrameEnd = true

    package init() throws(CodecError) {
        unsafe context = try Self.makeContext()
    }

    private static func makeContext() throws(CodecError) -> OpaquePointer {
        guard let context = unsafe ZSTD_createDCtx() else { throw CodecError(.failed, "decompress", "out of memory") }
        // A hostile frame may ask for a window of gigabytes; ours never need more than 8 MiB.
        let code = unsafe ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 23)
        guard ZSTD_isError(code) == 0 else {
            unsafe ZSTD_freeDCtx(context)
            throw CodecError(.failed, "decompress", unsafe String(cString: ZSTD_getErrorName(code)))
        }
        return unsafe context
    }

    deinit { unsafe ZSTD_freeDCtx(context) }

    /// Decompresses from `bytes[position...]` and appends to `output`, at most 128 KiB at a call.
    ///
    /// To be called again with the same bytes until it returns false: a small input can stand for a large output, and
    /// the caller decides when it has room for more.
    ///
    /// - Parameter position: moves on over what was used up.
    /// - Returns: whether these bytes may give more.
    package mutating func decode(
        _ bytes: Span<UInt8>,
        from position: inout Int,
        into output: inout [UInt8]
    ) throws(CodecError) -> Bool {
        if isAtFrameEnd, position == bytes.count { return false }  // zstd would begin a frame that is not there
        var written = 0
        let wanted = unsafe bytes.withUnsafeBufferPointer { source in
            unsafe step.withUnsafeMutableBufferPointer { target in
                var input = unsafe ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: position)
                var piece = unsafe ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
                let wanted = unsafe ZSTD_decompressStream(context, &piece, &input)
                position = unsafe input.pos
                written = unsafe piece.pos
                return wanted
            }
        }
        output += step[..<written]
        guard ZSTD_isError(wanted) == 0 else {
            let reason = unsafe String(cString: ZSTD_getErrorName(wanted))
            throw CodecError(.corrupt, "decompress a zstd stream", reason)
        }
        isAtFrameEnd = wanted == 0
        return position < bytes.count || (written == step.count && wanted != 0)
    }
}
