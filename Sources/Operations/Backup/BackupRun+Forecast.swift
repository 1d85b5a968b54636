internal import Cassandra
internal import SystemPackage
internal import TransferEngine
internal import Vault

extension BackupRun {
    /// Counts the bytes that have to be read: those of files which neither the previous manifest nor the journal has as
    /// they are.
    ///
    /// The plan decides the same again when it gets there; this pass is for the forecast and the pace alone, and is left
    /// out where nobody wants them.
    func measureMoves(
        _ tables: [Table],
        _ source: FileSource,
        _ journal: BackupJournal?,
        _ catalogue: Catalogue
    ) async throws {
        guard context.control.wantsForecast else { return }
        var previous = try await previousManifest(catalogue)
        var resumption = journal?.resumption()
        var bytes: Int64 = 0
        for table in tables {
            try Task.checkCancellation()
            let path = "\(table.keyspace)/\(table.directoryName)"
            for files in try TableListing(table, source: source).groups {
                let position = ManifestPosition(table: path, name: files.key, directory: files.directoryIndex)
                let known = try await previous.group(at: position)
                let finished = resumption?.group(at: position)?.group
                let pieces = resumption?.pieces(at: position) ?? []
                for file in files.components {
                    let status = try FileStatus(of: files.base.appending(file))
                    guard known?.unchanged(file, status) == nil, finished?.unchanged(file, status) == nil else {
                        continue
                    }
                    let done = pieces.filter { $0.isOf(file, status) }
                    bytes += status.size - done.reduce(0) { $0 + Int64($1.reference.length) }
                }
            }
        }
        context.progress.update { [bytes] in $0.plannedMoves = bytes }
    }
}
