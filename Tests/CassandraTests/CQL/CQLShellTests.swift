import FoundationEssentials
import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import Cassandra

/// A program in cqlsh's place that notes what it was given.
private struct Impostor {
    let directory: FilePath

    /// - Parameter body: of a shell script; `$notes` is where it may write, `$script` the file it is to carry out.
    init(_ directory: FilePath, _ body: String) throws {
        self.directory = directory
        let text = """
            #!/bin/sh
            notes='\(directory)'
            printf '%s\\n' "$@" >"$notes/arguments"
            env >"$notes/environment"
            while [ $# -gt 0 ]; do
                case $1 in
                    --cqlshrc) rc=$2; cp "$2" "$notes/cqlshrc"; cp "$(dirname "$2")/credentials" "$notes/credentials" 2>/dev/null
                        stat -c '%a %n' "$2" "$(dirname "$2")" "$(dirname "$2")/credentials" >"$notes/modes" 2>/dev/null ;;
                    -f) script=$2; cat "$2" >>"$notes/scripts" ;;
                esac
                shift
            done
            \(body)
            """
        let path = directory.appending("cqlsh")
        let descriptor = try FileDescriptor.open(
            path,
            .writeOnly,
            options: [.create, .truncate],
            permissions: FilePermissions(rawValue: 0o755)
        )
        try descriptor.closeAfter { _ = try descriptor.writeAll(text.utf8) }
    }

    func shell(_ change: (inout CQLShell.Settings) -> Void = { _ in }) -> CQLShell {
        var settings = CQLShell.Settings()
        settings.executable = directory.appending("cqlsh").string
        change(&settings)
        return CQLShell(
            settings,
            environment: ["PATH": "/usr/bin:/bin", "HOME": "/root", "AWS_SECRET_ACCESS_KEY": "canary"]
        )
    }

    func note(_ name: String) throws -> String { try SmallFile.text(of: directory.appending(name)) }

    /// Directories that the runs left behind.
    func leftovers() throws -> [String] {
        let arguments = try note("arguments").split(separator: "\n").map(String.init)
        let script = try #require(arguments.firstIndex(of: "-f").map { arguments[$0 + 1] })
        let directory = FilePath(script).removingLastComponent()
        return (try? DirectoryListing(of: directory).names) ?? []
    }

    func password(_ text: String) throws -> FilePath {
        let path = directory.appending("password")
        let descriptor = try FileDescriptor.open(
            path,
            .writeOnly,
            options: [.create, .truncate],
            permissions: .ownerReadWrite
        )
        try descriptor.closeAfter { _ = try descriptor.writeAll(text.utf8) }
        return path
    }
}

@Suite(.timeLimit(.minutes(5))) struct `A session by cqlsh` {
    private static let answer = """
        printf '\\n [json]\\n---\\n {"a": 1}\\n\\n(1 rows)\\n'
        """

    @Test func `asks by a file, and leaves nothing behind`() async throws {
        try await withTemporaryDirectory { root in
            let impostor = try Impostor(root, Self.answer + "\n" + Self.answer)
            let shell = impostor.shell {
                $0.host = "10.0.0.1"
                $0.port = 9142
            }
            let rows = try await shell.rows(["SELECT JSON a FROM b.c", "SELECT JSON x FROM y.z"])
            #expect(rows == [[CQLRow(["a": .number("1")])], [CQLRow(["a": .number("1")])]])
            #expect(try impostor.note("scripts") == "PAGING OFF;\nSELECT JSON a FROM b.c;\nSELECT JSON x FROM y.z;\n")
            let arguments = try impostor.note("arguments").split(separator: "\n").map(String.init)
            #expect(arguments.suffix(2) == ["10.0.0.1", "9142"])
            #expect(arguments.contains("--no-color") && !arguments.contains("--ssl"))
            #expect(try impostor.leftovers() == [])
            #expect(try !impostor.note("environment").contains("canary"))
        }
    }

    @Test func `has its password in no argument and no variable, and in files of its own alone`() async throws {
        try await withTemporaryDirectory { root in
            let impostor = try Impostor(root, Self.answer)
            let file = try impostor.password("pä%ss wörd;#\nanother line\n")
            let shell = impostor.shell { $0.login = CQLShell.Login(user: "a%b", passwordFile: file) }
            _ = try await shell.rows("SELECT JSON a FROM b.c")
            #expect(try impostor.note("cqlshrc") == "[authentication]\nusername = a%%b\npassword = pä%ss wörd;#\n")
            #expect(try impostor.note("credentials") == "[plain_text_auth]\nusername = a%%b\npassword = pä%ss wörd;#\n")
            for note in ["arguments", "environment"] { #expect(try !impostor.note(note).contains("wörd")) }
            let modes = try impostor.note("modes").split(separator: "\n").map { $0.prefix(3) }
            #expect(modes == ["600", "700", "600"])
            #expect(try impostor.leftovers() == [])
        }
    }

    @Test(arguments: ["", "\n", " x", "x ", "a\tb", "a\u{0}b"])
    func `refuses a password that cqlsh would read otherwise`(password: String) async throws {
        try await withTemporaryDirectory { root in
            let impostor = try Impostor(root, Self.answer)
            let file = try impostor.password(password)
            let shell = impostor.shell { $0.login = CQLShell.Login(user: "u", passwordFile: file) }
            let error = await #expect(throws: CassandraError.self) { try await shell.rows("SELECT JSON a FROM b.c") }
            #expect(error?.code == .invalid)
        }
    }

    @Test func `speaks TLS with the certificates that were given`() async throws {
        try await withTemporaryDirectory { root in
            let impostor = try Impostor(root, Self.answer)
            let shell = impostor.shell {
                $0.tls = CQLShell.TLS(authorities: "/ca.pem", certificate: "/own 100%.pem", key: "/own.key")
            }
            _ = try await shell.rows("SELECT JSON a FROM b.c")
            #expect(try impostor.note("arguments").contains("--ssl\n"))
            #expect(
                try impostor.note("cqlshrc") == """
                    [ssl]
                    validate = true
                    certfile = /ca.pem
                    usercert = /own 100%%.pem
                    userkey = /own.key

                    """
            )
        }
    }

    @Test func `takes the user's own cqlshrc, and their home with it`() async throws {
        try await withTemporaryDirectory { root in
            let impostor = try Impostor(root, Self.answer)
            let own = try impostor.password("[connection]\nssl = true\n")
            _ = try await impostor.shell { $0.ownSettings = own }.rows("SELECT JSON a FROM b.c")
            #expect(try impostor.note("arguments").contains("--cqlshrc\n\(own)\n"))
            #expect(try impostor.note("environment").contains("HOME=/root\n"))
        }
    }

    @Test func `stops at the first statement that fails`() async throws {
        try await withTemporaryDirectory { root in
            let impostor = try Impostor(
                root,
                """
                if grep -q second "$script"; then
                    echo "$script:1:AlreadyExists: Table 'ks.second' already exists" >&2
                    exit 2
                fi
                """
            )
            let error = await #expect(throws: CassandraError.self) {
                try await impostor.shell().execute(["CREATE first", "CREATE\n  second", "CREATE third"])
            }
            #expect(error?.code == .exists)
            #expect(error?.target.hasPrefix("CREATE second by ") == true)
            #expect(error?.reason == "AlreadyExists: Table 'ks.second' already exists")
            #expect(try impostor.note("scripts") == "CREATE first;\nCREATE\n  second;\n")
            #expect(try impostor.leftovers() == [])
        }
    }

    @Test func `that is cancelled takes its files along`() async throws {
        try await withTemporaryDirectory { root in
            let impostor = try Impostor(root, "touch \"$notes/started\"; exec sleep 600")
            let task = Task { try await impostor.shell().rows("SELECT JSON a FROM b.c") }
            while (try? FileStatus(of: root.appending("started"))) == nil { await Task.yield() }
            task.cancel()
            let error = await #expect(throws: CassandraError.self) { try await task.value }
            #expect(error?.code == .cancelled)
            #expect(try impostor.leftovers() == [])
        }
    }

    @Test func `without cqlsh says what to do`() async {
        var settings = CQLShell.Settings()
        settings.executable = "/nowhere/cqlsh"
        let shell = CQLShell(settings, environment: [:])
        let error = await #expect(throws: CassandraError.self) { try await shell.rows("SELECT JSON a FROM b.c") }
        #expect(error?.code == .invalid)
        #expect(error?.reason.contains("--cqlsh") == true)
    }
}
