/// How much of a blob is looked at.
package enum VerificationLevel: String, Sendable, Hashable, CaseIterable, Codable {
    /// That its object is there, with the size that the manifest tells.
    case list
    /// That size and CRC-32C of its object are those that the manifest tells: by the store's own word where it keeps the
    /// sum, else by reading the object, without decoding it.
    case checksum
    /// That its object, read and decoded, has the content of its name, and every file in it the file's hash.
    case full
}

/// Which blobs are looked at, told by their names: all, or a share that is another one for another seed.
package struct BlobSample: Sendable, Hashable {
    /// 0 to 1.
    package let share: Double
    private let seed: UInt64

    package static let all = BlobSample(share: 1, seed: 0)

    package init(share: Double, seed: UInt64) {
        self.share = share
        self.seed = seed
    }

    /// Of a seed that nobody chose.
    package static func random(share: Double) -> BlobSample { BlobSample(share: share, seed: .random(in: 0 ... .max)) }

    func includes(_ word: UInt64) -> Bool {
        guard share < 1 else { return true }
        // Hashes are uniform; the product moves them differently for every seed (SplitMix64's finaliser).
        var mixed = word ^ seed
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        return Double(mixed >> 11) * 0x1p-53 < share
    }
}
