/// What is backed up, and where there is room to work: what a peer is told of a measurement.
struct Source: Sendable {
    /// The data directory, as Cassandra has it: `<keyspace>/<table>-<id>/snapshots/<tag>/…`.
    let data: String
    /// The snapshot's tag.
    let snapshot: String
    /// SSTables of 1 % of the bytes, laid out in the same way, to be added for `Job.changed`.
    let delta: String
    /// An empty directory with a directory `restored` in it, anew for each contender and round.
    let scratch: String

    /// Where restored files go.
    var target: String { scratch + "/restored" }
    /// Hard links of the delta appear in the data: a flush has happened.
    var change: [String] { ["cp", "-al", delta + "/.", data] }
}
