internal import TransferEngine
internal import Vault

/// What one task of a restore does.
enum RestoreWork: Sendable {
    /// A place in a file that a stretch of a blob belongs to.
    struct Destination: Sendable {
        let file: RestoredFile
        let piece: Int
    }

    /// Fetch one blob and write what is wanted of it.
    case blob(BlobName, [Destination])
    /// Make a file without content.
    case empty(RestoredFile)
    /// Prove that a file which stands in the target is the backup's; fetch it if it is not and may be replaced.
    case check(RestoredFile)
}
