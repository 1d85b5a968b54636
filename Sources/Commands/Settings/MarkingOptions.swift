internal import ArgumentParser
internal import Operations
internal import SystemPackage
internal import TransferEngine
internal import Vault

/// Where the names of millions of blobs are sorted.
struct MarkingOptions: ParsableArguments {
    @Option(
        name: .customLong("temp-dir"),
        help: ArgumentHelp(
            "Directory for sorting what does not fit into memory; default $TMPDIR, else /var/tmp.",
            valueName: "directory"
        )
    )
    var temporaryDirectory: String?

    func space(_ session: Session) throws -> MarkingSpace {
        let path = FilePath(temporaryDirectory ?? session.settings.variable("TMPDIR") ?? "/var/tmp")
        guard try FileStatus(of: path, followingLinks: true).kind == .directory else {
            throw ValidationError("'\(path)' cannot be used as --temp-dir: it is no directory")
        }
        return MarkingSpace(
            directory: path,
            memory: min(MarkingSpace.defaultMemory, session.context.pool.limit / 4)
        )
    }
}
