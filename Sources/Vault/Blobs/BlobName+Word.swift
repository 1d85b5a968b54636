internal import TransferEngine

extension BlobName {
    /// The first 64 bits of the hash: uniform, the same in every manifest, and what samples and slices go by.
    package var leadingWord: UInt64 { content.words.0 }
}
