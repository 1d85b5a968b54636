internal import SystemPackage
internal import TransferEngine

/// The folders of the tables that a pass over a manifest goes through: of one table, one in each target.
struct TableFolders {
    private let targets: [FilePath]
    private var place = ""
    private var folders: [RestoreFolder?]

    init(_ targets: [FilePath]) {
        self.targets = targets
        folders = Array(repeating: nil, count: targets.count)
    }

    /// - Parameters:
    ///   - place: the directory below the target.
    ///   - target: an index.
    mutating func folder(_ place: String, in target: Int) throws(FileError) -> RestoreFolder {
        if !place.hasBytes(of: self.place) {
            folders = Array(repeating: nil, count: targets.count)
            self.place = place
        }
        if let folder = folders[target] { return folder }
        let folder = try RestoreFolder(targets[target].appending(place))
        folders[target] = folder
        return folder
    }
}
