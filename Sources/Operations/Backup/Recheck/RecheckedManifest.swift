internal import Vault

/// The previous manifest, read some way ahead, so that blobs which are due for a look are looked at by the time their
/// files are planned.
struct RecheckedManifest: ~Copyable {
    /// Groups read ahead: the checks of so many can be under way at once.
    private static let window = 1024

    private var base: PreviousManifest
    private let rechecks: BlobRechecks?
    private var ahead: [ManifestGroup] = []
    private var next = 0
    private var isEnded = false
    private var due: [BackupWork.Recheck] = []

    /// - Parameter rechecks: nil: nothing is looked at, and nothing read ahead.
    init(_ base: consuming PreviousManifest, _ rechecks: BlobRechecks?) {
        self.base = base
        self.rechecks = rechecks
    }

    /// A check that must be under way before `group(at:)` is asked for that position; nil if there is none.
    mutating func nextCheck(before position: ManifestPosition) async throws -> BackupWork.Recheck? {
        guard let rechecks else { return nil }
        while due.isEmpty {
            while next < ahead.count, ahead[next].position < position { next += 1 }
            guard ahead.count - next < Self.window / 2, !isEnded else { return nil }
            ahead.removeFirst(next)
            next = 0
            while ahead.count < Self.window, let group = try await base.next() {
                // What the node does not have any more is not reused.
                if group.position < position { continue }
                due += rechecks.due(in: group)
                ahead.append(group)
            }
            isEnded = ahead.count < Self.window
        }
        return due.removeFirst()
    }

    /// The group at `position`, if that manifest has it, and the paths of its files that rest on a bad blob; must be
    /// asked in ascending order.
    mutating func group(at position: ManifestPosition) async throws -> (group: ManifestGroup, unsound: Set<String>)? {
        guard let rechecks else { return try await base.group(at: position).map { ($0, []) } }
        while next < ahead.count, ahead[next].position < position { next += 1 }
        guard next < ahead.count, ahead[next].position == position else { return nil }
        defer { next += 1 }
        let group = ahead[next]
        return (group, await rechecks.unsoundFiles(of: group))
    }
}
