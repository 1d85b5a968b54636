internal import Cassandra
internal import SystemPackage
internal import TransferEngine
package import Vault

/// The files of a backup beside the places they are to have: fetched and verified, on the same file systems, and owned by
/// who owns the data directories.
package struct RestoreStaging: Sendable {
    package let folders: RestoreFolders
    private let vault: Vault
    private let selection: RestoreSelection
    private let route: RestoreRoute
    private let context: RunContext

    package init(
        _ folders: RestoreFolders,
        _ selection: RestoreSelection,
        _ route: RestoreRoute,
        in vault: Vault,
        _ context: RunContext
    ) {
        self.folders = folders
        self.selection = selection
        self.route = route
        self.vault = vault
        self.context = context
    }

    /// Fetches what is missing and verifies what is there; blocks now and then.
    ///
    /// Goes on where a killed run was. When it returns, the stages hold the files of the backup that the route wants and
    /// nothing else, durably.
    ///
    /// - Throws: what `RestoreRun` throws; what was fetched so far stays.
    package func fill() async throws -> RestoreReport {
        try folders.make()
        var options = RestoreOptions(
            backup: selection.header.backup,
            cluster: selection.header.cluster,
            host: selection.header.hostId,
            targets: folders.stages,
            // Only ever of our own stage: what is in the way is of another try.
            overwrites: true
        )
        options.route = route
        let report = try await RestoreRun(vault, options, context, key: selection.key).fill()
        try await sweep()
        try own()
        for stage in folders.stages { try FileTree.syncFileSystem(of: stage) }
        return report
    }

    /// Removes what the stages have and the backup has not: partial files and tables of another choice, of earlier tries.
    private func sweep() async throws {
        var sweep = StageSweep(folders.stages)
        var chooser = TargetChooser(folders.stages)
        var manifest = try await ManifestReader.open(vault, key: selection.key)
        while let line = try await manifest.next() {
            guard case .group(let group) = line, let place = route.place(of: group) else { continue }
            guard let index = chooser.target(for: group, at: place, preferred: route.target(group)) else {
                throw RestoreSurvey.clash(group)
            }
            try sweep.keep(group.files.map(\.path), at: place, in: index)
        }
        try sweep.finish()
    }

    /// Gives all that was made to the owner of its data directory.
    private func own() throws {
        for index in folders.dataDirectories.indices {
            try FileOwner(of: folders.dataDirectories[index]).takeAll(folders.stage(index))
        }
    }
}
