internal import CISAL
internal import CZlib

/// CRC-32 as gzip and Cassandra's `Digest.crc32` compute it (reflected polynomial 0xEDB88320).
package struct CRC32: Sendable, Hashable {
    package private(set) var value: UInt32 = 0
    /// Bytes that `value` covers.
    package private(set) var count: Int64 = 0

    package init() {}

    /// One that was computed before, over `count` bytes.
    package init(value: UInt32, count: Int64) {
        self.value = value
        self.count = count
    }

    package mutating func update(_ bytes: Span<UInt8>) {
        value = unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe crc32_gzip_refl(value, buffer.baseAddress, UInt64(buffer.count))
        }
        count += Int64(bytes.count)
    }

    /// Appends what `next` covers: the pieces of a file can be summed apart and in any order of time.
    package mutating func append(_ next: CRC32) {
        value = UInt32(truncatingIfNeeded: crc32_combine(UInt(value), UInt(next.value), Int(next.count)))
        count += next.count
    }
}

/// CRC-32C (Castagnoli), as object stores take it.
///
/// RFC 3720, appendix B.4.
package struct CRC32C: Sendable, Hashable {
    private var state: UInt32 = 0xFFFF_FFFF

    package init() {}

    package var value: UInt32 { ~state }

    /// As stores take it, in base64.
    package var bigEndianBytes: [UInt8] {
        let value = value
        return (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
    }

    /// The sum that a store writes as base64 of its big-endian bytes; nil for anything else, such as `…-3`, the sum of
    /// sums of an object's parts.
    package static func value(base64 text: String) -> UInt32? {
        guard let bytes = Base64.bytes(of: text), bytes.count == 4 else { return nil }
        return bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Of a lease's bytes: the sum that it knows, or else one made now.
    package init(of lease: borrowing BufferLease) {
        if let known = lease.knownCRC32C {
            self = known
        } else {
            update(lease.bytes)
        }
    }

    package mutating func update(_ bytes: Span<UInt8>) {
        // isa-l declares the buffer as writable but only reads it, and counts in Int32.
        unsafe bytes.withUnsafeBufferPointer { buffer in
            var start = 0
            while start < buffer.count {
                let length = min(buffer.count - start, Int(Int32.max))
                let piece = unsafe UnsafeMutablePointer(mutating: buffer.baseAddress.unsafelyUnwrapped + start)
                state = unsafe crc32_iscsi(piece, Int32(length), state)
                start += length
            }
        }
    }
}
