internal import Cassandra
package import Logging
package import ObjectStorage
package import SystemPackage
internal import TransferEngine
internal import Vault

/// The main job on SSTables of real Cassandra nodes: a full backup, an incremental one from a later snapshot, a
/// restore, and the proof that every byte came back.
package struct Demonstration: Sendable {
    /// One step and what it did.
    package struct Step: Sendable, Hashable, Codable {
        /// Cassandra's version.
        package let node: String
        /// `backup daily-1`, `restore daily-2`.
        package let name: String
        package var files = 0
        /// Plain bytes of the files.
        package var bytes: Int64 = 0
        package var newFiles = 0
        package var newBytes: Int64 = 0
        package var reusedFiles = 0
        package var reusedBytes: Int64 = 0
        /// Objects written, and their bytes in the vault.
        package var blobs = 0
        package var storedBytes: Int64 = 0
        package var seconds = 0.0
    }

    package struct Report: Sendable, Hashable, Codable {
        package var steps: [Step] = []
        /// Files that were compared byte for byte with the node's own, and found equal.
        package var identicalFiles = 0
        package var identicalBytes: Int64 = 0
    }

    private let captures: FilePath
    private let work: FilePath
    private let logger: Logger
    private let store: (any ObjectStore)?

    /// - Parameters:
    ///   - captures: a directory with one `CapturedNode` for each Cassandra version.
    ///   - work: an empty directory for nodes, vault and what is restored.
    ///   - store: where the vault is made instead.
    package init(captures: FilePath, work: FilePath, store: (any ObjectStore)? = nil, logger: Logger) {
        self.captures = captures
        self.work = work
        self.store = store
        self.logger = logger
    }

    /// - Throws: the first thing that does not work, or `RunError` for a byte that did not come back.
    package func run() async throws -> Report {
        let versions = try DirectoryListing(of: captures).names.filter {
            (try? FileStatus(of: captures.appending($0).appending("files.tsv"))) != nil
        }
        guard !versions.isEmpty else {
            throw RunError(.notFound, "show anything with", "\(captures)", "there is no captured node in it")
        }
        let store = store ?? FileStore(root: work.appending("vault"), io: IOExecutor(threads: 4))
        let vault = try await Vault.create(in: store)
        var report = Report()
        for version in versions {
            let node = try CapturedNode(captures.appending(version))
            let root = work.appending("nodes").appending(version)
            try node.rebuild(in: root)
            let data = node.dataDirectories.map { root.appending($0) }
            for name in ["daily-1", "daily-2"] {
                report.steps.append(try await backUp(version, name, data, vault))
            }
            let targets = node.dataDirectories.map { work.appending("restored").appending(version).appending($0) }
            report.steps.append(try await restore(version, "daily-2", targets, vault))
            try compare(node, root, "daily-2", targets, &report)
        }
        return report
    }

    private func context() -> RunContext {
        RunContext(memory: 64 << 20, readLimit: TokenBucket(.unlimited), isGentle: false, logger: logger)
    }

    private func backUp(_ version: String, _ name: String, _ data: [FilePath], _ vault: Vault) async throws -> Step {
        let options = BackupOptions(
            id: try BackupID(cluster: "demo \(version)", backup: name),
            host: try HostIdentity.derived(from: data),
            dataDirectories: data,
            source: .snapshot(try SnapshotTag(name))
        )
        let report = try await BackupRun(vault, options, context()).run()
        let totals = report.header.totals
        return Step(
            node: version,
            name: "backup \(name)",
            files: totals.files,
            bytes: totals.bytes,
            newFiles: totals.files - totals.reusedFiles,
            newBytes: totals.bytes - totals.reusedBytes,
            reusedFiles: totals.reusedFiles,
            reusedBytes: totals.reusedBytes,
            blobs: totals.storedBlobs,
            storedBytes: totals.storedBytes,
            seconds: report.elapsed / .seconds(1)
        )
    }

    private func restore(
        _ version: String,
        _ name: String,
        _ targets: [FilePath],
        _ vault: Vault
    ) async throws -> Step {
        let options = RestoreOptions(backup: name, cluster: "demo \(version)", targets: targets)
        let report = try await RestoreRun(vault, options, context()).run()
        return Step(
            node: version,
            name: "restore \(name)",
            files: report.files,
            bytes: report.bytes,
            newFiles: report.files - report.keptFiles,
            newBytes: report.bytes - report.keptBytes,
            reusedFiles: report.keptFiles,
            reusedBytes: report.keptBytes,
            seconds: report.elapsed / .seconds(1)
        )
    }

    /// Compares every file of the node's snapshot with the restored one, and looks for files that are too many.
    private func compare(
        _ node: CapturedNode,
        _ root: FilePath,
        _ tag: String,
        _ targets: [FilePath],
        _ report: inout Report
    ) throws {
        var expected: Set<String> = []
        for file in node.files {
            let parts = file.path.split(separator: "/").map(String.init)
            // <data>/<keyspace>/<table>/snapshots/<tag>/<file>
            guard parts.count > 5, parts[3] == "snapshots", parts[4] == tag else { continue }
            let path = (parts[1...2] + parts[5...]).joined(separator: "/")
            expected.insert(path)
            let original = try SmallFile.bytes(of: root.appending(file.path), limit: .max)
            let copies = targets.map { $0.appending(path) }.filter { (try? FileStatus(of: $0)) != nil }
            guard copies.count == 1, try SmallFile.bytes(of: copies[0], limit: .max) == original else {
                throw RunError(.failed, "prove the restore of", path, "it is not the file that was backed up")
            }
            report.identicalFiles += 1
            report.identicalBytes += Int64(original.count)
        }
        let restored = try targets.reduce(0) { try $0 + Self.fileCount(below: $1) }
        guard restored == expected.count, !expected.isEmpty else {
            throw RunError(
                .failed,
                "prove the restore to",
                "\(targets[0])",
                "\(restored) files for \(expected.count) in the snapshot"
            )
        }
    }

    private static func fileCount(below path: FilePath) throws -> Int {
        var count = 0
        for name in try DirectoryListing(of: path).names {
            let child = path.appending(name)
            count += try FileStatus(of: child).kind == .directory ? fileCount(below: child) : 1
        }
        return count
    }
}
