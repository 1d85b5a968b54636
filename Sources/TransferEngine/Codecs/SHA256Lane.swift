internal import CSHA256

/// SHA-256 of a message that another can be hashed beside, on one core at once: half as fast again as one after the other.
///
/// Where the processor lacks what it takes (`isSupported`), `SHA256` does it alone.
struct SHA256Lane {
    /// Bytes that the hash goes through at a time: whole blocks are all that `update` takes.
    static let blockSize = 64
    static let isSupported = csha256_is_supported() == 1

    /// FIPS 180-4, section 5.3.3.
    private var state: [8 of UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]
    private var count: UInt64 = 0

    init() { precondition(Self.isSupported, "this processor has no instructions for SHA-256") }

    /// - Parameter bytes: whole blocks.
    mutating func update(_ bytes: Span<UInt8>) {
        let blocks = Self.blocks(bytes)
        var words = state.mutableSpan
        unsafe words.withUnsafeMutableBufferPointer { state in
            unsafe bytes.withUnsafeBufferPointer { bytes in
                guard let bytes = bytes.baseAddress, let state = state.baseAddress else { return }
                unsafe csha256_one(state, bytes, blocks)
            }
        }
        count += UInt64(bytes.count)
    }

    /// Goes on with both messages.
    ///
    /// - Parameter bytes: whole blocks; as many as those of `other`.
    mutating func update(_ bytes: Span<UInt8>, beside other: inout SHA256Lane, _ otherBytes: Span<UInt8>) {
        precondition(bytes.count == otherBytes.count, "lanes go on by the same step")
        let blocks = Self.blocks(bytes)
        var words = state.mutableSpan
        var otherWords = other.state.mutableSpan
        unsafe words.withUnsafeMutableBufferPointer { state in
            unsafe otherWords.withUnsafeMutableBufferPointer { otherState in
                unsafe bytes.withUnsafeBufferPointer { bytes in
                    unsafe otherBytes.withUnsafeBufferPointer { otherBytes in
                        guard let bytes = bytes.baseAddress, let otherBytes = otherBytes.baseAddress,
                            let state = state.baseAddress, let otherState = otherState.baseAddress
                        else { return }
                        unsafe csha256_two(state, bytes, otherState, otherBytes, blocks)
                    }
                }
            }
        }
        count += UInt64(bytes.count)
        other.count += UInt64(bytes.count)
    }

    private static func blocks(_ bytes: Span<UInt8>) -> Int {
        precondition(bytes.count % blockSize == 0, "a part of a block")
        return bytes.count / blockSize
    }

    /// The digest of all that came, and of `rest` after it.
    ///
    /// - Parameter rest: less than a block.
    consuming func finish(_ rest: Span<UInt8>) -> SHA256Digest {
        precondition(rest.count < Self.blockSize, "a whole block is no rest")
        // A bit, zeros, and the count of bits, up to a whole block: section 5.1.1.
        var padded: [UInt8] = []
        padded.reserveCapacity(2 * Self.blockSize)
        for index in rest.indices { padded.append(rest[index]) }
        let bits = (count + UInt64(rest.count)) * 8
        padded.append(0x80)
        while padded.count % Self.blockSize != Self.blockSize - 8 { padded.append(0) }
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            padded.append(UInt8(truncatingIfNeeded: bits >> shift))
        }
        update(padded.span)
        func word(_ index: Int) -> UInt64 { UInt64(state[2 * index]) << 32 | UInt64(state[2 * index + 1]) }
        return SHA256Digest(words: (word(0), word(1), word(2), word(3)))
    }
}
