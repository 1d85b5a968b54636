internal import COpenSSL

/// Random bytes that nobody can foretell: OpenSSL's generator, seeded by the kernel.
package enum SecureRandom {
    package static func fill(_ bytes: inout MutableSpan<UInt8>) {
        let answer = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            unsafe RAND_priv_bytes(buffer.baseAddress, Int32(buffer.count))
        }
        // To go on without would be to encrypt with a key that can be guessed.
        precondition(answer == 1, "OpenSSL has no random bytes")
    }

    /// For what is no secret itself: salts, names.
    package static func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let answer = unsafe RAND_bytes(&bytes, Int32(count))
        precondition(answer == 1, "OpenSSL has no random bytes")
        return bytes
    }
}
