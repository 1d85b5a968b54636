internal import FoundationEssentials
internal import SystemPackage
internal import TransferEngine

/// The plan as a file in the restore's own directory, for its undo.
extension RestorePlan {
    /// Writes it, whole or not at all; blocks.
    func write(_ folders: RestoreFolders) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = Array(try encoder.encode(self))
        let new = FilePath(folders.plan.string + ".new")
        try FileTree.remove(new)
        let file = try WritableFile(new, creation: .mustBeNew)
        try file.write(bytes.span, at: 0)
        try file.sync()
        try FileTree.rename(new, to: folders.plan)
        try FileTree.syncDirectory(folders.plan.removingLastComponent())
    }

    /// Blocks.
    ///
    /// - Throws: `RunError` with code `.notFound` if there is none: the restore has not come to touch anything.
    init(reading folders: RestoreFolders) throws {
        let bytes: [UInt8]
        do throws(FileError) { bytes = try SmallFile.bytes(of: folders.plan, limit: 256 << 20) } catch {
            guard error.code == .notFound else { throw error }
            throw RunError(.notFound, "undo the restore", folders.name, "it has not changed anything")
        }
        self = try JSONDecoder().decode(RestorePlan.self, from: Data(bytes))
    }
}
