internal import SystemPackage
internal import TransferEngine

/// Reads what one base directory holds: a table's directory, or its snapshot's, with those of its indexes.
struct FolderReader {
    let base: FilePath
    let directoryIndex: Int
    /// Whether the node may be writing here: logs of transactions and unfinished SSTables are to be expected.
    let isLive: Bool
    /// Whether sizes are wanted; a snapshot's files need not be examined otherwise.
    let isMeasuring: Bool

    /// Nil if there is no such directory.
    func contents(_ warnings: inout Warnings) throws(CassandraError) -> FolderContents? {
        do {
            guard try FileStatus(of: base, followingLinks: true).kind == .directory else {
                warnings.add("left out \(PrintableName(base.string)): it is not a directory")
                return nil
            }
        } catch {
            if error.code == .notFound { return nil }
            throw CassandraError("examine", base.string, error)
        }
        var files: [FolderContents.File] = []
        var bytes = FolderContents.Bytes()
        let indexes = try read(base, inside: nil, into: &files, &bytes, &warnings)
        for index in indexes {
            _ = try read(base.appending(index), inside: index, into: &files, &bytes, &warnings)
        }
        files.sort { $0.precedes($1) }
        return FolderContents(
            base: base,
            directoryIndex: directoryIndex,
            files: files,
            bytes: isMeasuring ? bytes : nil
        )
    }

    /// Adds the files of one directory, and returns the names of the index directories in it.
    private func read(
        _ folder: FilePath,
        inside index: String?,
        into files: inout [FolderContents.File],
        _ bytes: inout FolderContents.Bytes,
        _ warnings: inout Warnings
    ) throws(CassandraError) -> [String] {
        let (listing, directory): (DirectoryListing, OpenDirectory)
        do {
            listing = try DirectoryListing(of: folder)
            directory = try OpenDirectory(folder)
        } catch {
            throw CassandraError(error.code == .notFound ? .changing : .system, "list", folder.string, "", cause: error)
        }
        for name in listing.oddNames { warnings.add("left out \(folder)/\(name): its name is not UTF-8") }

        var sorted = SortedNames()
        for entry in listing.entries {
            let name = entry.name
            if TransactionLog.isName(name) {
                sorted.logs.append(name)
                warnings.add(
                    "left out \(PrintableName(folder.appending(name).string)): it is a log of an operation under way"
                )
            } else if SSTableName.isTemporary(name) {
                warnings.add("left out \(PrintableName(folder.appending(name).string)): it is a temporary file")
            } else if !isLive, !isMeasuring, entry.kind == .regular {
                sorted.files.append(SortedNames.File(name, nil, after: sorted.files.last))
            } else {
                try sort(name, in: directory, isTopLevel: index == nil, into: &sorted, &warnings)
            }
        }
        let leftOut = isLive ? try unfinished(sorted, in: folder, &warnings) : []
        let start = index.map { "\($0)/" } ?? ""
        for file in sorted.files {
            if !leftOut.isEmpty, let sstable = file.sstable, leftOut.contains(sstable) { continue }
            files.append(.init(path: start + file.name, keyLength: Int32(start.utf8.count + file.keyLength)))
            bytes.all += file.size
            if file.isAlone, file.sstable != nil { bytes.held += file.size }
        }
        return sorted.indexes
    }

    /// Puts one name where it belongs, by what the file system says it is.
    private func sort(
        _ name: String,
        in directory: OpenDirectory,
        isTopLevel: Bool,
        into sorted: inout SortedNames,
        _ warnings: inout Warnings
    ) throws(CassandraError) {
        let status: FileStatus
        do { status = try directory.status(of: name) } catch {
            guard error.code == .notFound else { throw CassandraError("examine", error.path.string, error) }
            guard isLive else {
                throw CassandraError(.changing, "list", base.string, "\(PrintableName(name)) vanished meanwhile")
            }
            // Compaction has removed it; what is left of its SSTable goes next.
            if let sstable = SSTableName(name)?.prefix { sorted.vanished.insert(sstable) }
            return
        }
        switch status.kind {
        case .regular: sorted.files.append(SortedNames.File(name, status, after: sorted.files.last))
        case .directory where isTopLevel && SchemaName.isIndexDirectory(name): sorted.indexes.append(name)
        case .directory where isLive && (name == SnapshotDirectory.parent || name == "backups"): break
        case .directory:
            let path = directory.path.appending(name).string
            warnings.add("left out \(PrintableName(path)): no such directory is expected here")
        case .other:
            let path = directory.path.appending(name).string
            warnings.add("left out \(PrintableName(path)): it is not a regular file")
        }
    }

    /// The prefixes of SSTables that are not, or no longer, live.
    ///
    /// Unfinished ones are known by a transaction log alone, as to Cassandra itself. A missing `TOC.txt` says nothing:
    /// a node of 4.0 has none for SSTables that it received whole from another (`BigTableZeroCopyWriter`).
    private func unfinished(
        _ sorted: SortedNames,
        in folder: FilePath,
        _ warnings: inout Warnings
    ) throws(CassandraError) -> Set<String> {
        var leftOut = sorted.vanished
        for name in sorted.logs {
            let log = try transaction(folder.appending(name), in: folder, sorted, &warnings)
            if log.damagedLines > 0 {
                warnings.add("\(log.damagedLines) lines of \(folder.appending(name)) are damaged and not applied")
            }
            for record in log.notLive where isIn(folder, record) {
                if log.outcome == .committed, try !isMeant(record, in: folder, sorted) {
                    warnings.add(
                        "took the SSTable \(folder)/\(record.prefix) although \(name) calls it obsolete: "
                            + "its files are others than at that time"
                    )
                } else {
                    leftOut.insert(record.prefix)
                }
            }
        }
        var start = sorted.files.startIndex
        while start < sorted.files.endIndex {
            guard let sstable = sorted.files[start].sstable else {
                start += 1
                continue
            }
            let range = sorted.range(of: sstable)
            start = range.upperBound
            guard !leftOut.contains(sstable) else { continue }
            let data = "\(sstable)-Data.db"
            guard !sorted.files[range].contains(where: { $0.name == data }) else { continue }
            warnings.add(
                "left out the SSTable \(folder)/\(sstable): it has no Data.db, so it is no longer or not yet one"
            )
            leftOut.insert(sstable)
        }
        return leftOut
    }

    /// Reads a transaction log that may be completed or removed at any moment.
    ///
    /// Files are removed only after a commit. So if some are missing by a log that is not completed, it has been
    /// completed since it was read, and is read again.
    ///
    /// - Throws: `CassandraError` with code `.changing` if the log is gone, so that its outcome is unknown.
    private func transaction(
        _ path: FilePath,
        in folder: FilePath,
        _ sorted: SortedNames,
        _ warnings: inout Warnings
    ) throws(CassandraError) -> TransactionLog {
        func read() throws(CassandraError) -> TransactionLog {
            do { return TransactionLog(try SmallFile.text(of: path, limit: 256 << 20)) } catch {
                let code: CassandraError.Code = error.code == .notFound ? .changing : .system
                throw CassandraError(code, "list the live files in", folder.string, "", cause: error)
            }
        }
        let log = try read()
        guard log.outcome == .unfinished else { return log }
        let cut = log.removed.first { isIn(folder, $0) && sorted.range(of: $0.prefix).count < $0.fileCount }
        guard let cut else { return log }
        let again = try read()
        if again.outcome == .unfinished {
            warnings.add("files of the SSTable \(folder)/\(cut.prefix) are missing, and no log explains it")
        }
        return again
    }

    /// Whether the files are those that a committed log removes, and not others copied here under their name.
    ///
    /// The newest of them has the log's modification time, as the newest is removed last. Java 8 gave that time in whole
    /// seconds. Source: `LogFile.verifyRecord`, which ignores the record otherwise.
    private func isMeant(
        _ record: TransactionLog.Record,
        in folder: FilePath,
        _ sorted: SortedNames
    ) throws(CassandraError) -> Bool {
        var newest: Int64 = 0
        for file in sorted.files[sorted.range(of: record.prefix)] {
            do { newest = max(newest, try FileStatus(of: folder.appending(file.name)).modified / 1_000_000) } catch {
                if error.code == .notFound { return true }  // being removed right now
                throw CassandraError("examine", folder.appending(file.name).string, error)
            }
        }
        return newest == 0 || newest == record.modified || newest / 1000 * 1000 == record.modified
    }

    /// Whether the record's SSTable is in this directory.
    ///
    /// The node's path need not be ours (a container mounts elsewhere), hence by the last component only; behind a
    /// symbolic link not even that is the same. Ids are unique in a table, so more is not needed.
    private func isIn(_ folder: FilePath, _ record: TransactionLog.Record) -> Bool {
        if record.directory == folder.lastComponent?.string { return true }
        return (try? FileStatus(of: folder).kind) == .other
    }
}

/// The names in one directory, by what they are.
private struct SortedNames {
    struct File {
        let name: String
        /// Bytes of the name that are the SSTable's prefix; all for a file of none.
        let keyLength: Int
        let size: Int64
        /// Whether the file has no other name.
        let isAlone: Bool

        /// - Parameters:
        ///   - status: nil where the file was not examined.
        ///   - neighbour: the name before this one; most often another component of the same SSTable.
        init(_ name: String, _ status: FileStatus?, after neighbour: File?) {
            self.name = name
            size = status?.size ?? 0
            isAlone = status?.linkCount == 1
            if let neighbour, neighbour.isLike(name) {
                keyLength = neighbour.keyLength
            } else {
                keyLength = (SSTableName(name)?.prefix ?? name).utf8.count
            }
        }

        /// Whether `name`, which is not temporary, is one of this SSTable's, too.
        private func isLike(_ name: String) -> Bool {
            let shared = keyLength + 1  // with the dash
            guard self.name.utf8.count >= shared, name.utf8.count > shared else { return false }
            return self.name.bytewiseOrder(to: name, count: shared, otherCount: shared) == 0
        }

        var sstable: String? {
            keyLength == name.utf8.count ? nil : String(decoding: name.utf8.prefix(keyLength), as: UTF8.self)
        }
    }

    /// Ascending.
    var files: [File] = []
    var indexes: [String] = []
    var logs: [String] = []
    /// SSTables of which a file went while the directory was read.
    var vanished: Set<String> = []

    /// The files of one SSTable: they follow each other, as they share `nb-1-big-`.
    func range(of sstable: String) -> Range<Int> {
        let start = "\(sstable)-"
        var (low, high) = (files.startIndex, files.endIndex)
        while low < high {
            let middle = low + (high - low) / 2
            if files[middle].name.precedes(start) { low = middle + 1 } else { high = middle }
        }
        let rest = files[low...]
        return low..<(rest.firstIndex { !$0.name.utf8.starts(with: start.utf8) } ?? rest.endIndex)
    }
}
