internal import Cassandra
internal import SystemPackage
internal import TransferEngine
internal import Vault

/// What has to be done for one group of files: which did not change since the previous manifest, which are to be read,
/// and what is wrong with the SSTable as it lies on disk.
struct GroupPlan {
    struct File {
        let path: String
        let status: FileStatus
        /// The previous entry of the same path, if there is one.
        let previous: ManifestFile?
        /// Whether the vault has lost what the previous entry rests on.
        fileprivate let isUnsound: Bool
        /// The previous entry, if its content still stands on the node and in the vault.
        var unchanged: ManifestFile? { isUnsound ? nil : standing }
        /// The previous entry of a file that did not change and that the vault has lost.
        var lost: ManifestFile? { isUnsound ? standing : nil }

        /// The previous entry, if size, modification time and inode say that its content still stands on the node.
        private var standing: ManifestFile? {
            guard let previous, previous.size == status.size, previous.modified == status.modified,
                previous.inode == status.inode
            else { return nil }
            return previous
        }
    }

    let files: [File]
    let damage: String?
    /// The path of Data.db, if it is going to be read and `checksum` says what its CRC-32 must be.
    let checksummed: String?
    let checksum: UInt32?

    /// Examines the files; reads TOC.txt and Digest.crc32 of an SSTable that is not as it was.
    ///
    /// Blocks.
    ///
    /// - Parameters:
    ///   - folder: the group's base.
    ///   - unsound: paths of files whose content the vault has lost.
    /// - Throws: `FileError` for a file that cannot be examined or has vanished.
    init(_ group: SSTableFiles, in folder: OpenDirectory, known: ManifestGroup?, unsound: Set<String> = []) throws {
        var files: [File] = []
        files.reserveCapacity(group.components.count)
        for (index, path) in group.components.enumerated() {
            let status = try folder.status(of: path)
            let previous = known?.file(path, at: index)
            files.append(
                File(path: path, status: status, previous: previous, isUnsound: unsound.contains(path))
            )
        }
        self.files = files

        let isUnchanged = files.allSatisfy { $0.unchanged != nil } && files.count == known?.files.count
        guard group.sstable != nil, !isUnchanged else {
            damage = known?.damage
            (checksummed, checksum) = (nil, nil)
            return
        }
        let names = Dictionary(files.map { (group.componentName($0.path), $0) }) { first, _ in first }
        var damage: [String] = []
        if names[TableOfContents.component] != nil {
            damage += Self.incompleteness(group, present: Array(names.keys))
        }
        let data = names["Data.db"]
        if let data, data.unchanged == nil, names[Digest.component] != nil {
            do {
                checksum = try Digest.read(group.base.appending("\(group.key)-\(Digest.component)"))
                checksummed = data.path
            } catch {
                damage.append("\(error)")
                (checksummed, checksum) = (nil, nil)
            }
        } else {
            // What was found when Data.db was read still holds while it does.
            if data?.unchanged != nil, let known = known?.damage { damage = [known] }
            (checksummed, checksum) = (nil, nil)
        }
        self.damage = damage.isEmpty ? nil : damage.joined(separator: "; ")
    }

    private static func incompleteness(_ group: SSTableFiles, present: [String]) -> [String] {
        do {
            let contents = try TableOfContents(group.base.appending("\(group.key)-\(TableOfContents.component)"))
            let missing = contents.missing(from: present)
            return missing.isEmpty ? [] : ["TOC.txt names \(missing.joined(separator: ", ")), not there"]
        } catch {
            return ["\(error)"]
        }
    }
}

extension ManifestGroup {
    /// The entry of that path, which most often stands where it stood.
    fileprivate func file(_ path: String, at index: Int) -> ManifestFile? {
        if index < files.count, files[index].path.hasBytes(of: path) { return files[index] }
        return files.first { $0.path.hasBytes(of: path) }
    }
}
