import ArgumentParser
import Cassandra
import Logging
import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import Commands

@Suite struct `Options of CQL` {
    private func session(_ arguments: [String], _ environment: [String: String] = [:]) throws -> CQLShell? {
        let settings = try Settings(configuration: nil, environment: environment)
        return try CQLOptions.parse(arguments).session(settings, Logger(label: "test"))
    }

    @Test func `are those of a node on this host where none is given`() throws {
        let settings = try #require(try session([])).settings
        #expect(settings == CQLShell.Settings())
        #expect(settings.host == "127.0.0.1" && settings.port == 9042 && settings.executable == "cqlsh")
        #expect(settings.tls == nil && settings.login == nil)
    }

    @Test(
        arguments: [
            ("rpc_address: 10.0.0.7\nnative_transport_port: 9142", "10.0.0.7", 9142),
            ("rpc_address: 0.0.0.0", "127.0.0.1", 9042),
            ("rpc_address: '::'", "127.0.0.1", 9042), ("cluster_name: x", "127.0.0.1", 9042),
        ]
    )
    func `come from cassandra_yaml where none is given`(yaml: String, host: String, port: Int) throws {
        try withTemporaryDirectory { root in
            let file = root.appending("cassandra.yaml")
            try WritableFile(file, creation: .mustBeNew).write(Array("\(yaml)\n".utf8).span, at: 0)
            let configuration = try CassandraConfiguration(file: file, environment: [:])
            let settings = try Settings(configuration: nil, environment: [:])
            let logger = Logger(label: "test")
            let shell = try #require(try CQLOptions.parse([]).session(settings, logger, of: configuration)).settings
            #expect(shell.host == host && shell.port == port)
            let given = try CQLOptions.parse(["--cql-host", "h", "--cql-port", "1"])
            let other = try #require(try given.session(settings, logger, of: configuration)).settings
            #expect(other.host == "h" && other.port == 1)
        }
    }

    @Test func `reach cqlsh from the command line and from the environment`() throws {
        let arguments = [
            "--cqlsh", "/opt/cassandra/bin/cqlsh", "--cql-host", "10.0.0.1", "--cql-username", "backup",
            "--cql-password-file",
            "/run/password", "--cql-certificate", "/c.pem", "--cql-key", "/k.pem", "--cql-timeout", "5m",
        ]
        let settings = try #require(try session(arguments, ["RINGVAULT_CQL_PORT": "9142", "RINGVAULT_CQL_HOST": "x"]))
            .settings
        #expect(settings.executable == "/opt/cassandra/bin/cqlsh")
        #expect(settings.host == "10.0.0.1" && settings.port == 9142)
        #expect(settings.login == CQLShell.Login(user: "backup", passwordFile: "/run/password"))
        #expect(settings.tls == CQLShell.TLS(authorities: nil, certificate: "/c.pem", key: "/k.pem"))
        #expect(settings.requestTimeout == .seconds(300))
    }

    @Test(
        arguments: [
            (["--cql-ssl"], nil), (["--cql-ca-file", "/ca.pem"], "/ca.pem"),
        ] as [([String], String?)]
    )
    func `ask for TLS`(arguments: [String], authorities: String?) throws {
        let settings = try #require(try session(arguments)).settings
        #expect(settings.tls == CQLShell.TLS(authorities: authorities.map { FilePath($0) }))
    }

    @Test func `can leave CQL alone`() throws {
        #expect(try session(["--cqlsh", "none"]) == nil)
        #expect(try session([], ["RINGVAULT_CQLSH": "none"]) == nil)
    }

    @Test(arguments: [
        ["--cql-username", "x"], ["--cql-password-file", "/x"], ["--cql-certificate", "/x"], ["--cql-key", "/x"],
        ["--cql-port", "0"], ["--cql-port", "x"], ["--cql-timeout", "0s"],
        ["--cqlshrc", "/x", "--cql-username", "x", "--cql-password-file", "/x"],
        ["--cqlshrc", "/x", "--cql-ca-file", "/x"],
    ])
    func `are refused where they do not go together`(arguments: [String]) {
        #expect(throws: ValidationError.self) { try session(arguments) }
    }

    @Test func `take the user's own cqlshrc, with TLS`() throws {
        let settings = try #require(try session(["--cqlshrc", "/home/dba/.cassandra/cqlshrc", "--cql-ssl"])).settings
        #expect(settings.ownSettings == "/home/dba/.cassandra/cqlshrc")
        #expect(settings.tls == CQLShell.TLS())
    }
}
