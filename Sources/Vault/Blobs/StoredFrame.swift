package import ObjectStorage
package import TransferEngine

/// What a blob's object is, byte for byte, as far as it is known: so that a look at it shows whether it is still that.
///
/// The same content can become another frame (another version of zstd, another setting, another nonce), so this says
/// what one object was when it was stored or looked at, not what its name promises.
package struct StoredFrame: Sendable, Hashable {
    /// Bytes as stored; at least 1.
    package let bytes: Int
    /// CRC-32C of those bytes; nil where neither the writer nor the store has told it.
    package let crc32c: UInt32?

    package init(bytes: Int, crc32c: UInt32?) {
        self.bytes = bytes
        self.crc32c = crc32c
    }

    /// Of the bytes that are to be stored.
    package init(of bytes: Span<UInt8>) {
        var sum = CRC32C()
        sum.update(bytes)
        self.init(bytes: bytes.count, crc32c: sum.value)
    }

    /// The same of what fills a lease, which may know its sum.
    package init(of body: borrowing BufferLease) {
        self.init(bytes: body.count, crc32c: CRC32C(of: body).value)
    }

    /// As the store tells it; nil for an empty object, which no blob is.
    package init?(_ info: ObjectInfo) {
        guard info.size > 0, let bytes = Int(exactly: info.size) else { return nil }
        self.init(bytes: bytes, crc32c: info.crc32c)
    }

    /// The most bytes a blob's object can have: a frame that is larger than its content is not stored, and what sealing
    /// adds is far below a mebibyte.
    package static func mostBytes(chunkSize: Int) -> Int { chunkSize + 1 << 20 }

    /// Whether nothing speaks against `other` being the same object; what only one of the two knows counts as equal.
    package func agrees(with other: Self) -> Bool {
        guard bytes == other.bytes else { return false }
        guard let crc32c, let theirs = other.crc32c else { return true }
        return crc32c == theirs
    }
}
