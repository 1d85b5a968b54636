internal import TransferEngine
internal import Vault

/// One group of a manifest that is being made: its files' places in the vault become known one after another, in any
/// order and from any task.
final class PendingGroup: Sendable {
    private struct FileState {
        let path: String
        let status: FileStatus
        var digest: SHA256Digest?
        var pieces: [BlobReference?]
        /// Of each piece, where the file is checked against Digest.crc32.
        var checksums: [CRC32]
        var isReused: Bool
        var isUnread = false
    }

    private struct State {
        var files: [FileState] = []
        /// Pieces without a place yet, and one for the planner as long as it may add files.
        var open = 1
        var damage: [String] = []
        /// What Digest.crc32 says of the file at that index.
        var expected: (file: Int, checksum: UInt32)?
        /// Plain bytes of pieces that were read and that the vault had.
        var reusedBytes: Int64 = 0
        /// The group as an earlier run finished it; nothing else is known of it then.
        var resumed: JournaledGroup?
    }

    let position: ManifestPosition
    let isSSTable: Bool
    /// Its place in the manifest's order, counted by `ManifestAssembly`.
    let ticket: Int
    private let state = ThreadLock(State())

    init(at position: ManifestPosition, isSSTable: Bool, ticket: Int) {
        self.position = position
        self.isSSTable = isSSTable
        self.ticket = ticket
    }

    /// Adds a file whose content the vault has.
    func add(reused file: ManifestFile, as status: FileStatus) {
        state.withLock {
            $0.files.append(
                FileState(
                    path: file.path,
                    status: status,
                    digest: file.digest,
                    pieces: file.pieces,
                    checksums: [],
                    isReused: true,
                    isUnread: true
                )
            )
        }
    }

    /// Takes over the whole group as an earlier run finished it.
    func resume(_ group: JournaledGroup) {
        state.withLock { $0.resumed = group }
    }

    /// Adds a file that is going to be read in `pieceCount` pieces.
    ///
    /// - Returns: its index, for `resolve`.
    func add(new path: String, _ status: FileStatus, pieceCount: Int) -> Int {
        state.withLock { state in
            state.open += pieceCount
            state.files.append(
                FileState(
                    path: path,
                    status: status,
                    digest: nil,
                    pieces: Array(repeating: nil, count: pieceCount),
                    checksums: Array(repeating: CRC32(), count: pieceCount),
                    isReused: pieceCount > 0
                )
            )
            return state.files.count - 1
        }
    }

    func addDamage(_ text: String) {
        state.withLock { $0.damage.append(text) }
    }

    /// The file at that index must have this CRC-32 as a whole.
    func expect(_ checksum: UInt32, ofFile index: Int) {
        state.withLock { $0.expected = (index, checksum) }
    }

    /// The planner adds nothing more.
    ///
    /// - Returns: whether the group is whole now.
    func close() -> Bool {
        state.withLock { state in
            state.open -= 1
            return state.open == 0
        }
    }

    /// Says where a piece lies.
    ///
    /// - Parameters:
    ///   - digest: of the piece; kept where it is the whole file.
    ///   - isReused: whether the vault had it.
    /// - Returns: whether the group is whole now.
    func resolve(
        file: Int,
        piece: Int,
        _ reference: BlobReference,
        digest: SHA256Digest,
        checksum: CRC32?,
        isReused: Bool
    ) -> Bool {
        state.withLock { state in
            state.files[file].pieces[piece] = reference
            if state.files[file].pieces.count == 1 { state.files[file].digest = digest }
            if let checksum { state.files[file].checksums[piece] = checksum }
            if isReused { state.reusedBytes += Int64(reference.length) } else { state.files[file].isReused = false }
            state.open -= 1
            return state.open == 0
        }
    }

    /// What a journal keeps of a piece of the file at that index.
    func journaled(
        file: Int,
        piece: Int,
        _ reference: BlobReference,
        digest: SHA256Digest,
        checksum: CRC32?,
        isReused: Bool
    ) -> JournaledPiece {
        let (path, status) = state.withLock { ($0.files[file].path, $0.files[file].status) }
        return JournaledPiece(
            at: position,
            path: path,
            status: status,
            index: piece,
            reference: reference,
            digest: digest,
            checksum: checksum,
            isReused: isReused
        )
    }

    /// A group with everything known.
    struct Finished {
        let entry: JournaledGroup
        /// Of the bytes reused, those that no worker has counted: of files that were not even read.
        let unreadBytes: Int64
        /// Whether the previous manifest has all of it.
        let isUnchanged: Bool
        /// Whether it came from the journal as it is.
        let isResumed: Bool
    }

    func finished() -> Finished {
        state.withLock { state in
            precondition(state.open == 0, "a group was taken before all its pieces had a place")
            if let resumed = state.resumed {
                return Finished(entry: resumed, unreadBytes: resumed.reusedBytes, isUnchanged: false, isResumed: true)
            }
            if let (index, checksum) = state.expected, let found = Self.checksum(state.files[index]), found != checksum
            {
                state.damage.append("Data.db has CRC-32 \(found), its Digest.crc32 says \(checksum)")
            }
            let files = state.files.map { file in
                ManifestFile(
                    path: file.path,
                    size: file.status.size,
                    modified: file.status.modified,
                    inode: file.status.inode,
                    digest: file.digest,
                    pieces: file.pieces.compactMap(\.self)
                )
            }
            let group = ManifestGroup(
                table: position.table,
                name: position.name,
                isSSTable: isSSTable,
                directory: position.directory,
                files: files,
                damage: state.damage.isEmpty ? nil : state.damage.joined(separator: "; ")
            )
            let unread = state.files.reduce(Int64(0)) { $0 + ($1.isUnread ? $1.status.size : 0) }
            return Finished(
                entry: JournaledGroup(
                    group: group,
                    reusedFiles: state.files.count { $0.isReused },
                    reusedBytes: unread + state.reusedBytes
                ),
                unreadBytes: unread,
                isUnchanged: state.files.allSatisfy(\.isUnread),
                isResumed: false
            )
        }
    }

    private static func checksum(_ file: FileState) -> UInt32? {
        guard !file.checksums.isEmpty else { return nil }
        return file.checksums.reduce(into: CRC32()) { $0.append($1) }.value
    }
}
