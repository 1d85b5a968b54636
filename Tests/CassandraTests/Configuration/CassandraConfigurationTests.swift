import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import Cassandra

@Suite struct `A cassandra.yaml` {
    private func read(
        _ text: String,
        file: FilePath = "/etc/cassandra/cassandra.yaml",
        environment: [String: String] = [:]
    ) throws -> CassandraConfiguration {
        try CassandraConfiguration(file: file, text: text, rackDC: nil, environment: environment)
    }

    @Test(arguments: Fixture.versions) func `of a real node is understood`(version: String) throws {
        let directory = Fixture.tests.appending("Fixtures/cassandra").appending(version).appending("conf")
        let text = try SmallFile.text(of: directory.appending("cassandra.yaml.excerpt"))
        let rackDC = try SmallFile.text(of: directory.appending("cassandra-rackdc.properties"))
        let configuration = try CassandraConfiguration(
            file: directory.appending("cassandra.yaml"),
            text: text,
            rackDC: rackDC,
            environment: [:]
        )
        #expect(configuration.clusterName == "Fixture \(version)")
        #expect(configuration.partitioner == "org.apache.cassandra.dht.Murmur3Partitioner")
        #expect(configuration.numTokens == 16)
        let names = version == "5.0.1" ? ["data1"] : ["data1", "data2"]
        #expect(configuration.dataDirectories == names.map { FilePath("/var/lib/cassandra").appending($0) })
        #expect(configuration.commitLogDirectory == "/var/lib/cassandra/commitlog")
        #expect(configuration.hintsDirectory == "/var/lib/cassandra/hints")
        #expect(configuration.savedCachesDirectory == "/var/lib/cassandra/saved_caches")
        #expect(configuration.nativePort == 9042)
        #expect(configuration.takesAutomaticSnapshots)
        #expect(configuration.redactedText == text)
        #expect(configuration.redactedRackDC == rackDC)
    }

    @Test func `that says little has Cassandra's defaults, below its home`() throws {
        let home = try read("cluster_name: x", environment: ["CASSANDRA_HOME": "/opt/cassandra"])
        #expect(home.dataDirectories == ["/opt/cassandra/data/data"])
        #expect(home.commitLogDirectory == "/opt/cassandra/data/commitlog")
        #expect(home.hintsDirectory == "/opt/cassandra/data/hints")
        #expect(home.savedCachesDirectory == "/opt/cassandra/data/saved_caches")
        #expect(home.cdcDirectory == "/opt/cassandra/data/cdc_raw")
        #expect(home.partitioner == "org.apache.cassandra.dht.Murmur3Partitioner")
        #expect(try read("").dataDirectories == ["/var/lib/cassandra/data"])
        #expect(try read("", file: "/srv/c/conf/cassandra.yaml").dataDirectories == ["/srv/c/data/data"])
        #expect(
            try read("data_file_directories:\ncommitlog_directory: ~").dataDirectories == ["/var/lib/cassandra/data"]
        )
    }

    @Test func `tells where the system's own tables are, and what is not to be chosen by itself`() throws {
        let configuration = try read(
            """
            partitioner: RandomPartitioner
            local_system_data_file_directory: /nvme/system/
            data_file_directories: [/d1, "/d2/./x"]
            auto_snapshot: off
            initial_token: -10, 20
            endpoint_snitch: Ec2Snitch
            """
        )
        #expect(configuration.partitioner == "org.apache.cassandra.dht.RandomPartitioner")
        #expect(configuration.tableDirectories == ["/d1", "/d2/x", "/nvme/system"])
        #expect(!configuration.takesAutomaticSnapshots)
        #expect(configuration.initialTokens == ["-10", "20"])
        #expect(configuration.snitch == "Ec2Snitch")
    }

    @Test func `takes values from the environment where it says so`() throws {
        let configuration = try read(
            """
            cluster_name: "${CLUSTER}-${RING:-one}"
            data_file_directories: ["${DATA:-/var/lib/cassandra/data}"]
            commitlog_directory: ${LOG}/commitlog
            """,
            environment: ["CLUSTER": "shop", "LOG": "/log", "DATA": ""]
        )
        #expect(configuration.clusterName == "shop-one")
        #expect(configuration.dataDirectories == ["/var/lib/cassandra/data"])
        #expect(configuration.commitLogDirectory == "/log/commitlog")
    }

    @Test(
        arguments: [
            ("cluster_name: x\ncluster_name: y", "'cluster_name' stands there more than once"),
            ("a: 1\ndata_file_directories: /d", "line 2: data_file_directories is not a list"),
            ("data_file_directories:\n  - /d\n  - {x: y}", "line 3: data_file_directories is a list"),
            ("data_file_directories: [/d, /d/]", "line 1: data_file_directories names /d twice"),
            ("x: 1\n\nhints_directory: hints", "line 3: hints_directory is 'hints', which is relative"),
            ("num_tokens: many", "line 1: num_tokens is 'many', not a number"),
            ("auto_snapshot: perhaps", "line 1: auto_snapshot is 'perhaps', neither true nor false"),
            ("commitlog_directory: [a]", "line 1: commitlog_directory is a list"),
            ("hints_directory: ${NOT_SET}/h", "line 1: hints_directory needs the environment variable NOT_SET"),
            ("a: b\nc: \"keystore_password: hunter2", "line "),
            ("- a\n- b", "it is not a list of 'name: value' lines"),
            ("a: 1\n---\nb: 2", ""),
        ]
    )
    func `that no node could start with is refused, with the line and without its text`(
        text: String,
        reason: String
    ) throws {
        let error = #expect(throws: CassandraError.self) { try read(text) }
        #expect(error?.code == .invalid)
        let words = error.map { "\($0)" } ?? ""
        #expect(words.hasPrefix("cannot use the configuration /etc/cassandra/cassandra.yaml: \(reason)"), "\(words)")
        #expect(!words.contains("hunter2"))
    }

    @Test func `is found where the environment and the packages have it`() throws {
        try withTemporaryDirectory { root in
            let home = root.appending("home")
            try make(home.appending("conf").appending("cassandra.yaml"), "cluster_name: home")
            try make(root.appending("cassandra.yaml"), "cluster_name: conf")
            let environment = ["CASSANDRA_CONF": root.string, "CASSANDRA_HOME": home.string]
            func name(_ option: String?, _ environment: [String: String]) throws -> String? {
                let file = try CassandraConfiguration.find(option: option, environment: environment)
                return try CassandraConfiguration(file: file, environment: environment).clusterName
            }
            #expect(try name(nil, environment) == "conf")
            #expect(try name(nil, ["CASSANDRA_HOME": home.string]) == "home")
            #expect(try name(home.appending("conf").string, environment) == "home")
            #expect(try name(home.appending("conf/cassandra.yaml").string, [:]) == "home")
            let error = #expect(throws: CassandraError.self) { try name(root.appending("none").string, [:]) }
            #expect(error?.code == .notFound)
        }
    }

    @Test func `that is nowhere is said so with all places`() {
        let environment = ["CASSANDRA_CONF": "/nonexistent/conf"]
        // A machine with Cassandra on it has one.
        guard
            let error = #expect(
                throws: CassandraError.self,
                performing: {
                    try CassandraConfiguration.find(option: nil, environment: environment)
                }
            )
        else { return }
        #expect(error.code == .notFound)
        #expect(error.description.contains("/nonexistent/conf, /etc/cassandra"))
    }
}
