internal import ArgumentParser
internal import Cassandra
internal import Operations
internal import TransferEngine

/// What of the node's files is backed up, and what becomes of the snapshot.
struct SnapshotOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Back up the snapshot that stands under this tag, instead of one that is taken now; nothing of it is cleared.",
            valueName: "tag"
        )
    )
    var snapshot: String?

    @Flag(
        help: ArgumentHelp(
            "Back up the live SSTables, held by hard links while the backup runs, without asking the node; memtables are "
                + "not flushed."
        )
    )
    var live = false

    @Flag(help: "Only examine the node, the disks and the store, and say whether a backup may begin.")
    var preflight = false

    @Option(
        name: .customLong("snapshot-ttl"),
        help: ArgumentHelp(
            "After which the node clears the snapshot by itself, if nobody else does (Cassandra 4.1 and later); at least "
                + "1h; 0: never; default 14d, as long as a backup that was stopped can go on.",
            valueName: "time"
        )
    )
    var snapshotTTL: TimeSpan?

    @Flag(
        name: .customLong("keep-snapshot"),
        help: "Let the snapshot that is taken stay after the backup; no later backup sweeps it."
    )
    var keepSnapshot = false

    @Flag(
        name: .customLong("skip-flush"),
        help: "Take the snapshot without flushing: what is only in memory and the commit log is not in it."
    )
    var skipFlush = false

    @Flag(help: "Keep the roles as CQL as well, with their hashed passwords and grants; encrypt the vault then.")
    var roles = false

    @Option(
        name: .customLong("min-free"),
        help: ArgumentHelp(
            "Bytes that each disk of the node must have free, or no backup begins; default 1GiB, 0 for none.",
            valueName: "size"
        )
    )
    var minFree: String?

    @Flag(
        name: .customLong("adopt-cluster"),
        help: ArgumentHelp(
            "Take a vault whose backups of this cluster's name are of other nodes, and a --cluster that the node does not "
                + "have."
        )
    )
    var adoptCluster = false

    var source: BackupOptions.Source {
        get throws {
            switch (snapshot, live) {
            case (let tag?, false): return .snapshot(try SnapshotTag(tag))
            case (nil, true): return .live
            case (nil, false): return .own
            case (_?, true): throw ValidationError("give either --snapshot or --live")
            }
        }
    }

    var own: OwnSnapshotOptions {
        get throws {
            var own = OwnSnapshotOptions()
            own.isKept = keepSnapshot
            own.skipsFlush = skipFlush
            if let life = snapshotTTL?.duration {
                guard life == .zero || life >= .seconds(3600) else {
                    throw ValidationError("--snapshot-ttl must be at least 1h, or 0 for none")
                }
                own.life = life == .zero ? nil : life
            }
            return own
        }
    }

    var space: Preflight.Space {
        get throws {
            var space = Preflight.Space()
            if let minFree {
                guard let count = ByteCount(minFree) else {
                    throw ValidationError("'\(minFree)' cannot be used as --min-free: expected a size such as 5GiB")
                }
                space.least = count.bytes
            }
            return space
        }
    }
}
