import TestSupport
import Testing

@testable import TransferEngine

@Suite(.enabled(if: SHA256Lane.isSupported)) struct `Two SHA-256 side by side` {
    /// The digests of two contents, hashed together as far as both go, in steps of so many blocks, and alone after.
    private static func digests(
        of first: [UInt8],
        and second: [UInt8],
        step: Int = .max
    ) -> (SHA256Digest, SHA256Digest) {
        let block = SHA256Lane.blockSize
        var (lane, other) = (SHA256Lane(), SHA256Lane())
        let common = min(first.count, second.count) / block
        var done = 0
        while done < common {
            let end = done + min(step, common - done)
            lane.update(
                first.span.extracting(done * block..<end * block),
                beside: &other,
                second.span.extracting(done * block..<end * block)
            )
            done = end
        }
        func finish(_ lane: SHA256Lane, _ bytes: [UInt8]) -> SHA256Digest {
            var lane = lane
            let whole = bytes.count / block * block
            lane.update(bytes.span.extracting(common * block..<whole))
            return lane.finish(bytes.span.extracting(whole...))
        }
        return (finish(lane, first), finish(other, second))
    }

    @Test func `give OpenSSL's digests, whatever the sizes`() {
        let sizes = [0, 1, 55, 56, 63, 64, 65, 119, 120, 127, 128, 129, 4095, 4096, 100_003]
        for size in sizes {
            for otherSize in sizes {
                let contents = (Content.random(size, seed: 1), Content.random(otherSize, seed: 2))
                let digests = Self.digests(of: contents.0, and: contents.1)
                #expect(digests.0 == SHA256.digest(of: contents.0.span), "\(size) beside \(otherSize)")
                #expect(digests.1 == SHA256.digest(of: contents.1.span), "\(otherSize) beside \(size)")
            }
        }
    }

    @Test(arguments: [1, 2, 3, 7, 1000]) func `do not depend on the steps`(step: Int) {
        let contents = (Content.random(70_001, seed: 3), Content.random(50_000, seed: 4))
        let digests = Self.digests(of: contents.0, and: contents.1, step: step)
        #expect(digests == (SHA256.digest(of: contents.0.span), SHA256.digest(of: contents.1.span)))
    }

    @Test func `give the published digest of a million times "a", both`() {
        let message = [UInt8](repeating: 0x61, count: 1_000_000)
        let digests = Self.digests(of: message, and: message)
        let known = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        #expect(digests.0.description == known)
        #expect(digests.1.description == known)
    }

    @Test func `trap at a part of a block`() async {
        await #expect(processExitsWith: .failure) {
            var lane = SHA256Lane()
            lane.update([1, 2, 3].span)
        }
    }
}
