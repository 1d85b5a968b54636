internal import COpenSSL

/// A key or a passphrase: bytes that are shown nowhere, compared in constant time, and wiped when nobody has them any more.
///
/// Its description tells nothing, so that it cannot come into an error or a log by accident.
@safe
package final class SecretBytes: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package let count: Int
    // Written in `init` alone.
    private nonisolated(unsafe) let memory: UnsafeMutableBufferPointer<UInt8>

    /// - Parameter fill: writes exactly `count` bytes.
    package init<E: Error>(count: Int, _ fill: (inout MutableSpan<UInt8>) throws(E) -> Void) throws(E) {
        let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(1, count))
        unsafe memory.initialize(repeating: 0)
        self.count = count
        unsafe self.memory = memory
        var span = unsafe MutableSpan(_unsafeStart: memory.baseAddress.unsafelyUnwrapped, count: count)
        try fill(&span)
    }

    /// A copy; what it was copied from is the caller's to forget.
    package convenience init(copying bytes: some Collection<UInt8>) {
        self.init(count: bytes.count) { span in
            for (index, byte) in bytes.enumerated() { span[index] = byte }
        }
    }

    /// A part of another secret.
    package convenience init(_ secret: SecretBytes, _ range: Range<Int>) {
        self.init(count: range.count) { span in
            for index in range { unsafe span[index - range.lowerBound] = secret.memory[index] }
        }
    }

    /// `count` bytes that nobody can foretell.
    package static func random(_ count: Int) -> SecretBytes {
        SecretBytes(count: count) { SecureRandom.fill(&$0) }
    }

    deinit {
        unsafe OPENSSL_cleanse(memory.baseAddress, memory.count)
        unsafe memory.deallocate()
    }

    /// Calls `body` with the bytes, which it must not keep.
    package func withBytes<Result, E: Error>(_ body: (Span<UInt8>) throws(E) -> Result) throws(E) -> Result {
        let span = unsafe Span(_unsafeStart: memory.baseAddress.unsafelyUnwrapped, count: count)
        return try body(span)
    }

    /// Takes as long whether they differ early, late or not at all.
    package func isEqual(to other: SecretBytes) -> Bool {
        guard count == other.count else { return false }
        return unsafe CRYPTO_memcmp(memory.baseAddress, other.memory.baseAddress, count) == 0
    }

    package var description: String { "a secret of \(count) bytes" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Whether two codes are the same, in the same time wherever they differ.
package enum ConstantTime {
    package static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return unsafe CRYPTO_memcmp(left, right, left.count) == 0
    }
}
