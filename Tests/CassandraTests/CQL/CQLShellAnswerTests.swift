import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import Cassandra

@Suite struct `An answer of cqlsh` {
    @Test(arguments: Fixture.versions)
    func `has the row that a driver reads`(version: String) throws {
        let printed = try CQLShellAnswer.results(in: Fixture.cqlText(version, "system.local.txt"), expecting: 1)
        let read = try Fixture.cqlText(version, "system.local.jsonl").split(separator: "\n").map(String.init)
        #expect(printed.count == 1 && printed[0].count == 1)
        #expect(try CQLRow(json: printed[0][0]) == CQLRow(json: read[0]))
        #expect(try CQLShellAnswer.results(in: Fixture.cqlText(version, "system.peers.txt"), expecting: 1) == [[]])
    }

    /// Printed by the formatting code of cqlsh 6.2.2.
    @Test func `has names as they are, whatever is in them`() throws {
        let path = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
            .appending("Fixtures/cassandra/cqlsh/odd-names.txt")
        let results = try CQLShellAnswer.results(in: try SmallFile.text(of: path), expecting: 1)
        var names: [String] = []
        for text in results[0] { names.append(try CQLRow(json: text).requiredText("name")) }
        let expected = [
            "plain", "it's \"quoted\"", "back\\slash \\n not a newline", "line\nbreak\ttab\rreturn",
            "ünï \u{A0}nbsp \u{85}nel \u{2028}ls", "漢字 wide | bar", "🙂", "\u{1}\u{1F}\u{7F}", "{\"a\": 1}", "",
        ]
        #expect(names.map { Array($0.utf8) } == expected.map { Array($0.utf8) })
    }

    @Test func `has several results, with warnings between them`() throws {
        let results = try CQLShellAnswer.results(
            in: """
                WARNING: cqlsh was built against 5.0.1, but this server is 4.1.7.  All features may not work!
                Disabled Query paging.

                 [json]
                ------------
                   {"a": 1}
                 {"a": "x"}

                (2 rows)

                Warnings :
                Read 5000 live rows and 1234 tombstone cells for query SELECT

                 [json]
                --------

                (0 rows)

                """,
            expecting: 2
        )
        #expect(results == [[#"{"a": 1}"#, #"{"a": "x"}"#], []])
    }

    @Test(arguments: [
        ("", 1), ("\n [json]\n---\n {}\n", 1), ("\n [json]\n---\n {}\n\n(2 rows)\n", 1),
        ("\n [json]\n---\n {}\n\n(1 rows)\n", 2), ("\n [json]\n---\n null\n\n(1 rows)\n", 1),
        ("\n [json]\n---\n {\"a\": \"\\q\"}\n\n(1 rows)\n", 1), ("\n [json]\n---\n {\"a\": \"\\x4\n\n(1 rows)\n", 1),
    ])
    func `that was cut or changed is refused`(output: String, count: Int) {
        let error = #expect(throws: CassandraError.self) {
            try CQLShellAnswer.results(in: output, expecting: count)
        }
        #expect(error?.code == .malformed)
    }

    @Test(arguments: ["4.0.14", "4.1.7", "5.0.1"])
    func `has the description alone`(version: String) throws {
        let text = try Fixture.cqlText(version, "describe-schema.txt")
        let described = try CQLShellAnswer.description(in: "WARNING: cqlsh was built against x\n" + text, of: "SCHEMA")
        #expect(described.hasPrefix("CREATE KEYSPACE"))
        #expect(described.hasSuffix(";\n"))
        #expect(described.utf8.count > 10_000)
    }

    @Test func `of a server without DESCRIBE says so`() {
        let error = #expect(throws: CassandraError.self) {
            try CQLShellAnswer.description(
                in: "\nWARN: DESCRIBE|DESC was moved to server side in Cassandra 4.0. As a consequence …\n",
                of: "SCHEMA"
            )
        }
        #expect(error?.code == .unsupported)
    }
}

@Suite struct `A failure of cqlsh` {
    private func error(_ status: Int32, _ errors: String) -> CassandraError {
        let answer = ChildProcess.Answer(end: .exited(status), output: "", errors: errors)
        return CQLShellFailure(answer, script: "/dev/shm/x/script.cql").error("read", "a table by cqlsh")
    }

    @Test(arguments: Fixture.versions)
    func `is told from what the captured ones printed`(version: String) throws {
        let cases: [(String, Int32, CassandraError.Code, String)] = [
            ("dead-cqlsh.err", 1, .unreachable, "Connection refused"),
            ("drained-cqlsh.err", 1, .unreachable, "Connection refused"),
            ("error-syntax.err", 2, .invalid, "no viable alternative at input 'SELEC'"),
            ("error-unknown-table.err", 2, .notFound, "no_such_table"),
        ]
        for (name, status, code, words) in cases {
            let found = error(status, try Fixture.cqlText(version, name))
            #expect(found.code == code, "\(name)")
            #expect(found.reason.contains(words), "\(found)")
            #expect(!found.reason.contains("<stdin>"))
        }
    }

    @Test(arguments: [
        (
            1, CassandraError.Code.denied, "the node asks for a user and a password",
            "Connection error: ('Unable to connect to any servers', {'127.0.0.1:9042': AuthenticationFailed('Remote end requires authentication')})"
        ),
        (
            1, .denied, "and/or password are incorrect",
            "Notice: Credentials in the cqlshrc file is deprecated and will be ignored in the future.\nPlease use a credentials file to specify the username and password.\n\nConnection error: ('Unable to connect to any servers', {'127.0.0.1:9042': AuthenticationFailed('Failed to authenticate to 127.0.0.1:9042: Error from server: code=0100 [Bad credentials] message=\"Provided username u and/or password are incorrect\"')})"
        ),
        (
            2, .denied, "User u has no SELECT permission on <table a.b> or any of its parents (Unauthorized)",
            "/dev/shm/x/script.cql:3:Unauthorized: Error from server: code=2100 [Unauthorized] message=\"User u has no SELECT permission on <table a.b> or any of its parents\""
        ),
        (
            2, .exists, "Keyspace 'shop' already exists",
            "/dev/shm/x/script.cql:1:AlreadyExists: Keyspace 'shop' already exists"
        ),
        (
            2, .timedOut, "errors",
            "/dev/shm/x/script.cql:2:OperationTimedOut: errors={'127.0.0.1:9042': 'Client request timeout. See Session.execute[_async](timeout)'}, last_host=127.0.0.1:9042"
        ),
        (
            1, .denied, "CERTIFICATE_VERIFY_FAILED",
            "Connection error: ('Unable to connect to any servers', {'127.0.0.1:9042': SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self signed certificate')})"
        ),
        (1, .system, "CQLSH_PYTHON", "No appropriate Python interpreter found."),
        (
            1, .system, "CQLSH_PYTHON",
            "Traceback (most recent call last):\n  File \"/usr/bin/cqlsh.py\", line 1\nModuleNotFoundError: No module named 'six.moves'"
        ),
        (
            2, .refused, "Dropped columns cannot be recovered (ConfigurationException)",
            "/dev/shm/x/script.cql:1:ConfigurationException: Error from server: code=2300 [Query invalid because of configuration issue] message=\"Dropped columns cannot be recovered\""
        ),
        (
            2, .changing, "schema version mismatch",
            "/dev/shm/x/script.cql:1:Warning: schema version mismatch detected; check the schema versions of your nodes in system.local and system.peers."
        ),
        (2, .invalid, "Incomplete statement", "/dev/shm/x/script.cql:9:Incomplete statement at end of file"),
        (2, .unsupported, "Improper", "/dev/shm/x/script.cql:1:Improper DESCRIBE command (problem at 'WITH')."),
        (
            2, .notReady, "a node that it needs is down: Error during truncate: Cannot achieve consistency level ALL",
            "/dev/shm/x/script.cql:1:TruncateError: Error from server: code=1003 [Error during truncate] message=\"Error during truncate: Cannot achieve consistency level ALL\""
        ),
        (
            2, .timedOut, "Truncate timed out",
            "/dev/shm/x/script.cql:1:TruncateError: Error from server: code=1003 [Error during truncate] message=\"Truncate timed out - received only 1 responses\""
        ),
        (1, .system, "status 1 and said nothing", ""),
    ])
    func `is told from what it prints`(status: Int32, code: CassandraError.Code, words: String, errors: String) {
        let found = error(status, errors)
        #expect(found.code == code)
        #expect(found.reason.contains(words), "\(found)")
        #expect(!found.reason.contains("/dev/shm"))
    }
}
