internal import SystemPackage
internal import TransferEngine
internal import Vault

/// What one task of a backup does: read, and store one blob, or two that it reads side by side.
enum BackupWork: Sendable {
    case piece(Piece)
    case pair(Piece, Piece)
    case pack(Pack)
    case recheck(Recheck)

    /// A look at a blob that the previous manifest names, whose files are going to be reused unread.
    struct Recheck: Sendable {
        /// One of its pieces.
        let reference: BlobReference
    }

    /// A stretch of a large file.
    struct Piece: Sendable {
        let group: PendingGroup
        let file: ReadableFile
        let fileIndex: Int
        let pieceIndex: Int
        /// Bytes of the file, at most a chunk.
        let range: Range<Int64>
        /// The same piece in the previous manifest: if the content is the same, that is where it lies.
        let previous: (reference: BlobReference, proof: ContentProof)?
        let wantsChecksum: Bool
    }

    /// Small files of one table that become one blob, end to end.
    struct Pack: Sendable {
        struct Member: Sendable {
            let group: PendingGroup
            /// The directory that `name` is relative to.
            let folder: OpenDirectory
            let name: String
            let status: FileStatus
            let fileIndex: Int
            let previous: (reference: BlobReference, proof: ContentProof)?
            let wantsChecksum: Bool

            var path: FilePath { folder.path.appending(name) }
        }

        private(set) var members: [Member] = []
        /// Bytes of the members.
        private(set) var size = 0

        mutating func append(_ member: Member) {
            members.append(member)
            size += Int(member.status.size)
        }

        /// Counts a file that was a member when an earlier run made this pack, so that the next pack begins where it did
        /// then.
        mutating func passOver(_ bytes: Int64) {
            size += Int(bytes)
        }
    }
}
