package import SystemPackage
internal import TransferEngine
package import Vault

/// What a restore still has to fetch: a pass over the manifest beside what stands on disk, without changing anything.
package struct RestoreNeeds: Sendable {
    /// Plain bytes that are neither staged nor found elsewhere, by table's path in the manifest.
    package private(set) var newBytes: [String: Int64] = [:]
    /// What each data directory's file system has to take, in bytes.
    package private(set) var needed: [Int64]

    /// - Parameters:
    ///   - stages: of the data directories.
    ///   - standing: the path of a file that may be the backup's and need not be fetched then: of which data directory,
    ///     at which place below it, which file; nil where there is none.
    /// - Throws: `RunError` with code `.invalid` where two files of one name would meet in one directory.
    package init(
        _ selection: RestoreSelection,
        _ route: RestoreRoute,
        stages: [FilePath],
        in vault: Vault,
        standing: (_ directory: Int, _ place: String, _ file: ManifestFile) -> StandingFile? = { _, _, _ in nil }
    ) async throws {
        needed = stages.map { _ in 0 }
        var chooser = TargetChooser(stages)
        var manifest = try await ManifestReader.open(vault, key: selection.key)
        while let line = try await manifest.next() {
            guard case .group(let group) = line, let place = route.place(of: group) else { continue }
            guard let index = chooser.target(for: group, at: place, preferred: route.target(group)) else {
                throw RestoreSurvey.clash(group)
            }
            for file in group.files {
                let staged = FilePath("\(stages[index].string)/\(place)/\(file.path)")
                if let status = try? FileStatus(of: staged), status.size == file.size { continue }
                if let found = standing(index, place, file) {
                    if !found.isShared { needed[index] += file.size }
                } else {
                    newBytes[group.table, default: 0] += file.size
                    needed[index] += file.size
                }
            }
        }
    }

    /// Puts the check into the plan, and what there is to fetch into its tables.
    package func fill(_ plan: inout RestorePlan, _ dataDirectories: [FilePath]) throws {
        for index in plan.tables.indices { plan.tables[index].newBytes = newBytes[plan.tables[index].source] ?? 0 }
        var byDevice: [UInt64: (needed: Int64, free: Int64, path: FilePath)] = [:]
        for (path, bytes) in zip(dataDirectories, needed) {
            let device = try FileStatus(of: path, followingLinks: true).device
            let known = byDevice[device]?.needed ?? 0
            byDevice[device] = (known + bytes, try FileTree.freeSpace(at: path), path)
        }
        for entry in byDevice.values.sorted(by: { $0.path.string < $1.path.string }) {
            let words = "\(ByteCount(entry.needed)) are needed at \(entry.path), \(ByteCount(entry.free)) are free"
            plan.check("space", entry.needed > entry.free ? .failed : .ok, words)
        }
    }
}

/// A file of the node that may have the bytes of one of the backup's: same name, same size.
package struct StandingFile: Sendable, Hashable {
    package let path: FilePath
    /// Whether it can be the same file in both places: Cassandra never writes into it again.
    package let isShared: Bool
}
