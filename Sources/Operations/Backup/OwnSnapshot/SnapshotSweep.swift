internal import Cassandra
internal import Logging
internal import SystemPackage
internal import TransferEngine
internal import Vault

/// Clears what earlier backups have left of their own snapshots: those that were killed, or could not clear.
///
/// Whose run is at work, or paused so that it goes on, keeps its snapshot, whatever its name and vault. Foreign snapshots
/// are never looked at.
struct SnapshotSweep {
    let node: BackupNode
    let directories: DataDirectories
    /// Nil where there is none: then nobody knows which runs are paused.
    let state: StateDirectory?
    /// Of this run.
    let own: SnapshotTag
    let logger: Logger

    /// Looks at every tag of ours in the data directories.
    ///
    /// - Parameter isAlone: whether no other backup by snapshot works on these data directories: one that has another
    ///   state directory is known by that alone.
    /// - Returns: tags that were cleared.
    func run(isAlone: Bool) async throws -> [SnapshotTag] {
        var swept: [SnapshotTag] = []
        for (tag, tables) in try directories.ownSnapshots() where tag != own {
            guard let run = OwnSnapshot.run(of: tag) else { continue }
            switch owner(of: run) {
            case .atWork: continue
            case .paused:
                logger.info("the snapshot of a paused backup stays", metadata: ["tag": "\(tag)"])
                continue
            case .unknown where !isAlone:
                logger.info(
                    "a snapshot stays, since another backup of this node is at work and may need it",
                    metadata: ["tag": "\(tag)"]
                )
                continue
            case .unknown: if await clear(tag, tables) { swept.append(tag) }
            case .gone(let lock):
                if await clear(tag, tables) { swept.append(tag) }
                withExtendedLifetime(lock) {}  // nobody goes on with it meanwhile
            }
        }
        return swept
    }

    /// Whether there are snapshots of which this state directory knows no run.
    var hasStrangers: Bool {
        get throws {
            for (tag, _) in try directories.ownSnapshots() where tag != own {
                if let run = OwnSnapshot.run(of: tag), case .unknown = owner(of: run) { return true }
            }
            return false
        }
    }

    private enum Owner {
        case atWork
        case paused
        /// Its directory is held until the snapshot is cleared.
        case gone(DirectoryLock)
        case unknown
    }

    private func owner(of run: String) -> Owner {
        guard let state else { return .unknown }
        let path = state.path.appending("runs").appending(run)
        guard (try? FileStatus(of: path)) != nil else { return .unknown }
        let lock: DirectoryLock
        do throws(RunError) {
            lock = try DirectoryLock(path, "sweep after")
        } catch {
            return error.code == .conflict ? .atWork : .unknown
        }
        let journal = path.appending("journal")
        guard let record = SnapshotRecord.read(in: journal), RunState.read(in: path)?.state == .paused,
            BackupJournal.isFresh(in: journal, at: .now),
            record.expires.map({ $0 > Timestamp.now }) ?? true
        else { return .gone(lock) }
        return .paused
    }

    private func clear(_ tag: SnapshotTag, _ tables: [Table]) async -> Bool {
        do throws(CassandraError) {
            try? await node.control.clearSnapshot(tag, keyspaces: [])
            let snapshot = try LiveSnapshot(directories, tag: tag)
            for table in tables { try snapshot.remove(from: table) }
            logger.info(
                "cleared the snapshot that an earlier backup had left",
                metadata: ["tag": "\(tag)", "tables": "\(tables.count)"]
            )
            return true
        } catch {
            logger.warning(
                "the snapshot that an earlier backup has left cannot be cleared",
                metadata: ["tag": "\(tag)", "error": "\(error)"]
            )
            return false
        }
    }
}
