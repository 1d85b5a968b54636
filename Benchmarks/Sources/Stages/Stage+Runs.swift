internal import Cassandra
internal import Logging
internal import Operations
internal import Synchronization
internal import SyntheticSSTables
internal import SystemPackage
internal import TransferEngine
internal import Vault

/// Whole backups of small files in a vault in memory; an operation is one file.
extension Stage {
    private static let files = 3200

    static var runs: [Stage] { [smallFiles, unchangedFiles, restoredFiles] }

    private static var smallFiles: Stage {
        Stage("backup-small-files", .items, operations: files) {
            let node = try await SmallFiles()
            return { operations in
                for _ in 0..<operations / files {
                    let report = try await node.backUp(in: try await Vault.create(in: MemoryStore()), "first")
                    guard report.header.totals.storedBlobs > 0 else { throw StageError("nothing was stored") }
                }
            }
        }
    }

    /// The second backup of the same files: the merge join with the manifest of the first.
    private static var unchangedFiles: Stage {
        Stage("backup-unchanged-files", .items, operations: files) {
            let node = try await SmallFiles()
            let vault = try await Vault.create(in: MemoryStore())
            _ = try await node.backUp(in: vault, "run 0")
            let number = Atomic(0)
            return { operations in
                for _ in 0..<operations / files {
                    let name = "run \(number.add(1, ordering: .relaxed).newValue)"
                    let report = try await node.backUp(in: vault, name)
                    guard report.readBytes == 0 else { throw StageError("read \(report.readBytes) bytes") }
                }
            }
        }
    }

    private static var restoredFiles: Stage {
        Stage("restore-small-files", .items, operations: files) {
            let node = try await SmallFiles()
            let vault = try await Vault.create(in: MemoryStore())
            _ = try await node.backUp(in: vault, "whole")
            let number = Atomic(0)
            return { operations in
                for _ in 0..<operations / files {
                    // To a place of its own each time, which stays until all is done: removing it is not what is measured.
                    let target = "restored-\(number.add(1, ordering: .relaxed).newValue)"
                    try await node.restore("whole", from: vault, to: target)
                }
            }
        }
    }

    /// A node with one snapshot.
    private struct SmallFiles: Sendable {
        private let scratch = Scratch()
        /// For what is restored.
        private let outside = Scratch()
        private let host: HostID

        init() async throws {
            guard let host = HostID("4f0b0e6a-2c1d-4e5f-8a9b-0c1d2e3f4a5b") else { throw StageError("not a host id") }
            self.host = host
            let shape = DataShape.small(files: files, averageBytes: 2048)
            _ = try await DataDirectory(scratch.path, shape: shape).write(snapshot: "s")
        }

        private var context: RunContext {
            RunContext(
                memory: 128 << 20,
                readLimit: TokenBucket(.unlimited),
                isGentle: false,
                logger: Logger(label: "stages") { _ in SwiftLogNoOpLogHandler() }
            )
        }

        func restore(_ name: String, from vault: Vault, to target: String) async throws {
            let options = RestoreOptions(
                backup: name,
                cluster: "prod",
                targets: [FilePath("\(outside.path)/\(target)")]
            )
            let report = try await RestoreRun(vault, options, context).run()
            guard report.files == files + 2 else { throw StageError("\(report.files) files") }
        }

        func backUp(in vault: Vault, _ name: String) async throws -> BackupReport {
            var options = BackupOptions(
                id: try BackupID(cluster: "prod", backup: name),
                host: host,
                dataDirectories: [FilePath(scratch.path)],
                source: .snapshot(try SnapshotTag("s"))
            )
            options.recheckSlices = nil
            let report = try await BackupRun(vault, options, context).run()
            // With manifest.json and schema.cql.
            guard report.header.totals.files == files + 2, report.warnings.isEmpty else {
                throw StageError("\(report.header.totals.files) files, \(report.warnings)")
            }
            return report
        }
    }
}
