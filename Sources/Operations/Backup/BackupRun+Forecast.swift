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
    func measureMoves(_ input: Input, _ catalogue: Catalogue) async throws {
        guard context.control.wantsForecast else { return }
        var bytes: Int64 = 0
        for part in input.passes.parts {
            bytes += try await moves(part, input.source, try await previousManifest(catalogue))
        }
        context.progress.update { [bytes] in $0.plannedMoves = bytes }
    }

    private func moves(
        _ pass: BackupPasses.Pass,
        _ source: FileSource,
        _ known: consuming PreviousManifest
    ) async throws -> Int64 {
        var previous = known
        var resumption = pass.journal?.resumption()
        var bytes: Int64 = 0
        for planned in pass.tables where pass.journal?.whole(planned.path) == nil {
            try Task.checkCancellation()
            guard let table = planned.table else { continue }
            var folder: OpenDirectory?
            for files in try TableListing(table, source: source).groups {
                let position = ManifestPosition(table: planned.path, name: files.key, directory: files.directoryIndex)
                let known = try await previous.group(at: position)
                let finished = resumption?.group(at: position)?.group
                let pieces = resumption?.pieces(at: position) ?? []
                let base: OpenDirectory
                if let folder, folder.path == files.base { base = folder } else { base = try OpenDirectory(files.base) }
                folder = base
                for file in files.components {
                    let status = try base.status(of: file)
                    guard known?.unchanged(file, status) == nil, finished?.unchanged(file, status) == nil else {
                        continue
                    }
                    let done = pieces.filter { $0.isOf(file, status) }
                    bytes += status.size - done.reduce(0) { $0 + Int64($1.reference.length) }
                }
            }
        }
        return bytes
    }
}
