import SystemPackage
import TestSupport
import Testing

@testable import Cassandra

@Suite struct `An answer of nodetool` {
    @Test func `lists nodes with IPv6 addresses, racks with blanks, unknown loads and no host id`() throws {
        let output = """
            Datacenter: dc one
            ==================
            Status=Up/Down
            |/ State=Normal/Leaving/Joining/Moving
            --  Address                      Load       Tokens  Owns  Host ID                               Rack
            UN  2001:db8:0:0:0:0:0:1         1.45 MiB   16      ?     08CFD33D-98ed-4226-b764-7a83ffda7aae  rack one
            DL  2001:db8:0:0:0:0:0:2         ?          16      ?     d7a390ad-11fe-44b2-ac75-c94d433d94cd  rack1
            ?J  10.0.0.3                     ?          1       ?     null                                  rack1
            Datacenter: dc2
            ===============
            --  Address   Load       Owns    Host ID                               Token                  Rack
            UM  10.0.0.4  615.11 KiB 100.0%  6de27a28-7a4c-4db5-a5c3-53bdb9cf7c4f  -9223372036854775808   r b
            """
        let members = try NodetoolStatus.members(output)
        #expect(members.map(\.address) == ["2001:db8:0:0:0:0:0:1", "2001:db8:0:0:0:0:0:2", "10.0.0.3", "10.0.0.4"])
        #expect(members.map(\.datacenter) == ["dc one", "dc one", "dc one", "dc2"])
        #expect(members.map(\.rack) == ["rack one", "rack1", "rack1", "r b"])
        #expect(members.map(\.isUp) == [true, false, false, true])
        #expect(members.map(\.state) == [.normal, .leaving, .joining, .moving])
        #expect(members.map { $0.hostID?.prefix(4) } == ["08cf", "d7a3", nil, "6de2"])
    }

    @Test(arguments: ["", "\n\n", "garbage", "Datacenter: dc1\n", "UN  127.0.0.1  1 MiB", "\u{0}\u{FFFD}\u{1B}[2J"])
    func `that holds nothing is malformed, whatever was asked`(output: String) {
        let readers: [(String) throws -> Any] = [
            { try NodetoolInfo($0) }, { try NodetoolVersion.release($0) }, { try NodetoolNetstats.mode($0) },
            { try NodetoolStatus.members($0) }, { try NodetoolCluster($0) }, { try NodetoolRanges.ranges($0) },
            { try NodetoolSnapshots.snapshots($0) },
        ]
        for read in readers {
            let error = #expect(throws: CassandraError.self) { try read(output) }
            #expect(error?.code == .malformed)
        }
    }

    /// Where a listing may end and be whole, so that a cut one is never taken for a shorter one.
    @Test(arguments: ["3.11.17", "5.0.1"]) func `that was cut off lists no snapshots`(version: String) throws {
        let output = try Capture(version, "listsnapshots").output
        let total = try #require(output.firstRange(of: "Total TrueDiskSpaceUsed")).lowerBound
        for count in stride(from: 0, to: output.distance(from: output.startIndex, to: total), by: 97) {
            #expect(throws: CassandraError.self) { try NodetoolSnapshots.snapshots(String(output.prefix(count))) }
        }
    }

    @Test func `with a line that is no node's stands for nothing`() {
        let output = """
            Datacenter: dc1
            --  Address    Load      Tokens  Owns  Host ID                               Rack
            UN  127.0.0.1  1.45 MiB  16      ?     08cfd33d-98ed-4226-b764-7a83ffda7aae  rack1
            UN  127.0.0.2  1.45 MiB  16      ?     08cfd33d-98ed
            """
        #expect(throws: CassandraError.self) { try NodetoolStatus.members(output) }
    }

    @Test func `names snapshots with blanks and dashes in their tags`() throws {
        let output = """
            Snapshot Details:
            Snapshot name     Keyspace name Column family name True size Size on disk Creation time            Expiration time
            my tag -- x       shop          orders             1,5 KiB   3 GiB                                 2026-11-21T04:19:28.259Z
            shop orders       shop          orders             0 bytes   0 bytes      2026-11-20T23:20:12Z

            Total TrueDiskSpaceUsed: 1 KiB
            """
        let snapshots = try NodetoolSnapshots.snapshots(output)
        #expect(snapshots.map(\.tag) == ["my tag -- x", "shop orders"])
        #expect(snapshots.map(\.trueSize) == [1536, 0])
        #expect(snapshots.map(\.sizeOnDisk) == [3 << 30, 0])
        #expect(snapshots.map(\.created) == [nil, "2026-11-20T23:20:12Z"])
        #expect(snapshots.map(\.expires) == ["2026-11-21T04:19:28.259Z", nil])
    }

    @Test func `sorts tokens by value, of any size`() {
        let tokens = ["10", "9", "-9", "-10", "0", "170141183460469231731687303715884105727", "-9223372036854775808"]
        #expect(
            tokens.sorted(by: Token.precedes) == [
                "-9223372036854775808", "-10", "-9", "0", "9", "10", "170141183460469231731687303715884105727",
            ]
        )
    }
}

@Suite struct `A failure of nodetool` {
    /// Words as JMX, Java and the shell have them, and what becomes of them.
    @Test(
        arguments: [
            (
                1,
                "nodetool: Failed to connect to '127.0.0.1:7199' - SecurityException: 'Authentication failed! Credentials required'.",
                .denied
            ),
            (
                1,
                "nodetool: Failed to connect to '127.0.0.1:7199' - FailedLoginException: 'Required key 'username' is missing'.",
                .denied
            ),
            (
                2,
                "error: Authentication failed! Invalid username or password\n-- StackTrace --\njava.lang.SecurityException",
                .denied
            ),
            (2, "error: neither username nor password can be blank\n-- StackTrace --\n", .denied),
            (
                2,
                "error: Access denied! Invalid access level for requested MBeanServer operation.\n-- StackTrace --\n",
                .denied
            ),
            (2, "error: Access Denied\n-- StackTrace --\njava.lang.SecurityException: Access Denied", .denied),
            (
                1,
                "nodetool: Failed to connect to 'db1:7199' - UnknownHostException: 'db1: Name or service not known'.",
                .unreachable
            ),
            (
                1,
                "nodetool: Failed to connect to '127.0.0.1:7199' - ConnectIOException: 'non-JRMP server at remote endpoint'.",
                .unreachable
            ),
            (
                1,
                "nodetool: Failed to connect to '127.0.0.1:7199' - URISyntaxException: 'Malformed IPv6 address at index 7'.",
                .unreachable
            ),
            (
                1,
                "Exception in thread \"main\" java.lang.IllegalArgumentException: Server is not initialized yet, cannot run nodetool.\n\tat x",
                .notReady
            ),
            (2, "error: Cannot snapshot until bootstrap completes\n-- StackTrace --\n", .notReady),
            (2, "error: /etc/jmx (No such file or directory)\n-- StackTrace --\n", .notFound),
            (1, "Unable to find java executable. Check JAVA_HOME and PATH environment variables.", .invalid),
            (127, "/usr/bin/nodetool: 112: exec: java: not found", .invalid),
            (2, "error: nodetool failed, check server logs\n-- StackTrace --\n", .refused),
            (3, "", .refused),
        ] as [(Int, String, CassandraError.Code)]
    )
    func `is told by its kind`(status: Int, errors: String, code: CassandraError.Code) throws {
        let answer = ChildProcess.Answer(end: .exited(Int32(status)), output: "", errors: errors)
        let refusal = try #require(NodetoolRefusal(answer, isWork: true))
        #expect(refusal.code == code, "\(refusal.reason)")
        #expect(!refusal.reason.contains("StackTrace") && !refusal.reason.contains("\n"))
    }

    @Test(
        arguments: [
            ("", "error: something", CassandraError.Code.refused),
            ("", "ColumnFamilyStore for shop/t not found.", .notFound),
            ("ColumnFamilyStore for shop/t not found.\n", "", .notFound),
            ("Error: no space left\n", "", .refused),
            ("nodetool: Keyspace x does not exist\n", "", .notFound),
        ]
    )
    func `is one even with the status of a success`(output: String, errors: String, code: CassandraError.Code) {
        let answer = ChildProcess.Answer(end: .exited(0), output: output, errors: errors)
        #expect(NodetoolRefusal(answer, isWork: true)?.code == code)
    }

    @Test func `is not what a success says beside its answer`() throws {
        for version in Fixture.versions {
            let capture = try Capture(version, "describecluster")
            let answer = ChildProcess.Answer(
                end: .exited(0),
                output: capture.output,
                errors: "Picked up JAVA_TOOL_OPTIONS: -Xmx1g"
            )
            #expect(NodetoolRefusal(answer, isWork: false) == nil)
        }
        let deprecated = ChildProcess.Answer(
            end: .exited(0),
            output: "nodetool refresh is deprecated, use nodetool import instead\n",
            errors: "WARNING: An illegal reflective access operation has occurred"
        )
        #expect(NodetoolRefusal(deprecated, isWork: true) == nil)
    }

    @Test(.timeLimit(.minutes(5))) func `of some directories names them`() async throws {
        try await withTemporaryDirectory { root in
            let nodetool = try ScriptedNodetool(in: root)
            let words = "Some directories failed to import, check server logs for details:\n/d/b/shop/t/\n"
            try nodetool.answer(status: 1, errors: words)
            let failed = try await nodetool.control().importSSTables(
                into: TableName(keyspace: "shop", name: "t"),
                from: ["/d/a/shop/t", "/d/b/shop/t"],
                ImportOptions()
            )
            #expect(failed == ["/d/b/shop/t"])
        }
    }

    @Test(.timeLimit(.minutes(5))) func `is a snapshot that nobody says was taken`() async throws {
        try await withTemporaryDirectory { root in
            let nodetool = try ScriptedNodetool(in: root)
            try nodetool.answer(output: "Requested creating snapshot(s) for [all keyspaces]\n")
            let failure = await nodeFailure {
                try await nodetool.control().takeSnapshot(
                    SnapshotTag("x"),
                    of: .everything,
                    ttl: nil,
                    skipsFlush: false
                )
            }
            #expect(failure?.code == .malformed)
        }
    }
}
