internal import Cassandra
internal import SystemPackage
internal import TransferEngine
internal import Vault

/// Reads the manifest window by window and turns each into work, blob by blob, so that a pack is fetched once for all
/// the files in it.
struct RestorePlanner: ~Copyable {
    /// Groups looked at together: bounds the memory, whatever the table's size.
    private static let window = 2048

    private var manifest: ManifestReader
    private let options: RestoreOptions
    private let route: RestoreRoute
    private var chooser: TargetChooser
    private var folders: TableFolders
    private var ready: [RestoreWork] = []
    private var next = 0
    private(set) var warnings = Warnings()

    init(_ manifest: consuming ManifestReader, _ options: RestoreOptions) {
        self.manifest = manifest
        self.options = options
        route = options.effectiveRoute
        chooser = TargetChooser(options.targets)
        folders = TableFolders(options.targets)
    }

    /// The next piece of work; nil at the manifest's end.
    mutating func next() async throws -> RestoreWork? {
        while next == ready.count {
            ready.removeAll(keepingCapacity: true)
            next = 0
            guard try await planWindow() else { return nil }
        }
        defer { next += 1 }
        return ready[next]
    }

    /// - Returns: false at the manifest's end.
    private mutating func planWindow() async throws -> Bool {
        var blobs: [BlobName: Int] = [:]
        var destinations: [(BlobName, [RestoreWork.Destination])] = []
        var groups = 0
        while groups < Self.window {
            guard let line = try await manifest.next() else {
                if groups == 0 { return false }
                break
            }
            guard case .group(let group) = line, let place = route.place(of: group) else { continue }
            groups += 1
            if let damage = group.damage {
                warnings.add("\(group.table)/\(group.name) was damaged on the node when it was backed up: \(damage)")
            }
            for file in try files(of: group, at: place) {
                if try file.isTaken() {
                    ready.append(.check(file))
                } else if file.entry.pieces.isEmpty {
                    ready.append(.empty(file))
                } else {
                    for (index, piece) in file.entry.pieces.enumerated() {
                        let destination = RestoreWork.Destination(file: file, piece: index)
                        if let known = blobs[piece.blob] {
                            destinations[known].1.append(destination)
                        } else {
                            blobs[piece.blob] = destinations.count
                            destinations.append((piece.blob, [destination]))
                        }
                    }
                }
            }
        }
        ready += destinations.map { .blob($0.0, $0.1) }
        return true
    }

    /// - Parameter place: the table's directory, below a target.
    private mutating func files(of group: ManifestGroup, at place: String) throws -> [RestoredFile] {
        guard let index = chooser.target(for: group, at: place, preferred: route.target(group)) else {
            throw RestoreSurvey.clash(group)
        }
        let folder = try folders.folder(place, in: index)
        return group.files.map { RestoredFile($0, in: folder, overwrites: options.overwrites) }
    }
}
