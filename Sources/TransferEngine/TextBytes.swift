internal import Glibc

// Names, keys and lines are compared and searched as bytes, in loops over a million of them: by the C library, which
// takes many bytes at a time. Swift's own algorithms go byte by byte through an iterator.

extension String {
    /// Whether its bytes go before those of `other`: the order of manifests, listings and keys.
    ///
    /// Swift's `<` compares Unicode's canonical forms instead.
    package func precedesBytewise(_ other: String) -> Bool { bytewiseOrder(to: other) < 0 }

    /// Whether both have the same bytes; Swift's `==` can be true for texts that have not.
    package func hasBytes(of other: String) -> Bool { bytewiseOrder(to: other) == 0 }

    /// Where the first `count` bytes stand to the first `otherCount` of `other`: negative for before, 0 for equal.
    ///
    /// - Parameters:
    ///   - count: at most the text's; nil: all.
    ///   - otherCount: at most the other's; nil: all.
    package func bytewiseOrder(to other: String, count: Int? = nil, otherCount: Int? = nil) -> Int {
        unsafe withBytes { left in
            unsafe other.withBytes { right in
                let (leftCount, rightCount) = (count ?? left.count, otherCount ?? right.count)
                let shared = min(leftCount, rightCount)
                guard shared > 0 else { return leftCount - rightCount }
                let order = unsafe memcmp(
                    left.baseAddress.unsafelyUnwrapped,
                    right.baseAddress.unsafelyUnwrapped,
                    shared
                )
                return order == 0 ? leftCount - rightCount : Int(order)
            }
        }
    }

    private func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        if let result = unsafe utf8.withContiguousStorageIfAvailable(body) { return result }
        var copy = self  // a text that came from elsewhere than Swift
        return copy.withUTF8(body)
    }
}

extension [UInt8] {
    /// The place of the first `byte` from `start` on.
    package func firstIndex(of byte: UInt8, from start: Int) -> Int? {
        unsafe withUnsafeBufferPointer { buffer -> Int? in
            guard start < buffer.count, let base = buffer.baseAddress else { return nil }
            guard let found = unsafe memchr(base + start, Int32(byte), buffer.count - start) else { return nil }
            return unsafe UnsafeRawPointer(found) - UnsafeRawPointer(base)
        }
    }
}
