internal import ArgumentParser
internal import Cassandra
internal import TransferEngine

/// `ringvault node snapshots`: the snapshots that stand on the node.
struct NodeSnapshots: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshots",
        abstract: "List the snapshots on the node, Ringvault's own among them.",
        discussion: "Asks the node by what --node names. Changes nothing; sizes are rounded as the node tells them."
    )

    @OptionGroup var node: NodeOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let settings = try global.settings()
        let output = try global.output(settings)
        let logger = try global.logger(settings)
        let snapshots = try await node.control(settings, logger).snapshots()
        try output.print(NodeSnapshotsResult(snapshots: snapshots))
    }
}

/// What `ringvault node snapshots` prints: a line a tag in the table, everything in JSON.
struct NodeSnapshotsResult: Renderable {
    let snapshots: [NodeSnapshot]

    var json: [NodeSnapshot] { snapshots }

    var text: String {
        guard !snapshots.isEmpty else { return "There are no snapshots on this node.\n" }
        var table = TextTable([
            ("snapshot", .left), ("tables", .right), ("size", .right), ("of its own", .right), ("created", .left),
            ("expires", .left), ("whose", .left),
        ])
        let byTag = Dictionary(grouping: snapshots, by: \.tag)
        for (tag, parts) in byTag.sorted(by: { ($0.value.created ?? "", $0.key) < ($1.value.created ?? "", $1.key) }) {
            table.append([
                tag, "\(parts.count)", Self.sum(parts.map(\.sizeOnDisk)), Self.sum(parts.map(\.trueSize)),
                parts.created ?? "", parts.compactMap(\.expires).min() ?? "",
                Self.owner(tag),
            ])
        }
        return table.text
    }

    private static func sum(_ sizes: [Int64?]) -> String {
        sizes.contains(nil) ? "" : "\(ByteCount(sizes.reduce(0) { $0 + ($1 ?? 0) }))"
    }

    private static func owner(_ tag: String) -> String {
        guard let tag = try? SnapshotTag(tag) else { return "" }
        return tag.isOwn ? "ringvault" : tag.isAutomatic ? "cassandra" : ""
    }
}

extension [NodeSnapshot] {
    /// The first moment at which a table of them was taken.
    fileprivate var created: String? { compactMap(\.created).min() }
}
