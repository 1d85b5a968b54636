/// SplitMix64: the same seed gives the same data on every machine.
///
/// https://prng.di.unimi.it/splitmix64.c
package struct Random: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// A sequence of its own for each path of numbers: two that differ anywhere have nothing in common.
    package init(seed: UInt64, _ path: UInt64...) {
        state = seed
        for step in path { state = next() ^ (step &* 0xD6E8_FEB8_6659_FD93) }
        state = next()
    }

    @inline(__always)
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, by the upper half of a product: no division.
    @inline(__always)
    mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
    }
}
