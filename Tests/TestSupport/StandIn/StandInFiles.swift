internal import SystemPackage
internal import TransferEngine

/// The files of a stand-in's data directories, by content.
package struct StandInFiles: Sendable, Hashable {
    /// By path relative to the node's root (`data1/shop/orders-…/nb-1-big-Data.db`), SHA-256 in hex.
    package var digests: [String: String] = [:]

    /// Live files: not those of `snapshots/`, `backups/`, nor what Ringvault keeps in `.ringvault`.
    ///
    /// - Parameter wanted: which of them, by path relative to the root; all without.
    package init(live node: StandInNode, where wanted: (String) -> Bool = { _ in true }) throws {
        let passedOver = ["snapshots", "backups", ".ringvault"]
        try self.init(below: node, where: wanted, passingOver: passedOver.contains)
    }

    /// All files of the snapshots with this tag.
    package init(snapshot tag: String, of node: StandInNode) throws {
        try self.init(below: node, where: { $0.contains("/snapshots/\(tag)/") }, passingOver: { _ in false })
    }

    private init(
        below node: StandInNode,
        where wanted: (String) -> Bool,
        passingOver isPassedOver: (String) -> Bool
    ) throws {
        for data in try node.dataDirectories {
            var folders = [FilePath(data.lastComponent?.string ?? "")]
            while let folder = folders.popLast() {
                for entry in try DirectoryListing(of: node.root.appending(folder.string)).entries {
                    let path = folder.appending(entry.name)
                    if entry.kind == .directory {
                        if !isPassedOver(entry.name) { folders.append(path) }
                    } else if wanted(path.string) {
                        let bytes = try SmallFile.bytes(of: node.root.appending(path.string), limit: .max)
                        digests[path.string] = "\(SHA256.digest(of: bytes.span))"
                    }
                }
            }
        }
    }

    package var paths: [String] { digests.keys.sorted() }

    /// The SSTables as sets of contents, whatever they are called: by component its digest, for each SSTable in order.
    ///
    /// What import and refresh may rename and put into another data directory is equal by this; Statistics.db too,
    /// since the stand-in does not rewrite it.
    package var sets: [[String: String]] {
        var sets: [String: [String: String]] = [:]
        for (path, digest) in digests {
            guard let slash = path.lastIndex(of: "/") else { continue }
            let fields = path[path.index(after: slash)...].split(separator: "-", maxSplits: 3)
            guard fields.count == 4 else { continue }
            let prefix = path[..<slash] + "/" + fields[..<3].joined(separator: "-")
            sets[String(prefix), default: [:]][String(fields[3])] = digest
        }
        return sets.values.sorted { ($0["Data.db"] ?? "") < ($1["Data.db"] ?? "") }
    }

    /// What differs, for a test's message: at most some paths.
    package func difference(from other: StandInFiles) -> String {
        let missing = other.paths.filter { digests[$0] == nil }
        let added = paths.filter { other.digests[$0] == nil }
        let changed = paths.filter { other.digests[$0] != nil && other.digests[$0] != digests[$0] }
        return "missing \(missing.prefix(8)), added \(added.prefix(8)), changed \(changed.prefix(8))"
    }
}
