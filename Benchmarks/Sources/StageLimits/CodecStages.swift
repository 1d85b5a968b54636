internal import CStages
internal import Limits

/// Hashes, compressors and the cipher, by the libraries that Ringvault uses.
@safe
final class CodecStages {
    private let sample: Sample
    private let zstdContext: OpaquePointer
    private let unzstdContext: OpaquePointer
    private let unlz4Context: OpaquePointer
    private let cipher: OpaquePointer
    private let output: UnsafeMutableRawPointer
    private let capacity: Int
    /// Frames of the chunks, one after the other, with the size of each.
    private var zstdFrames = Frames()
    private var lz4Frames = Frames()

    private struct Frames {
        var bytes: [UInt8] = []
        var sizes: [Int] = []
    }

    init(_ sample: Sample) throws(LimitsError) {
        guard let zstd = unsafe ZSTD_createCCtx(), let unzstd = unsafe ZSTD_createDCtx(),
            let cipher = unsafe EVP_CIPHER_CTX_new()
        else { throw LimitsError("out of memory") }
        var lz4: OpaquePointer?
        guard unsafe LZ4F_isError(LZ4F_createDecompressionContext(&lz4, UInt32(LZ4F_VERSION))) == 0,
            let lz4 = unsafe lz4
        else { throw LimitsError("LZ4 gives no context") }
        self.sample = sample
        unsafe zstdContext = zstd
        unsafe unzstdContext = unzstd
        unsafe unlz4Context = lz4
        unsafe self.cipher = cipher
        capacity = Sample.chunk + (1 << 20)
        unsafe output = .allocate(byteCount: capacity, alignment: 4096)
        zstdFrames = try frames(compressZstd)
        lz4Frames = try frames(compressLZ4)
    }

    /// Stored bytes in per cent of the sample's.
    var stored: [String: Double] {
        let percent = 100 / Double(sample.count)
        return [
            Stage.zstd.rawValue: Double(zstdFrames.bytes.count) * percent,
            Stage.lz4.rawValue: Double(lz4Frames.bytes.count) * percent,
        ]
    }

    /// Always the same 256 KiB, which a core's cache holds: as they are when they have just been read.
    func sha256() throws(LimitsError) -> Double {
        guard let context = unsafe EVP_MD_CTX_new(), let algorithm = unsafe EVP_MD_fetch(nil, "SHA256", nil) else {
            throw LimitsError("OpenSSL has no SHA-256")
        }
        defer {
            unsafe EVP_MD_CTX_free(context)
            unsafe EVP_MD_free(algorithm)
        }
        var digest = [UInt8](repeating: 0, count: 32)
        return try ThreadClock.cost(of: sample.count) { () throws(LimitsError) in
            var isDone = unsafe EVP_DigestInit_ex2(context, algorithm, nil) == 1
            for _ in 0..<steps {
                isDone = unsafe EVP_DigestUpdate(context, sample.bytes, step) == 1 && isDone
            }
            isDone = unsafe EVP_DigestFinal_ex(context, &digest, nil) == 1 && isDone
            guard isDone else { throw LimitsError("OpenSSL refuses to hash") }
        }
    }

    func crc32() -> Double {
        let bytes = unsafe sample.bytes.assumingMemoryBound(to: UInt8.self)
        var sum: UInt32 = 0
        let cost = ThreadClock.cost(of: sample.count) { () throws(Never) in
            for _ in 0..<steps { sum = unsafe crc32_gzip_refl(sum, bytes, UInt64(step)) }
        }
        // Used, so that no compiler leaves it out.
        return sum == 0 ? cost.nextUp : cost
    }

    func zstd() throws(LimitsError) -> Double {
        try ThreadClock.cost(of: sample.count) { () throws(LimitsError) in
            for chunk in sample.chunks { _ = try compressZstd(chunk) }
        }
    }

    func unzstd() throws(LimitsError) -> Double {
        try unsafe eachFrame(of: zstdFrames) { frame, size in
            let count = unsafe ZSTD_decompressDCtx(unzstdContext, output, capacity, frame, size)
            return ZSTD_isError(count) == 0
        }
    }

    func lz4() throws(LimitsError) -> Double {
        try ThreadClock.cost(of: sample.count) { () throws(LimitsError) in
            for chunk in sample.chunks { _ = try compressLZ4(chunk) }
        }
    }

    func unlz4() throws(LimitsError) -> Double {
        try unsafe eachFrame(of: lz4Frames) { frame, size in
            var (from, to) = (0, 0)
            while from < size {
                var (taken, given) = (size - from, capacity - to)
                let hint = unsafe LZ4F_decompress(unlz4Context, output + to, &given, frame + from, &taken, nil)
                guard LZ4F_isError(hint) == 0, taken + given > 0 else { return false }
                from += taken
                to += given
            }
            return true
        }
    }

    func aes() throws(LimitsError) -> Double {
        let key = [UInt8](repeating: 7, count: 32)
        let nonce = [UInt8](repeating: 9, count: 12)
        return try ThreadClock.cost(of: sample.count) { () throws(LimitsError) in
            for chunk in sample.chunks {
                let source = unsafe (sample.bytes + chunk.lowerBound).assumingMemoryBound(to: UInt8.self)
                let target = unsafe output.assumingMemoryBound(to: UInt8.self)
                var (count, rest) = (Int32(0), Int32(0))
                guard unsafe EVP_EncryptInit_ex2(cipher, EVP_aes_256_gcm(), key, nonce, nil) == 1,
                    unsafe EVP_EncryptUpdate(cipher, target, &count, source, Int32(chunk.count)) == 1,
                    unsafe EVP_EncryptFinal_ex(cipher, target + Int(count), &rest) == 1
                else { throw LimitsError("OpenSSL refuses to encrypt") }
            }
        }
    }

    private var step: Int { min(Sample.step, sample.count) }
    private var steps: Int { max(1, sample.count / step) }

    /// - Returns: the frame's size; it lies in `output`.
    private func compressZstd(_ chunk: Range<Int>) throws(LimitsError) -> Int {
        let source = unsafe sample.bytes + chunk.lowerBound
        let size = unsafe ZSTD_compressCCtx(zstdContext, output, capacity, source, chunk.count, 1)
        guard ZSTD_isError(size) == 0 else { throw LimitsError("zstd refuses to compress") }
        return size
    }

    private func compressLZ4(_ chunk: Range<Int>) throws(LimitsError) -> Int {
        var preferences = LZ4F_preferences_t()
        preferences.frameInfo.contentSize = UInt64(chunk.count)
        preferences.frameInfo.blockSizeID = LZ4F_max4MB
        let source = unsafe sample.bytes + chunk.lowerBound
        let size = unsafe LZ4F_compressFrame(output, capacity, source, chunk.count, &preferences)
        guard LZ4F_isError(size) == 0 else { throw LimitsError("LZ4 refuses to compress") }
        return size
    }

    private func frames(_ compress: (Range<Int>) throws(LimitsError) -> Int) throws(LimitsError) -> Frames {
        var frames = Frames()
        for chunk in sample.chunks {
            let size = try compress(chunk)
            frames.sizes.append(size)
            unsafe frames.bytes += UnsafeRawBufferPointer(start: output, count: size)
        }
        return frames
    }

    private func eachFrame(
        of frames: Frames,
        _ decompress: (_ frame: UnsafeRawPointer, _ size: Int) -> Bool
    ) throws(LimitsError) -> Double {
        var isWhole = true
        let cost = unsafe frames.bytes.withUnsafeBytes { all in
            guard let start = all.baseAddress else { return 0.0 }
            return ThreadClock.cost(of: sample.count) { () throws(Never) in
                var offset = 0
                for size in frames.sizes {
                    isWhole = unsafe decompress(start + offset, size) && isWhole
                    offset += size
                }
            }
        }
        guard isWhole else { throw LimitsError("a frame cannot be read back") }
        return cost
    }
}
