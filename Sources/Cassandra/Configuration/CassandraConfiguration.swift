package import SystemPackage
internal import TransferEngine

/// What a node's cassandra.yaml says that a backup or a restore must know.
///
/// Values are those that a node started with this file would have: what the file leaves out is Cassandra's default.
/// Source: conf/cassandra.yaml and org.apache.cassandra.config.DatabaseDescriptor, 3.11 to 5.0.
package struct CassandraConfiguration: Sendable {
    package let file: FilePath
    /// Nil: not in the file; Cassandra then calls it `Test Cluster`.
    package let clusterName: String?
    /// The class's name in full.
    package let partitioner: String
    package let numTokens: Int?
    /// As they stand there; none where Cassandra is to choose.
    package let initialTokens: [String]
    /// `data_file_directories`, in their order.
    package let dataDirectories: [FilePath]
    /// `local_system_data_file_directory`, from 4.0 on: where the tables of `system` and `system_schema` lie instead.
    package let systemDataDirectory: FilePath?
    package let commitLogDirectory: FilePath
    package let hintsDirectory: FilePath
    package let savedCachesDirectory: FilePath
    package let cdcDirectory: FilePath
    package let takesAutomaticSnapshots: Bool
    package let listenAddress: String?
    package let rpcAddress: String?
    package let nativePort: Int
    /// Class name, short or in full.
    package let snitch: String?
    /// The file's text without secrets, line by line as it was.
    package let redactedText: String
    /// That of cassandra-rackdc.properties beside it; nil where there is none.
    package let redactedRackDC: String?

    /// All directories with tables: those of data, and that of the system's where it is another.
    package var tableDirectories: [FilePath] {
        guard let system = systemDataDirectory, !dataDirectories.contains(system) else { return dataDirectories }
        return dataDirectories + [system]
    }

    /// Reads the file; blocks.
    ///
    /// - Parameter environment: for `CASSANDRA_HOME`, below which the defaults lie, and for `${NAME}` in values.
    /// - Throws: `CassandraError`: `.notFound` for a missing file, `.invalid`, with the line, for one that no node could
    ///   be started with.
    package init(file: FilePath, environment: [String: String]) throws(CassandraError) {
        let text: String
        do { text = try SmallFile.text(of: file, limit: 4 << 20, followingLinks: true) } catch {
            throw CassandraError(ConfigurationYAML.operation, file.string, error)
        }
        let rackDC = file.removingLastComponent().appending("cassandra-rackdc.properties")
        try self.init(
            file: file,
            text: text,
            rackDC: try? SmallFile.text(of: rackDC, followingLinks: true),
            environment: environment
        )
    }

    /// - Parameters:
    ///   - text: the content of `file`, which is not read.
    ///   - rackDC: that of cassandra-rackdc.properties.
    package init(
        file: FilePath,
        text: String,
        rackDC: String?,
        environment: [String: String]
    ) throws(CassandraError) {
        let yaml = try ConfigurationYAML(path: file, text: text)
        let values = ConfigurationValues(yaml: yaml, variables: ConfigurationVariables(environment: environment))
        let storage = Self.storage(file: file, environment: environment)
        self.file = file
        clusterName = try values.string("cluster_name")
        let partitioner = try values.string("partitioner") ?? "Murmur3Partitioner"
        self.partitioner = partitioner.contains(".") ? partitioner : "org.apache.cassandra.dht.\(partitioner)"
        numTokens = try values.integer("num_tokens")
        initialTokens = try values.string("initial_token")?.split(separator: ",").map(NodetoolText.trimmed) ?? []
        dataDirectories = try values.directories("data_file_directories") ?? [storage.appending("data")]
        systemDataDirectory = try values.directory("local_system_data_file_directory")
        commitLogDirectory = try values.directory("commitlog_directory") ?? storage.appending("commitlog")
        hintsDirectory = try values.directory("hints_directory") ?? storage.appending("hints")
        savedCachesDirectory = try values.directory("saved_caches_directory") ?? storage.appending("saved_caches")
        cdcDirectory = try values.directory("cdc_raw_directory") ?? storage.appending("cdc_raw")
        takesAutomaticSnapshots = try values.flag("auto_snapshot") ?? true
        listenAddress = try values.string("listen_address")
        rpcAddress = try values.string("rpc_address")
        nativePort = try values.integer("native_transport_port") ?? 9042
        snitch = try values.string("endpoint_snitch")
        redactedText = try Redaction.redacted(yaml)
        redactedRackDC = rackDC.map(Redaction.redacted(properties:))
    }

    /// Where Cassandra puts what the file names no place for, `cassandra.storagedir`: `data` in its home, which in the
    /// official image is a link to /var/lib/cassandra; the packages of Debian and Red Hat name /var/lib/cassandra.
    private static func storage(file: FilePath, environment: [String: String]) -> FilePath {
        if let home = environment["CASSANDRA_HOME"], !home.isEmpty { return FilePath(home).appending("data") }
        let parent = file.removingLastComponent()
        let home = parent.removingLastComponent()
        if parent.lastComponent?.string == "conf", home.string != "/etc/cassandra" { return home.appending("data") }
        return "/var/lib/cassandra"
    }

    /// The file that `option` names (or the directory it is in), else the first that is there: in `$CASSANDRA_CONF`,
    /// then where packages, the official image and the archive have it.
    ///
    /// Blocks.
    ///
    /// - Throws: `CassandraError` with code `.notFound`, naming all places.
    package static func find(
        option: String?,
        environment: [String: String]
    ) throws(CassandraError) -> FilePath {
        let name = "cassandra.yaml"
        if let option {
            let path = FilePath(option)
            let isDirectory = (try? FileStatus(of: path, followingLinks: true))?.kind == .directory
            return isDirectory ? path.appending(name) : path
        }
        var directories: [FilePath] = []
        if let conf = environment["CASSANDRA_CONF"], !conf.isEmpty { directories.append(FilePath(conf)) }
        if let home = environment["CASSANDRA_HOME"], !home.isEmpty {
            directories.append(FilePath(home).appending("conf"))
        }
        directories += ["/etc/cassandra", "/etc/cassandra/conf", "/etc/cassandra/default.conf", "/opt/cassandra/conf"]
        for directory in directories {
            let path = directory.appending(name)
            if (try? FileStatus(of: path, followingLinks: true)) != nil { return path }
        }
        let places = directories.map(\.string).joined(separator: ", ")
        let reason = "it is in none of \(places); --cassandra-config tells where it is"
        throw CassandraError(.notFound, "find", name, reason)
    }
}
