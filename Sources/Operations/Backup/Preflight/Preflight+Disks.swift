internal import Cassandra
internal import Glibc
internal import SystemPackage
internal import TransferEngine

extension Preflight {
    /// Looks at the data directories, the right to clear in them, and their disks.
    ///
    /// Blocks.
    func dataDirectories() -> [PreflightFinding] {
        let found: DataDirectories
        let tables: [Table]
        do {
            found = try DataDirectories(directories)
            let all = try found.tables(matching: filter)
            guard all.unmatched.isEmpty else {
                throw RunError(.notFound, "find", all.unmatched.joined(separator: ", "), "no such keyspace or table")
            }
            tables = all.tables
        } catch {
            return [
                PreflightFinding(.directories, .failed, "\(error)", "--data-dir names what cassandra.yaml does"),
                PreflightFinding(.clearing, .notTried, "the data directories cannot be used"),
                PreflightFinding(.space, .notTried, "the data directories cannot be used"),
            ]
        }
        return [examine(tables), clearing(tables), room(tables)]
    }

    private func examine(_ tables: [Table]) -> PreflightFinding {
        let places = directories.map(\.string).joined(separator: ", ")
        let keyspaces = Set(tables.map(\.keyspace)).count
        let what = "\(tables.count) tables of \(keyspaces) keyspaces in \(places)"
        let missing = (configured ?? []).filter { !directories.contains($0) }
        guard missing.isEmpty else {
            return PreflightFinding(
                .directories,
                .warning,
                "\(what); cassandra.yaml names \(missing.map(\.string).joined(separator: ", ")) as well",
                "leave out --data-dir, or name all"
            )
        }
        return PreflightFinding(.directories, .ok, what)
    }

    private func clearing(_ tables: [Table]) -> PreflightFinding {
        let closed = tables.flatMap(\.places).map(\.path).first { path in
            let snapshots = path.appending("snapshots")
            let place = (try? FileStatus(of: snapshots, followingLinks: true)) == nil ? path : snapshots
            return unsafe place.withPlatformString { unsafe access($0, W_OK | X_OK) } != 0
        }
        guard let closed else { return PreflightFinding(.clearing, .ok, "each table's snapshot when it is stored") }
        return PreflightFinding(
            .clearing,
            .warning,
            "this user may not remove anything in \(closed)",
            "the node clears the snapshot as a whole in the end; as Cassandra's own user it is cleared table by table"
        )
    }

    /// A snapshot takes no room by itself.
    ///
    /// But what compaction replaces while it stands is kept by it, so the disk needs
    /// room for what compaction writes meanwhile.
    private func room(_ tables: [Table]) -> PreflightFinding {
        var texts: [String] = []
        var (isShort, isTight) = (false, false)
        var seen: Set<UInt64> = []
        for (index, path) in directories.enumerated() {
            guard let device = try? FileStatus(of: path, followingLinks: true).device, seen.insert(device).inserted,
                let free = try? FileTree.freeSpace(at: path)
            else { continue }
            let data = directories.indices.reduce(Int64(0)) { sum, other in
                let isSame =
                    other == index || (try? FileStatus(of: directories[other], followingLinks: true).device) == device
                return isSame ? sum + Self.bytes(tables, in: other) : sum
            }
            texts.append("\(ByteCount(free)) free beside \(ByteCount(data)) at \(path)")
            if free < space.least { isShort = true }
            if free < data / Space.share { isTight = true }
        }
        let found = texts.joined(separator: ", ")
        if isShort {
            return PreflightFinding(
                .space,
                .failed,
                found,
                "compaction must go on while the snapshot stands: make room, or lower --min-free"
            )
        }
        guard isTight else { return PreflightFinding(.space, .ok, found) }
        return PreflightFinding(
            .space,
            .warning,
            found,
            "what compaction replaces during the backup stays on the disk until its table is stored"
        )
    }

    /// Bytes of live files, as they are now; what moves meanwhile makes no difference here.
    private static func bytes(_ tables: [Table], in directory: Int) -> Int64 {
        var bytes: Int64 = 0
        for place in tables.flatMap(\.places) where place.directoryIndex == directory {
            for name in (try? DirectoryListing(of: place.path).names) ?? [] {
                guard let status = try? FileStatus(of: place.path.appending(name)), status.kind == .regular else {
                    continue
                }
                bytes += status.size
            }
        }
        return bytes
    }
}
