internal import SystemPackage
internal import TransferEngine
internal import Vault

/// Which target each group goes to: the one with the fewest bytes so far, unless a part of it stands in one already.
///
/// An SSTable's components stay together, in one target as Cassandra needs them. The same manifest and filter give the
/// same answers, and files of an earlier, killed run keep their place.
struct TargetChooser {
    private let targets: [FilePath]
    private var assigned: [Int64]
    /// Names of the table's groups by target: two of one name from two data directories may not meet in one.
    private var taken: [Set<String>]
    private var table = ""

    init(_ targets: [FilePath]) {
        self.targets = targets
        assigned = Array(repeating: 0, count: targets.count)
        taken = Array(repeating: [], count: targets.count)
    }

    /// Bytes given to each target so far.
    var bytes: [Int64] { assigned }

    /// - Parameters:
    ///   - place: the directory of the group's files, below each target.
    ///   - preferred: the target that it goes to unless a group of the same name has taken it.
    /// - Returns: an index into the targets; nil if groups of the same name have taken every one of them.
    mutating func target(for group: ManifestGroup, at place: String, preferred: Int? = nil) -> Int? {
        if group.table != table {
            table = group.table
            taken = Array(repeating: [], count: targets.count)
        }
        let free = targets.indices.filter { !taken[$0].contains(group.name) }
        let wanted = preferred.flatMap { free.contains($0) ? $0 : nil }
        let standing =
            wanted == nil && targets.count > 1 ? free.first { isStarted(group, in: targets[$0].appending(place)) } : nil
        guard let chosen = wanted ?? standing ?? free.min(by: { assigned[$0] < assigned[$1] }) else { return nil }
        assigned[chosen] += group.bytes
        taken[chosen].insert(group.name)
        return chosen
    }

    private func isStarted(_ group: ManifestGroup, in directory: FilePath) -> Bool {
        guard (try? FileStatus(of: directory)) != nil else { return false }
        return group.files.contains { file in
            [file.path, RestoredFile.partialName(for: file.path)].contains {
                (try? FileStatus(of: directory.appending($0))) != nil
            }
        }
    }
}
