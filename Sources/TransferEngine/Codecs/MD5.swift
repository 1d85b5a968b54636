internal import COpenSSL

/// MD5, for the one header of stores that know no better checksum: Content-MD5.
///
/// Whoever wants to can make two contents with one MD5. So it only tells whether bytes arrived; never is it the
/// identity of anything. RFC 1321.
package enum MD5 {
    // "-fips": OpenSSL gives it out also where policy forbids it as cryptography. Never freed; as with SHA-256.
    private static nonisolated(unsafe) let algorithm = unsafe EVP_MD_fetch(nil, "MD5", "-fips")

    /// The digest of `bytes`: 16 bytes.
    package static func digest(of bytes: Span<UInt8>) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 16)
        let answer = unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe EVP_Digest(buffer.baseAddress, buffer.count, &digest, nil, algorithm, nil)
        }
        precondition(answer == 1, "OpenSSL has no MD5")
        return digest
    }
}
