internal import SystemPackage
internal import TransferEngine
internal import Vault

/// A first pass over the manifest before anything is written: how much there is to do, whether it fits, and whether
/// something stands in the way.
struct RestoreSurvey {
    private(set) var files = 0
    private(set) var bytes: Int64 = 0
    /// Bytes that each target still needs.
    private var needed: [Int64]
    private var chooser: TargetChooser
    private var folders: TableFolders
    private let options: RestoreOptions
    private let route: RestoreRoute

    /// Tables that were seen, for a filter that matches none.
    private(set) var tables = 0

    init(_ options: RestoreOptions) {
        self.options = options
        route = options.effectiveRoute
        chooser = TargetChooser(options.targets)
        folders = TableFolders(options.targets)
        needed = Array(repeating: 0, count: options.targets.count)
    }

    mutating func take(_ line: ManifestLine) throws {
        switch line {
        case .table(let table): if route.directory(table.path) != nil { tables += 1 }
        case .document, .end: break
        case .group(let group):
            guard let place = route.place(of: group) else { return }
            guard let target = chooser.target(for: group, at: place, preferred: route.target(group)) else {
                throw Self.clash(group)
            }
            let folder = try folders.folder(place, in: target)
            for file in group.files {
                files += 1
                bytes += file.size
                needed[target] += try missingBytes(file, in: folder)
            }
        }
    }

    /// Two data directories had files of one name; only as many targets can keep them apart.
    static func clash(_ group: ManifestGroup) -> RunError {
        RunError(
            .invalid,
            "restore",
            "\(group.table)/\(group.name)",
            "the node had a file of that name in more data directories than there are targets: "
                + "give as many --target as the node has data directories"
        )
    }

    private func missingBytes(_ file: ManifestFile, in folder: RestoreFolder) throws -> Int64 {
        guard let status = try folder.status(of: file.path) else { return file.size }
        var path: FilePath { folder.path.appending(file.path) }
        guard status.kind == .regular else {
            throw RunError(.conflict, "restore", "\(path)", "something that is not a file stands there")
        }
        if status.size == file.size { return 0 }  // the content is compared when its turn comes
        guard options.overwrites else {
            throw RunError(
                .conflict,
                "restore",
                "\(path)",
                "a file of \(status.size) bytes stands there, the backup's has \(file.size); --overwrite replaces it"
            )
        }
        return file.size
    }

    /// Bytes that are not in the targets yet, but for those in partial files.
    var missingBytes: Int64 { needed.reduce(0, +) }

    /// - Throws: `RunError` with code `.outOfSpace` if the targets' file systems lack room for what they still need.
    func checkSpace() throws {
        var byDevice: [UInt64: (needed: Int64, free: Int64, path: FilePath)] = [:]
        for (target, bytes) in zip(options.targets, needed) {
            let device = try FileStatus(of: target, followingLinks: true).device
            let known = byDevice[device]?.needed ?? 0
            byDevice[device] = (known + bytes, try FileTree.freeSpace(at: target), target)
        }
        for (_, entry) in byDevice where entry.needed > entry.free {
            throw RunError(
                .outOfSpace,
                "restore to",
                "\(entry.path)",
                "\(ByteCount(entry.needed)) are needed, \(ByteCount(entry.free)) are free; nothing was written"
            )
        }
    }
}
