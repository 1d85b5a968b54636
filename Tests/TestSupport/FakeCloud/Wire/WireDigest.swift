internal import COpenSSL
internal import TransferEngine

/// Digests and checksums as they stand in headers.
enum WireDigest {
    static func sha256(_ bytes: [UInt8]) -> [UInt8] { digest("SHA256", bytes) }

    static func md5(_ bytes: [UInt8]) -> [UInt8] { digest("MD5", bytes) }

    static func sha1(_ bytes: [UInt8]) -> [UInt8] { digest("SHA1", bytes) }

    static func hmacSHA256(_ key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: 32)
        var length = 0
        let answer = unsafe EVP_Q_mac(
            nil,
            "HMAC",
            nil,
            "SHA256",
            nil,
            key,
            key.count,
            message,
            message.count,
            &code,
            code.count,
            &length
        )
        unsafe precondition(answer != nil && length == 32, "OpenSSL has no HMAC with SHA-256")
        return code
    }

    /// CRC-32C, most significant byte first, as S3 and Google Cloud write it.
    static func crc32c(_ bytes: [UInt8]) -> [UInt8] {
        var sum = CRC32C()
        sum.update(bytes.span)
        return bigEndian(UInt64(sum.value), count: 4)
    }

    /// CRC-32 of zlib, most significant byte first.
    static func crc32(_ bytes: [UInt8]) -> [UInt8] {
        var sum = CRC32()
        sum.update(bytes.span)
        return bigEndian(UInt64(sum.value), count: 4)
    }

    /// CRC-64/NVME, most significant byte first, as S3 writes it; Azure's is the same sum, written the other way round.
    static func crc64(_ bytes: [UInt8]) -> [UInt8] {
        let table = crc64Table
        var sum = UInt64.max
        for byte in bytes { sum = table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ sum >> 8 }
        return bigEndian(~sum, count: 8)
    }

    /// By the polynomial 0xAD93D23594C93659, reflected.
    private static let crc64Table: [UInt64] = (0..<256).map { index in
        (0..<8).reduce(UInt64(index)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0x9A6C_9329_AC4B_C9B5 : sum >> 1 }
    }

    private static func bigEndian(_ value: UInt64, count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (count - 1 - $0))) }
    }

    private static func digest(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 64)
        var length = 0
        let answer = unsafe EVP_Q_digest(nil, name, nil, bytes, bytes.count, &digest, &length)
        precondition(answer == 1, "OpenSSL has no \(name)")
        return Array(digest[..<length])
    }
}
