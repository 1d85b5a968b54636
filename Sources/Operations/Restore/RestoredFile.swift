internal import SystemPackage
internal import TransferEngine
internal import Vault

/// One file that is being restored: its pieces arrive in any order, and with the last one it gets its name.
///
/// Until then it is `.ringvault-<hash>.part` in the same directory. What a killed run left there is used again, piece
/// by piece, where its bytes have the right hash.
final class RestoredFile: Sendable {
    private struct State {
        var file: WritableFile?
        /// What `file` is called until it is whole.
        var partial = ""
        /// Whether `file` was there before, so that it may hold good pieces.
        var isResumed = false
        var open: Int
    }

    let entry: ManifestFile
    private let folder: RestoreFolder
    private let overwrites: Bool
    private let state: ThreadLock<State>

    /// - Parameter folder: the table's, in a target.
    init(_ entry: ManifestFile, in folder: RestoreFolder, overwrites: Bool) {
        self.entry = entry
        self.folder = folder
        self.overwrites = overwrites
        state = ThreadLock(State(open: max(1, entry.pieces.count)))
    }

    var path: FilePath { folder.path.appending(entry.path) }

    /// Whether something has its name already, unless this restore made it.
    ///
    /// Blocks.
    func isTaken() throws(FileError) -> Bool { try folder.status(of: entry.path) != nil }

    /// What the file of that path, below a table's directory, is called until it is whole: beside its last name, and of
    /// fixed length, since that may have 255 bytes already.
    static func partialName(for path: String) -> String {
        let segments = path.utf8.split(separator: UInt8(ascii: "/"))
        let hash = SHA256.digest(of: Array(segments.last ?? path.utf8[...]).span).description.prefix(32)
        let directories = segments.dropLast().map { String(decoding: $0, as: UTF8.self) + "/" }
        return directories.joined() + ".ringvault-\(hash).part"
    }

    /// Writes a piece at its place, and ends the file with the last one.
    ///
    /// Blocks.
    ///
    /// - Returns: whether the file is whole now.
    func write(_ bytes: Span<UInt8>, piece index: Int) throws -> Bool {
        let offset = self.offset(of: index)
        let (file, _) = try opened()
        try file.write(bytes, at: offset)
        if entry.pieces.count > 1 { file.startWriteback(offset..<offset + Int64(bytes.count)) }
        return try finishPiece()
    }

    /// Whether an earlier run has left this piece, with the right content.
    ///
    /// Blocks.
    ///
    /// - Parameters:
    ///   - naming: the vault's.
    ///   - buffer: empty, with room for the piece.
    func hasPiece(_ index: Int, _ naming: ContentNaming, buffer: inout BufferLease) throws -> Bool {
        let (file, isResumed) = try opened()
        let piece = entry.pieces[index]
        buffer.truncate(to: 0)
        guard isResumed, try file.read(piece.length, at: offset(of: index), into: &buffer) else { return false }
        return naming.isProved(SHA256.digest(of: buffer.bytes), by: entry.proof(ofPiece: index))
    }

    /// Whether a partial file of an earlier run is there.
    ///
    /// Blocks.
    func hasPartial() -> Bool {
        if folder.isNew { return false }
        let opened = state.withLock { state in state.file.map { _ in state.isResumed } }
        return opened ?? ((try? folder.status(of: Self.partialName(for: entry.path))) ?? nil != nil)
    }

    /// Counts a piece that needs no writing, or the only step of an empty file.
    ///
    /// Blocks when it is the last.
    ///
    /// - Returns: whether the file is whole now.
    func finishPiece() throws -> Bool {
        let isLast = state.withLock { state in
            state.open -= 1
            return state.open == 0
        }
        guard isLast else { return false }
        try finish()
        return true
    }

    private func finish() throws {
        let (file, isResumed) = try opened()
        if isResumed || entry.pieces.isEmpty { try file.resize(entry.size) }
        try file.setModified(entry.modified)
        if entry.pieces.count > 1 {
            try file.sync()
            file.dropCache()
        }
        do throws(FileError) {
            let (directory, partial) = (try folder.opened(), state.withLock { $0.partial })
            if overwrites {
                try directory.rename(partial, to: entry.path)
            } else {
                try directory.renameNew(partial, to: entry.path)
            }
        } catch {
            guard error.code == .exists else { throw error }
            throw RunError(
                .conflict,
                "restore",
                "\(path)",
                "another file has come to stand there; --overwrite replaces what differs"
            )
        }
        state.withLock { $0.file = nil }
    }

    private func opened() throws(FileError) -> (file: WritableFile, isResumed: Bool) {
        try state.withLock { state throws(FileError) in
            if let file = state.file { return (file, state.isResumed) }
            let (directory, partial) = (try folder.opened(), Self.partialName(for: entry.path))
            let file: WritableFile
            do throws(FileError) {
                file = try WritableFile(partial, in: directory, creation: .mustBeNew)
            } catch {
                switch error.code {
                case .exists:
                    file = try WritableFile(partial, in: directory, creation: .orReopen)
                    state.isResumed = true
                case .notFound:
                    try FileTree.makeDirectories(path.removingLastComponent())
                    file = try WritableFile(partial, in: directory, creation: .mustBeNew)
                default: throw error
                }
            }
            // A hostile manifest may name a file twice: the two must not write into each other.
            try file.lock()
            if entry.pieces.count > 1 || state.isResumed { try file.reserve(entry.size) }
            state.file = file
            state.partial = partial
            return (file, state.isResumed)
        }
    }

    private func offset(of index: Int) -> Int64 {
        entry.pieces[..<index].reduce(0) { $0 + Int64($1.length) }
    }
}
