internal import ArgumentParser
internal import Cassandra
internal import Operations
internal import SystemPackage

/// Where this node's data are, for commands that look at what restores have left there.
struct NodePlaceOptions: ParsableArguments {
    @Option(
        name: .customLong("data-dir"),
        help: ArgumentHelp(
            "A data directory of this node; may be given several times, all of them. Default: those of cassandra.yaml.",
            valueName: "directory"
        )
    )
    var dataDirectory: [String] = []

    @OptionGroup var node: NodeOptions

    func dataDirectories(_ settings: Settings) throws -> [FilePath] {
        let given = settings.strings(.dataDirectory, dataDirectory).map { FilePath($0) }
        return given.isEmpty ? try node.configuration(settings).tableDirectories : given
    }
}
