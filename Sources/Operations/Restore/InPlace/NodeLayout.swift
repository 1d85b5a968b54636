package import Cassandra
package import SystemPackage

/// Where a node keeps what it has, and what its settings say of it: as far as its cassandra.yaml tells.
package struct NodeLayout: Sendable, Hashable {
    /// A directory beside the data directories.
    package struct Side: Sendable, Hashable, Codable {
        package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
            case commitLog = "commitlog"
            case hints
            case savedCaches = "saved_caches"
            /// `cdc_raw_directory`: what change data capture has not been read from yet.
            case changeLog = "cdc_raw"
        }

        package let kind: Kind
        package let path: FilePath

        package init(_ kind: Kind, _ path: FilePath) {
            self.kind = kind
            self.path = path
        }
    }

    package var dataDirectories: [FilePath]
    /// `local_system_data_file_directory`, 4.0 and later: one of the data directories; nil where it is not set.
    package var systemDirectory: FilePath?
    package var sides: [Side] = []
    /// What the settings were read from; nil: nobody has read any.
    package var source: String?
    package var clusterName: String?
    /// The class's name, in full or its last part.
    package var partitioner: String?
    package var numTokens: Int?
    /// `initial_token`, in decimal; empty where it is not set.
    package var initialTokens: [String] = []
    /// Of the Cassandra that is installed, if that can be told.
    package var release: ReleaseVersion?

    package init(dataDirectories: [FilePath]) { self.dataDirectories = dataDirectories }

    /// As the settings have it.
    package init(_ configuration: CassandraConfiguration) {
        dataDirectories = configuration.tableDirectories
        systemDirectory = configuration.systemDataDirectory
        sides = [
            Side(.commitLog, configuration.commitLogDirectory), Side(.hints, configuration.hintsDirectory),
            Side(.savedCaches, configuration.savedCachesDirectory), Side(.changeLog, configuration.cdcDirectory),
        ]
        source = configuration.file.string
        clusterName = configuration.clusterName ?? "Test Cluster"
        partitioner = configuration.partitioner
        // Cassandra's own default, where the file leaves it out.
        numTokens = configuration.numTokens ?? max(1, configuration.initialTokens.count)
        initialTokens = configuration.initialTokens
    }

    package func side(_ kind: Side.Kind) -> FilePath? { sides.first { $0.kind == kind }?.path }
}
