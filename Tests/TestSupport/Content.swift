internal import Glibc
package import TransferEngine

/// A random generator that gives the same numbers for the same seed: SplitMix64. https://prng.di.unimi.it/splitmix64.c
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(_ seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}

/// Bytes for tests.
///
/// All calls are fast without optimisation, also for megabytes.
package enum Content {
    /// Incompressible, and the same for the same seed.
    package static func random(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        var generator = SeededGenerator(seed)
        let words = (0..<(count + 7) / 8).map { _ in generator.next() }
        return unsafe words.withUnsafeBytes { unsafe Array($0.prefix(count)) }
    }

    /// Compressible: a random page over and over.
    package static func repetitive(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        let page = random(4096, seed: seed)
        return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let step = min(page.count, count - filled)
                unsafe page.withUnsafeBytes { page in
                    _ = unsafe memcpy(
                        buffer.baseAddress.unsafelyUnwrapped + filled,
                        page.baseAddress.unsafelyUnwrapped,
                        step
                    )
                }
                filled += step
            }
        }
    }
}

extension BufferLease {
    /// A buffer outside any pool with a copy of `bytes`, and room for `spare` bytes more.
    package init(holding bytes: [UInt8], spare: Int = 0) {
        self.init(unpooledCapacity: bytes.count + spare)
        add(bytes)
    }

    /// Appends `bytes`.
    package mutating func add(_ bytes: [UInt8]) {
        append { output in
            unsafe output.withUnsafeMutableBufferPointer { buffer, filled in
                precondition(buffer.count >= bytes.count, "no room")
                unsafe bytes.withUnsafeBytes { source in
                    guard unsafe !source.isEmpty else { return }
                    unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(from: source)
                }
                filled = bytes.count
            }
        }
    }

    /// A copy of the filled bytes.
    package var array: [UInt8] {
        let bytes = bytes
        return unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
    }
}

/// Whether two arrays hold the same bytes: `==` takes seconds for megabytes without optimisation.
package func areSame(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return unsafe left.withUnsafeBytes { left in
        unsafe right.withUnsafeBytes { right in
            unsafe left.isEmpty
                || memcmp(left.baseAddress.unsafelyUnwrapped, right.baseAddress.unsafelyUnwrapped, left.count) == 0
        }
    }
}
