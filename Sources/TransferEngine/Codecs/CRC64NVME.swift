/// CRC-64 of NVM Express (reflected polynomial 0x9A6C9329AC4BC9B5, begun and ended with all ones), also called Rocksoft.
///
/// S3 calls it CRC64NVME and takes it big-endian, Azure calls it CRC64 and takes it little-endian, both in base64.
/// By 16 bytes at a time from tables, since isa-l of Debian 12 (2.30) lacks this polynomial.
/// NVM Express NVM Command Set Specification 1.0, section 5.2.1.3.4.
package struct CRC64NVME: Sendable, Hashable {
    private var state = UInt64.max

    package init() {}

    package var value: UInt64 { ~state }

    /// As S3 takes it.
    package var bigEndianBytes: [UInt8] { littleEndianBytes.reversed() }

    /// As Azure takes it.
    package var littleEndianBytes: [UInt8] {
        let value = value
        return (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    package mutating func update(_ bytes: Span<UInt8>) {
        let tables = Self.tables
        state = unsafe bytes.withUnsafeBytes { bytes in
            unsafe tables.withUnsafeBufferPointer { tables in unsafe Self.advance(state, over: bytes, tables) }
        }
    }

    /// What a byte does to a register of zeros that many bytes later: table n, of 256 entries, for n bytes later.
    private static let tables: [UInt64] = {
        var tables = [UInt64](repeating: 0, count: 16 * 256)
        for byte in 0..<256 {
            tables[byte] = (0..<8).reduce(UInt64(byte)) { value, _ in
                value & 1 == 1 ? value >> 1 ^ 0x9A6C_9329_AC4B_C9B5 : value >> 1
            }
        }
        for entry in 256..<tables.count {
            let before = tables[entry - 256]
            tables[entry] = before >> 8 ^ tables[Int(before & 0xFF)]
        }
        return tables
    }()

    private static func advance(
        _ state: UInt64,
        over bytes: UnsafeRawBufferPointer,
        _ tables: UnsafeBufferPointer<UInt64>
    ) -> UInt64 {
        var state = state
        var position = 0
        while bytes.count - position >= 16 {
            let first =
                unsafe state ^ UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            let second = unsafe UInt64(
                littleEndian: bytes.loadUnaligned(fromByteOffset: position + 8, as: UInt64.self)
            )
            // The first byte has all the others after it.
            state = 0
            for index in 0..<8 {
                let shift = UInt64(8 * index)
                unsafe state ^= tables[(15 - index) << 8 | Int(truncatingIfNeeded: first >> shift & 0xFF)]
                unsafe state ^= tables[(7 - index) << 8 | Int(truncatingIfNeeded: second >> shift & 0xFF)]
            }
            position += 16
        }
        while position < bytes.count {
            state = unsafe state >> 8 ^ tables[Int(truncatingIfNeeded: (state ^ UInt64(bytes[position])) & 0xFF)]
            position += 1
        }
        return state
    }
}
