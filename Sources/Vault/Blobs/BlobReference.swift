/// Where content lies: a stretch of one blob's plain bytes.
///
/// Two are equal only with the same `frame`. Where the question is whether they are the same place, compare `blob`,
/// `offset` and `length`.
package struct BlobReference: Sendable, Hashable {
    package let blob: BlobName
    /// Bytes from the start of the blob's plain content.
    package let offset: Int
    /// Bytes; at least 1.
    package let length: Int
    /// The blob's object as it was stored or last looked at; nil where nobody knows.
    ///
    /// Carried along from manifest to manifest.
    package let frame: StoredFrame?

    package init(blob: BlobName, offset: Int, length: Int, frame: StoredFrame? = nil) {
        self.blob = blob
        self.offset = offset
        self.length = length
        self.frame = frame
    }
}

extension BlobReference {
    /// The same stretch in a copy of the blob.
    func moved(_ move: Move) -> BlobReference {
        BlobReference(blob: move.blob, offset: offset, length: length, frame: move.frame)
    }

    /// Where a blob's content lies now.
    typealias Move = (blob: BlobName, frame: StoredFrame?)
}
