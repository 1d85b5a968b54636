internal import ArgumentParser

/// `ringvault node`: what the Cassandra node on this host says of itself.
struct NodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node",
        abstract: "Show what the Cassandra node on this host says of itself.",
        subcommands: [NodeShow.self, NodeSnapshots.self]
    )
}
