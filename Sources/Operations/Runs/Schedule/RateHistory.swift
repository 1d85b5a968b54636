internal import FoundationEssentials
internal import SystemPackage
package import TransferEngine

/// How fast the last runs with a vault were on this host: what a forecast is made of before a run has begun.
///
/// `rates/<vault id>.json` in the state directory. Without it nothing is known, and nothing wrong.
package struct RateHistory: Sendable {
    /// What one run was like.
    package struct Entry: Sendable, Hashable, Codable {
        package let kind: RunIdentity.Kind
        /// Plain bytes moved, and the seconds of moving.
        package let bytes: Int64
        package let seconds: Double

        package init(_ kind: RunIdentity.Kind, bytes: Int64, seconds: Double) {
            self.kind = kind
            self.bytes = bytes
            self.seconds = seconds
        }
    }

    /// Runs of each kind that are kept.
    private static let kept = 5
    /// Less says nothing about a rate.
    private static let leastSeconds = 2.0

    private let path: FilePath

    /// - Parameter vault: its id.
    package init(in state: StateDirectory, vault: String) throws(FileError) {
        let name = StateDirectory.isName("\(vault).json") ? vault : "unknown"
        path = try state.directory("rates").appending("\(name).json")
    }

    private var entries: [Entry] {
        guard let bytes = try? SmallFile.bytes(of: path) else { return [] }
        return (try? JSONDecoder().decode([Entry].self, from: Data(bytes))) ?? []
    }

    /// Plain bytes a second, over the last runs of that kind; nil if there were none.
    ///
    /// Blocks.
    package func rate(_ kind: RunIdentity.Kind) -> Double? {
        let found = entries.filter { $0.kind == kind && $0.seconds > 0 && $0.bytes > 0 }
        let seconds = found.reduce(0) { $0 + $1.seconds }
        return seconds > 0 ? Double(found.reduce(0) { $0 + $1.bytes }) / seconds : nil
    }

    /// Adds a run; blocks.
    ///
    /// One that was paced says nothing of what could have been, so it is not to be added; one that was limited is a rate
    /// that can be had.
    package func add(_ entry: Entry) throws(FileError) {
        guard entry.seconds >= Self.leastSeconds, entry.bytes > 0 else { return }
        let others = entries.filter { $0.kind != entry.kind }
        let same = entries.filter { $0.kind == entry.kind }.suffix(Self.kept - 1)
        let bytes = (try? JSONEncoder().encode(others + same + [entry])).map { Array($0) } ?? []
        let new = FilePath(path.string + ".new")
        try FileTree.remove(new)
        try WritableFile(new, creation: .mustBeNew, mode: 0o600).write(bytes.span, at: 0)
        try FileTree.rename(new, to: path)
    }
}
