internal import COpenSSL

/// scrypt: a key of a passphrase, by work and memory that make guessing expensive.
///
/// RFC 7914.
package struct Scrypt: Sendable, Hashable {
    /// The most memory that parameters may ask for, in bytes: they come from a store, which may be hostile.
    private static let mostMemory = 512 << 20
    /// The most work, in blocks of 128 bytes: some ten seconds.
    private static let mostWork = 1 << 25

    /// `N` of its document, a power of two: blocks of memory.
    package let cost: Int
    /// `r` of its document: a block has 128 times as many bytes.
    package let blockSize: Int
    /// `p` of its document: rounds, one after the other here.
    package let parallelism: Int

    /// What new passphrases get: 128 MiB, and half a second of one core.
    package static let standard = Scrypt(cost: 1 << 17, blockSize: 8, parallelism: 1)

    private init(cost: Int, blockSize: Int, parallelism: Int) {
        self.cost = cost
        self.blockSize = blockSize
        self.parallelism = parallelism
    }

    /// - Throws: `CodecError`: `.corrupt` for parameters that scrypt does not know, `.tooLarge` for those that would
    ///   exhaust the machine.
    package init(checking cost: Int, blockSize: Int, parallelism: Int) throws(CodecError) {
        guard cost > 1, cost.nonzeroBitCount == 1, blockSize > 0, parallelism > 0 else {
            throw CodecError(.corrupt, "use the scrypt parameters", "N=\(cost) r=\(blockSize) p=\(parallelism)")
        }
        let (memory, isHuge) = cost.multipliedReportingOverflow(by: blockSize)
        let (work, isEndless) = memory.multipliedReportingOverflow(by: parallelism)
        guard !isHuge, !isEndless, memory <= Self.mostMemory / 128, work <= Self.mostWork else {
            throw CodecError(
                .tooLarge,
                "use the scrypt parameters",
                "N=\(cost) r=\(blockSize) p=\(parallelism) would exhaust this machine"
            )
        }
        self.init(cost: cost, blockSize: blockSize, parallelism: parallelism)
    }

    /// A key of 32 bytes.
    ///
    /// Computes for long: call it on an `IOExecutor`.
    package func key(of passphrase: SecretBytes, salt: [UInt8]) throws(CodecError) -> SecretBytes {
        // What OpenSSL counts, and a little more: B of 128·r·p, V and its work area of 128·r·(N + 2).
        let memory = UInt64(128 * blockSize * (cost + parallelism + 4))
        return try SecretBytes(count: 32) { (key) throws(CodecError) in
            let answer = passphrase.withBytes { passphrase in
                unsafe passphrase.withUnsafeBufferPointer { passphrase in
                    unsafe key.withUnsafeMutableBufferPointer { key in
                        unsafe passphrase.withMemoryRebound(to: CChar.self) { passphrase in
                            unsafe EVP_PBE_scrypt(
                                passphrase.baseAddress,
                                passphrase.count,
                                salt,
                                salt.count,
                                UInt64(cost),
                                UInt64(blockSize),
                                UInt64(parallelism),
                                memory,
                                key.baseAddress,
                                key.count
                            )
                        }
                    }
                }
            }
            guard answer == 1 else {
                ERR_clear_error()
                throw CodecError(.failed, "derive a key from a passphrase", "OpenSSL refused, or memory is short")
            }
        }
    }
}
