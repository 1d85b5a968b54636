internal import FoundationEssentials
internal import SystemPackage
internal import TransferEngine

/// What a restore in place moves, fixed before it moves the first file: `plan.json`.
///
/// A run that goes on keeps to it, and so does the one that undoes it: what stands on disk half way says no longer what
/// was there.
package struct InPlaceMoves: Sendable, Hashable, Codable {
    /// A directory beside the data directories, whose content is set aside.
    struct Side: Sendable, Hashable, Codable {
        let kind: NodeLayout.Side.Kind
        let path: String
        /// Where its content goes: on the same file system.
        let aside: String
        /// Where an undo puts what has come there since.
        let undone: String
    }

    /// What was set aside, to find out whether it is still all there.
    package struct Count: Sendable, Hashable, Codable {
        package var files = 0
        /// Of the files' content, each name of a file counted.
        package var bytes: Int64 = 0
    }

    var version = 1
    package var plan: RestorePlan
    /// Paths below a data directory whose content is set aside, and which take what is staged.
    var replaced: [String]
    /// Those whose content is set aside only.
    var emptied: [String]
    /// By data directory, paths below it that were not there before.
    var created: [[String]]
    var sides: [Side]

    var all: [String] { replaced + emptied }

    /// - Returns: nil if there is none.
    static func read(_ folders: RestoreFolders) throws -> InPlaceMoves? {
        guard (try? FileStatus(of: folders.plan)) != nil else { return nil }
        do {
            let bytes = try SmallFile.bytes(of: folders.plan, limit: 1 << 30)
            return try JSONDecoder().decode(InPlaceMoves.self, from: Data(bytes))
        } catch {
            throw RunError(.failed, "read the plan of the restore", "\(folders.plan)", cause: error)
        }
    }

    /// It is on disk when this returns.
    func write(_ folders: RestoreFolders) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let new = FilePath(folders.plan.string + ".new")
        try FileTree.remove(new)
        let file = try WritableFile(new, creation: .mustBeNew)
        try file.write(Array(try encoder.encode(self)).span, at: 0)
        try file.sync()
        try FileTree.rename(new, to: folders.plan)
        try FileTree.syncDirectory(folders.plan.removingLastComponent())
    }
}
