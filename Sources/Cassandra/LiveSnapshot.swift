internal import SystemPackage
internal import TransferEngine

/// Ringvault's own snapshot: hard links to live SSTables in `<table>/snapshots/<tag>/`.
///
/// One that is made here is laid out as Cassandra's, without `manifest.json` and `schema.cql`, and without asking the node,
/// so what is in memtables only is not in it. One that the node has taken under a tag of ours is removed here as well.
/// Every call blocks.
package struct LiveSnapshot: Sendable {
    /// Times a table's files are listed and linked before giving up.
    package static let attempts = 20

    package let directories: DataDirectories
    package let tag: SnapshotTag

    /// - Throws: `CassandraError` with code `.invalid` unless the tag starts with `SnapshotTag.ownPrefix`.
    package init(_ directories: DataDirectories, tag: SnapshotTag) throws(CassandraError) {
        guard tag.isOwn else {
            throw CassandraError(
                .invalid,
                "manage the snapshot",
                tag.name,
                "only tags that start with \(SnapshotTag.ownPrefix) are made and removed by Ringvault"
            )
        }
        self.directories = directories
        self.tag = tag
    }

    /// Links all live files of `tables`; what an earlier run left under the tag is removed first.
    ///
    /// A table's links stand whole or not at all. It is listed, linked and listed again: only if both listings have the
    /// same files was it seen at one moment, for compaction may read in one data directory and write in another.
    /// Otherwise, or if a file vanishes, its links are removed and it is done again. A table dropped meanwhile is left
    /// out. On an error nothing of the snapshot is left.
    ///
    /// - Parameter beforeLinking: called between listing a table and linking it, in each attempt; for tests.
    /// - Returns: what was left out.
    /// - Throws: `CassandraError`, with code `.changing` if a table did not stand still in `attempts` attempts.
    package func make(
        for tables: [Table],
        beforeLinking: (Table) -> Void = { _ in }
    ) throws(CassandraError) -> Warnings {
        try remove()
        var warnings = Warnings()
        do throws(CassandraError) {
            for table in tables { warnings.add(try link(table, beforeLinking)) }
        } catch {
            try? remove()  // the first error is the one to tell of
            throw error
        }
        return warnings
    }

    /// Removes the snapshot from every table there is now, also from those that came after it was made.
    ///
    /// Nothing is removed but `snapshots/<tag>` with its hard links; one that is not there is fine.
    package func remove() throws(CassandraError) {
        for table in try directories.tables().tables { try remove(from: table) }
    }

    /// Removes the snapshot from one table; one that is not there is fine.
    package func remove(from table: Table) throws(CassandraError) {
        for place in table.places {
            let path = SnapshotDirectory(tag, in: place.path).path
            do { try FileTree.removeAll(path) } catch {
                // Dropped and cleared by the node in between.
                if error.code == .notFound { continue }
                throw CassandraError("remove the snapshot", path.string, error)
            }
        }
    }

    private func link(_ table: Table, _ beforeLinking: (Table) -> Void) throws(CassandraError) -> Warnings {
        var last: CassandraError?
        for _ in 0..<Self.attempts {
            do throws(CassandraError) {
                let listing = try TableListing(table, source: .live)
                beforeLinking(table)
                try link(listing)
                if try TableListing(table, source: .live).hasSameFiles(as: listing) { return listing.warnings }
                last = CassandraError(.changing, "make a snapshot of", "\(table)", "its files changed meanwhile")
            } catch {
                guard error.code == .changing else {
                    try? remove(from: table)
                    throw error
                }
                last = error
            }
            try remove(from: table)
        }
        throw CassandraError(
            .changing,
            "make the snapshot \(tag) of",
            "\(table)",
            "it did not stand still in \(Self.attempts) attempts; stop its compaction, or take a snapshot with nodetool",
            cause: last
        )
    }

    /// Links the files listed, each to the same path below the snapshot's directory, which is made also for no file.
    private func link(_ listing: TableListing) throws(CassandraError) {
        do throws(FileError) {
            for place in listing.table.places where try exists(place.path) {
                try FileTree.makeDirectories(SnapshotDirectory(tag, in: place.path).path)
            }
            for group in listing.groups {
                let target = SnapshotDirectory(tag, in: group.base).path
                for component in group.components {
                    try link(group.base.appending(component), to: target.appending(component))
                }
            }
        } catch {
            let code: CassandraError.Code = error.code == .notFound ? .changing : .system
            throw CassandraError(code, "make a snapshot of", "\(listing.table)", "", cause: error)
        }
    }

    /// False for a table dropped since it was found: it must not come back as an empty directory.
    private func exists(_ path: FilePath) throws(FileError) -> Bool {
        do throws(FileError) {
            return try FileStatus(of: path, followingLinks: true).kind == .directory
        } catch {
            guard error.code == .notFound else { throw error }
            return false
        }
    }

    /// Links one file, and makes an index's directory for it if it is the first there.
    private func link(_ file: FilePath, to new: FilePath) throws(FileError) {
        do {
            try FileTree.link(file, to: new)
        } catch {
            guard error.code == .notFound else { throw error }
            _ = try FileStatus(of: file)
            try FileTree.makeDirectories(new.removingLastComponent())
            try FileTree.link(file, to: new)
        }
    }
}
