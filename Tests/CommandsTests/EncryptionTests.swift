import FoundationEssentials
import SystemPackage
import TestSupport
import Testing
import TransferEngine

/// A node whose vault, in a directory, is encrypted.
@Suite(.timeLimit(.minutes(5))) struct `The command line of an encrypted vault` {
    private struct Fixture {
        let node: CloudNode
        let place: [String]

        init(in root: FilePath) throws {
            node = try CloudNode(in: root)
            place = ["--location", "file://\(root)/vault", "--log-level", "trace"]
        }

        func run(_ arguments: [String], _ environment: [String: String] = [:]) async throws -> Program.Answer {
            try await node.run(arguments + place, environment)
        }

        /// Runs a command that must succeed.
        @discardableResult
        func done(
            _ arguments: [String],
            _ environment: [String: String] = [:],
            sourceLocation: SourceLocation = #_sourceLocation
        ) async throws -> Program.Answer {
            let answer = try await run(arguments, environment)
            #expect(answer.status == 0, "\(arguments): \(answer.errors)", sourceLocation: sourceLocation)
            return answer
        }

        /// A path for a secret that is not there yet.
        func secret(_ name: String) -> String { node.root.appending("secrets/\(name)").string }

        func keyFile(_ name: String) async throws -> String {
            let answer = try await node.run(["vault", "key", "generate", secret(name)])
            #expect(answer.status == 0, "\(answer.errors)")
            return secret(name)
        }

        func passphraseFile(_ name: String, _ text: String) throws -> String {
            let file = try WritableFile(FilePath(secret(name)), creation: .mustBeNew, mode: 0o600)
            try file.write(Array(text.utf8).span, at: 0)
            return secret(name)
        }

        func keys() async throws -> [(id: String, kind: String, label: String)] {
            struct Key: Decodable {
                let id: String
                let kind: String
                let label: String
            }
            let answer = try await done(["vault", "key", "list", "--output", "json"])
            return try JSONDecoder().decode([Key].self, from: Data(answer.output.utf8)).map {
                ($0.id, $0.kind, $0.label)
            }
        }
    }

    @Test func `backs up and restores with each of its keys`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try Fixture(in: root)
            let key = try await fixture.keyFile("key")
            try await fixture.done(["vault", "init", "--encrypt", "--key-file", key, "--label", "the first"])
            try await fixture.done(fixture.node.backup + ["--name", "one", "--key-file", key])
            let phrase = try fixture.passphraseFile("phrase", "correct horse battery\nnot this")
            let add = ["vault", "key", "add", "--key-file", key, "--new-passphrase-file", phrase]
            try await fixture.done(add + ["--label", "on paper"])
            #expect(Set(try await fixture.keys().map(\.label)) == ["the first", "on paper"])
            for (arguments, environment) in [
                (["--passphrase-file", phrase], [:]), ([], ["RINGVAULT_PASSPHRASE": "correct horse battery"]),
                ([], ["RINGVAULT_PASSPHRASE_FILE": phrase]), ([], ["RINGVAULT_KEY_FILE": key]),
                // An option wins over the environment.
                (["--key-file", key], ["RINGVAULT_PASSPHRASE": "not the right one"]),
            ] as [([String], [String: String])] {
                let list = try await fixture.done(["backup", "list"] + arguments, environment)
                #expect(list.output.contains("one"))
                #expect(!list.errors.contains("chmod"))
            }
            try await fixture.done(["backup", "show", "one", "--passphrase-file", phrase])
            let show = try await fixture.done(["vault", "show", "--key-file", key])
            #expect(show.output.contains("AES-256-GCM"))
            try await fixture.done(fixture.node.restore + ["--name", "one", "--passphrase-file", phrase])
            #expect(try fixture.node.restored() == fixture.node.original())
            // In the configuration as well.
            let configuration = root.appending("ringvault.yaml")
            let yaml = "key-file: \(key)\nlocation: file://\(root)/vault\n"
            try WritableFile(configuration, creation: .mustBeNew).write(Array(yaml.utf8).span, at: 0)
            let configured = try await fixture.node.run(["backup", "list", "--config", "\(configuration)"])
            #expect(configured.status == 0, "\(configured.errors)")
        }
    }

    @Test func `tells a missing, a wrong and a useless key apart from damage`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try Fixture(in: root)
            let (key, other) = (try await fixture.keyFile("key"), try await fixture.keyFile("other"))
            #expect(try await fixture.run(["vault", "init", "--encrypt"]).status == 64)
            #expect(try await fixture.run(["vault", "init", "--key-file", key]).status == 64)
            let short = ["RINGVAULT_PASSPHRASE": "too short"]
            let weak = try await fixture.run(["vault", "init", "--encrypt"], short)
            #expect(weak.status == 64 && weak.errors.contains("at least 12"), "\(weak.errors)")
            // A node that has a key makes no vault without.
            let early = try await fixture.run(fixture.node.backup + ["--name", "one", "--key-file", key])
            #expect(early.status == 3 && early.errors.contains("--encrypt"), "\(early.errors)")
            try await fixture.done(["vault", "init", "--encrypt", "--key-file", key])

            let backup = fixture.node.backup + ["--name", "one"]
            for (arguments, words) in [
                ([], "--key-file"), (["--key-file", other], "does not open it"),
                (["--passphrase-file", try fixture.passphraseFile("p", "something else")], "does not open it"),
            ] {
                for command in [
                    backup, ["backup", "list"], ["vault", "show"], fixture.node.restore + ["--name", "one"],
                ] {
                    let answer = try await fixture.run(command + arguments)
                    #expect(answer.status == 77, "\(command + arguments): \(answer.errors)")
                    #expect(answer.errors.contains(words), "\(answer.errors)")
                    #expect(!answer.errors.contains("damaged"))
                }
            }
            #expect(try await fixture.keys().map(\.kind) == ["key file"])
            let both = try await fixture.run(["vault", "show", "--key-file", key, "--passphrase-file", key])
            #expect(both.status == 64)
            let unset = ["RINGVAULT_KEY_FILE": key, "RINGVAULT_PASSPHRASE": "what is it now"]
            #expect(try await fixture.run(["vault", "show"], unset).status == 64)
            #expect(try await fixture.run(["vault", "show", "--key-file", "/nonexistent"]).status == 64)
            // A vault that is not encrypted, where one was meant.
            let plain = ["--location", "file://\(root)/plain"]
            #expect(try await fixture.node.run(["vault", "init"] + plain).status == 0)
            let mistaken = try await fixture.node.run(backup + plain + ["--key-file", key])
            #expect(mistaken.status == 64 && mistaken.errors.contains("not encrypted"), "\(mistaken.errors)")
            #expect(try await fixture.node.run(["vault", "key", "list"] + plain).status == 0)
            #expect(try FileTreeNames.below(root.appending("plain")).contains("clusters") == false)
        }
    }

    @Test func `replaces and removes keys, but not the last`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try Fixture(in: root)
            let (key, next) = (try await fixture.keyFile("key"), try await fixture.keyFile("next"))
            try await fixture.done(["vault", "init", "--encrypt", "--key-file", key, "--label", "mine"])
            try await fixture.done(fixture.node.backup + ["--name", "one", "--key-file", key])
            let first = try await fixture.keys()[0].id
            let last = try await fixture.run(["vault", "key", "remove", first, "--key-file", key])
            #expect(last.status == 64, "\(last.errors)")
            try await fixture.done(["vault", "key", "rotate", "--key-file", key, "--new-key-file", next])
            #expect(try await fixture.keys().map(\.label) == ["mine"])
            #expect(try await fixture.run(["vault", "show", "--key-file", key]).status == 77)
            try await fixture.done(["vault", "key", "add", "--key-file", next, "--new-key-file", key])
            let (mine, again) = (
                try await fixture.keys().first { $0.label == "mine" }?.id,
                try await fixture.keys().first { $0.label.isEmpty }?.id
            )
            try await fixture.done(["vault", "key", "remove", try #require(mine), "--key-file", key])
            #expect(try await fixture.keys().map(\.id) == [again])
            #expect(
                try await fixture.run(["vault", "key", "remove", "0123456789abcdef", "--key-file", key]).status == 3
            )
            try await fixture.done(fixture.node.restore + ["--name", "one", "--key-file", key])
            #expect(try fixture.node.restored() == fixture.node.original())
        }
    }

    @Test func `warns of a key that others can read, and writes none that they can`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try Fixture(in: root)
            let key = try await fixture.keyFile("key")
            #expect(try FileStatus(of: FilePath(key)).permissions == 0o600)
            let twice = try await fixture.node.run(["vault", "key", "generate", key])
            #expect(twice.status == 4, "\(twice.errors)")
            try await fixture.done(["vault", "init", "--encrypt", "--key-file", key])
            let open = try fixture.node.secretFile("open", try SmallFile.text(of: FilePath(key)))
            let answer = try await fixture.done(["vault", "show", "--key-file", open])
            #expect(answer.errors.contains("chmod 600"), "\(answer.errors)")
            let writer = fixture.secret("writer")
            try await fixture.done(["vault", "key", "export", "--key-file", key, "--write-only", writer])
            #expect(try FileStatus(of: FilePath(writer)).permissions == 0o600)
        }
    }

    @Test func `reports a damaged key in a list`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try Fixture(in: root)
            let key = try await fixture.keyFile("key")
            try await fixture.done(["vault", "init", "--encrypt", "--key-file", key])
            let id = try await fixture.keys()[0].id
            let path = root.appending("vault/keys/\(id).json")
            var bytes = try SmallFile.bytes(of: path)
            bytes[bytes.count / 2] ^= 1
            try FileTree.remove(path)
            try WritableFile(path, creation: .mustBeNew).write(bytes.span, at: 0)
            let list = try await fixture.run(["vault", "key", "list"])
            #expect(list.status == 6)
            #expect(list.output.contains("damaged") && list.errors.contains("keys/\(id).json"))
            #expect(try await fixture.run(["vault", "show", "--key-file", key]).status == 6)
        }
    }

    /// Keys and passphrases are in no output, log, object, state or command line.
    @Test func `shows its secrets nowhere`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try Fixture(in: root)
            let key = try await fixture.keyFile("key")
            let phrase = "CanaryCanary correct horse battery staple"
            let file = try fixture.passphraseFile("phrase", phrase)
            let writer = fixture.secret("writer")
            let both = ["--key-file", key]
            let state = ["--state-dir", "\(root)/state"]
            var answers: [Program.Answer] = []
            for command in [
                ["vault", "init", "--encrypt"] + both, ["vault", "key", "add", "--new-passphrase-file", file] + both,
                fixture.node.backup + ["--name", "one"] + both, ["vault", "show", "--output", "json"] + both,
                ["vault", "key", "export", "--write-only", writer, "--output", "json"] + both,
                fixture.node.backup + state + ["--name", "two", "--key-file", writer],
                fixture.node.backup + state + ["--name", "three", "--key-file", writer],
                ["backup", "list", "--output", "json", "--passphrase-file", file],
                fixture.node.restore + ["--name", "two", "--passphrase-file", file],
                ["vault", "key", "list", "--output", "json"],
            ] { answers.append(try await fixture.done(command)) }
            // And where they are wrong.
            let broken = try fixture.node.secretFile(
                "broken",
                try SmallFile.text(of: FilePath(key)).replacing("1:", with: "2:")
            )
            let cut = try fixture.node.secretFile("cut", String(try SmallFile.text(of: FilePath(writer)).dropLast(9)))
            for (arguments, environment) in [
                (["--key-file", broken], [:]), (["--key-file", cut], [:]), (["--key-file", file], [:]),
                (["--passphrase-file", key], [:]), ([], ["RINGVAULT_PASSPHRASE": phrase + "?"]),
            ] as [([String], [String: String])] {
                let answer = try await fixture.run(["vault", "show"] + arguments, environment)
                #expect(answer.status != 0)
                answers.append(answer)
            }
            var canaries = Canaries([phrase])
            let lines = try SmallFile.text(of: FilePath(key)).split(separator: "\n").filter { !$0.hasPrefix("#") }
            for line in lines { canaries.add(String(line.split(separator: ":")[1])) }
            let exported = try JSONDecoder().decode(
                [String: Value].self,
                from: Data(try SmallFile.bytes(of: FilePath(writer)))
            )
            for name in ["nameKey", "writerKey"] { canaries.add(try #require(exported[name]).text) }
            for answer in answers {
                #expect(canaries.found(in: answer.output) == nil, "\(answer.output)")
                #expect(canaries.found(in: answer.errors) == nil, "\(answer.errors)")
                #expect(canaries.found(in: answer.commandLine) == nil)
            }
            let files = try fixture.node.filesBesideSecrets()
            #expect(files.keys.contains { $0.contains("/state/manifests/") })
            #expect(files.keys.contains { $0.contains("/vault/keys/") })
            for (path, bytes) in files { #expect(canaries.found(in: bytes) == nil, "\(path)") }
        }
    }

    /// Text or a number of a JSON object.
    private struct Value: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            text = try (try? container.decode(String.self)) ?? "\(container.decode(Int.self))"
        }
    }
}

/// Names in a directory.
private enum FileTreeNames {
    static func below(_ path: FilePath) throws -> [String] { try DirectoryListing(of: path).names }
}
