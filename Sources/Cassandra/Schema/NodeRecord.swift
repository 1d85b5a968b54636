/// What a backup keeps of the node it was taken from: its document `node.json`.
///
/// Enough to make the node anew on another machine: whose ranges it had, and where its files were.
package struct NodeRecord: Codable, Hashable, Sendable {
    package var format = NodeRecord.currentFormat
    package var releaseVersion: String
    package var clusterName: String
    /// The class's full name.
    package var partitioner: String
    package var hostID: String
    /// Of the node's storage, without a port.
    package var address: String
    package var datacenter: String
    package var rack: String
    /// Decimal numbers as text, ascending by number: what `initial_token` takes.
    package var tokens: [String]
    package var schemaVersion: String?
    /// Every node as this one saw them when the backup began, itself included.
    package var ring: [Member]
    package var directories: Directories?

    package struct Member: Codable, Hashable, Sendable {
        package var address: String
        package var hostID: String?
        package var datacenter: String
        package var rack: String?
        package var isUp: Bool
        /// As nodetool says it in one word: `normal`, `joining`, `leaving`, `moving`.
        package var state: String

        package init(address: String, hostID: String?, datacenter: String, rack: String?, isUp: Bool, state: String) {
            self.address = address
            self.hostID = hostID
            self.datacenter = datacenter
            self.rack = rack
            self.isUp = isUp
            self.state = state
        }
    }

    /// Of cassandra.yaml, absolute paths.
    package struct Directories: Codable, Hashable, Sendable {
        package var data: [String]
        package var commitLog: String?
        package var hints: String?
        package var savedCaches: String?
        package var changeLog: String?

        package init(
            data: [String],
            commitLog: String? = nil,
            hints: String? = nil,
            savedCaches: String? = nil,
            changeLog: String? = nil
        ) {
            self.data = data
            self.commitLog = commitLog
            self.hints = hints
            self.savedCaches = savedCaches
            self.changeLog = changeLog
        }
    }

    package init(
        releaseVersion: String,
        clusterName: String,
        partitioner: String,
        hostID: String,
        address: String,
        datacenter: String,
        rack: String,
        tokens: [String],
        schemaVersion: String? = nil,
        ring: [Member] = [],
        directories: Directories? = nil
    ) {
        self.releaseVersion = releaseVersion
        self.clusterName = clusterName
        self.partitioner = partitioner
        self.hostID = hostID
        self.address = address
        self.datacenter = datacenter
        self.rack = rack
        self.tokens = tokens
        self.schemaVersion = schemaVersion
        self.ring = ring
        self.directories = directories
    }
}
