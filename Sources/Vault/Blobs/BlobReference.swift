/// Where content lies: a stretch of one blob's plain bytes.
package struct BlobReference: Sendable, Hashable {
    package let blob: BlobName
    /// Bytes from the start of the blob's plain content.
    package let offset: Int
    /// Bytes; at least 1.
    package let length: Int

    package init(blob: BlobName, offset: Int, length: Int) {
        self.blob = blob
        self.offset = offset
        self.length = length
    }
}

extension BlobReference {
    /// The same stretch in another blob of the same content.
    func moved(to blob: BlobName) -> BlobReference { BlobReference(blob: blob, offset: offset, length: length) }
}
