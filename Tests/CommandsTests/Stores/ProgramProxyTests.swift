import SystemPackage
import TestSupport
import Testing

@testable import TransferEngine

@Suite(.serialized, .timeLimit(.minutes(5))) struct `The program behind a proxy` {
    private static let keys = ["AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"]
    private static let emptyList = """
        <?xml version="1.0"?><ListBucketResult><Name>vault</Name><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated>\
        </ListBucketResult>
        """

    /// A proxy with a store behind it that does as it is told.
    private func proxyOfStore() -> HTTPFaultServer {
        HTTPFaultServer(["/vault": .answer(200, body: Array(Self.emptyList.utf8)), "/": .store])
    }

    /// At an address that the proxy alone knows.
    private static let place = ["--location", "s3://vault/x", "--endpoint", "http://store.invalid"]

    @Test func `backs up and restores through it`() async throws {
        let proxy = proxyOfStore()
        defer { proxy.stop() }
        try await withTemporaryDirectory { root in
            let node = try CloudNode(in: root)
            let options = Self.place + ["--name", "one", "--proxy", "http://us%65r:pass%77ord@127.0.0.1:\(proxy.port)"]
            let backup = try await node.run(node.backup + options + ["--cluster", "c"], Self.keys)
            #expect(backup.status == 0, "\(backup.errors)")
            #expect(proxy.seen.count > 5)
            #expect(proxy.seen.allSatisfy { $0.target.hasPrefix("http://store.invalid/vault") })
            let expected = "Basic " + Base64.text(of: Array("user:password".utf8))
            #expect(proxy.seen.allSatisfy { $0.header("Proxy-Authorization") == expected })
        }
    }

    enum Given: CaseIterable {
        case option, environment, file, plainVariable, capitalVariable, variableWithoutScheme
    }

    @Test(arguments: Given.allCases) func `finds it where it is told`(given: Given) async throws {
        let proxy = HTTPFaultServer()
        defer { proxy.stop() }
        try await withTemporaryDirectory { root in
            let node = try CloudNode(in: root)
            var arguments = ["vault", "show"] + Self.place
            var environment = Self.keys
            let url = "http://127.0.0.1:\(proxy.port)"
            switch given {
            case .option: arguments += ["--proxy", url]
            case .environment: environment["RINGVAULT_PROXY"] = url
            case .file: arguments += ["--config", try node.secretFile("ringvault.yaml", "proxy: \(url)\n")]
            case .plainVariable: environment["http_proxy"] = url
            case .capitalVariable: environment["HTTP_PROXY"] = url
            case .variableWithoutScheme: environment["HTTP_PROXY"] = "127.0.0.1:\(proxy.port)"
            }
            let answer = try await node.runOnce(arguments, environment)
            #expect(answer.status == 3, "\(answer.errors)")
            #expect(proxy.seen.first?.target == "http://store.invalid/vault/x/vault.json")
        }
    }

    /// The endpoint may be said in other ways than by its option.
    enum Endpoint: CaseIterable { case flagOfDCOS, secret, variable }

    @Test(arguments: Endpoint.allCases) func `takes the variable that is for the endpoint's scheme`(
        endpoint: Endpoint
    ) async throws {
        let (plain, other) = (HTTPFaultServer(), HTTPFaultServer())
        defer {
            plain.stop()
            other.stop()
        }
        try await withTemporaryDirectory { root in
            let node = try CloudNode(in: root)
            var environment = Self.keys
            environment["HTTP_PROXY"] = plain.url("")
            environment["HTTPS_PROXY"] = other.url("")
            var arguments = ["vault", "show", "--location", "s3://vault/x"]
            switch endpoint {
            case .flagOfDCOS: arguments = ["vault", "show", "--external_location", "http://store.invalid/vault/x"]
            case .secret:
                let secret = ["awsregion": "us-east-1", "awsendpoint": "http://store.invalid"]
                arguments += ["--credentials", try node.mountedSecret(secret)]
            case .variable: environment["AWS_ENDPOINT_URL"] = "http://store.invalid"
            }
            let answer = try await node.runOnce(arguments, environment)
            #expect(answer.status == 3, "\(answer.errors)")
            #expect(plain.seen.count >= 1)
            #expect(other.seen.isEmpty)
        }
    }

    @Test func `goes past it to the hosts that need none, and when told so`() async throws {
        let proxy = HTTPFaultServer()
        let cloud = FakeCloud(.s3)
        defer {
            proxy.stop()
            cloud.stop()
        }
        try await withTemporaryDirectory { root in
            let node = try CloudNode(in: root)
            let options = [
                "--location", "s3://vault/x", "--endpoint", cloud.endpoint, "--credentials",
                try node.mountedSecret(CloudProvider.s3.secret(for: cloud)),
            ]
            let proxied = ["HTTP_PROXY": "http://127.0.0.1:\(proxy.port)"]
            let cases: [([String], [String: String])] = [
                (["--proxy", "none"], [:]), ([], ["RINGVAULT_PROXY": "none"]),
                ([], ["NO_PROXY": "example.com, 127.0.0.1"]), ([], ["no_proxy": "*"]),
                (["--no-proxy", "example.com", "--no-proxy", "127.0.0.1"], [:]),
                ([], ["RINGVAULT_NO_PROXY": "127.0.0.1", "NO_PROXY": "example.com"]),
                // A variable of the other scheme.
                ([], ["HTTP_PROXY": "", "HTTPS_PROXY": "http://127.0.0.1:\(proxy.port)"]),
            ]
            for (index, (arguments, environment)) in cases.enumerated() {
                let before = cloud.requests.count
                let answer = try await node.runOnce(
                    [index == 0 ? "vault" : "vault", index == 0 ? "init" : "show"] + options + arguments,
                    proxied.merging(environment) { $1 }
                )
                #expect(answer.status == 0, "\(arguments) \(environment): \(answer.errors)")
                #expect(cloud.requests.count > before)
            }
            #expect(proxy.seen.isEmpty)
            let other = try await node.runOnce(["vault", "show", "--no-proxy", "example.com"] + options, proxied)
            #expect(other.status == 3, "\(other.errors)")
            #expect(proxy.seen.count >= 1)
        }
    }

    @Test func `reaches a store behind TLS through a tunnel`() async throws {
        let authority = try #require(TLSServer())
        let proxy = HTTPFaultServer()
        let cloud = FakeCloud(.s3)
        defer {
            proxy.stop()
            cloud.stop()
            authority.stop()
        }
        try await withTemporaryDirectory { root in
            let node = try CloudNode(in: root)
            let secret = try node.mountedSecret(CloudProvider.s3.secret(for: cloud))
            for command in [node.backup + ["--name", "one"], node.restore + ["--name", "one"]] {
                // It carries one connection.
                let front = try #require(TLSFront(authority.certificate, to: cloud.port))
                defer { front.stop() }
                let answer = try await node.run(
                    command + [
                        "--location", "s3://vault/x", "--endpoint", "https://127.0.0.1:\(front.port)", "--ca-file",
                        authority.certificate.string, "--credentials", secret, "--connections", "1",
                    ],
                    ["HTTPS_PROXY": "http://127.0.0.1:\(proxy.port)"]
                )
                #expect(answer.status == 0, "\(answer.errors)")
                #expect(proxy.seen.last?.target == "127.0.0.1:\(front.port)")
            }
            #expect(proxy.seen.map(\.method) == ["CONNECT", "CONNECT"])
            #expect(try node.restored() == node.original())
        }
    }

    // MARK: What it must not learn, and nobody through it

    enum Refusal: CaseIterable { case unreachable, unknown, wrong, forbidden }

    @Test(arguments: Refusal.allCases) func `keeps its password out of everything`(refusal: Refusal) async throws {
        let canary = "CanaryCanaryCanary"
        let words = "Basic realm=\"for user:\(canary)\""
        let proxy = HTTPFaultServer([
            "/": .answer(407, headers: ["Proxy-Authenticate: \(words)"], body: Array(words.utf8)),
            "store.invalid:443": .answer(407, headers: ["Proxy-Authenticate: \(words)"], body: Array(words.utf8)),
        ])
        defer { proxy.stop() }
        try await withTemporaryDirectory { root in
            let node = try CloudNode(in: root)
            let address =
                switch refusal {
                case .unreachable: "127.0.0.1:1"
                case .unknown: "proxy.invalid:3128"
                case .wrong: "127.0.0.1:99999"
                case .forbidden: "127.0.0.1:\(proxy.port)"
                }
            let url = "http://user:\(canary)@\(address)"
            for scheme in ["http", "https"] {
                let variable = scheme == "http" ? "HTTP_PROXY" : "HTTPS_PROXY"
                for (arguments, environment) in [(["--proxy", url], [:]), ([], [variable: url])]
                    as [([String], [String: String])]
                {
                    let answer = try await node.runOnce(
                        ["vault", "show", "--location", "s3://vault/x", "--endpoint", "\(scheme)://store.invalid"]
                            + ["--log-level", "trace", "--output", "json"] + arguments,
                        Self.keys.merging(environment) { $1 }
                    )
                    #expect(answer.status != 0)
                    #expect(!answer.errors.isEmpty)
                    #expect(!(answer.errors + answer.output).contains(canary), "\(answer.errors)")
                    if arguments.isEmpty { #expect(!answer.commandLine.contains(canary)) }
                }
            }
        }
    }

    @Test(
        arguments: SecretWay.all.filter {
            [
                "an instance's role", "a container's role", "a managed identity",
                "a machine's account",
            ].contains($0.name)
        }
    )
    func `never asks the machine's own services through it`(way: SecretWay) async throws {
        let cloud = FakeCloud(way.provider.dialect)
        let proxy = HTTPFaultServer()
        defer {
            proxy.stop()
            cloud.stop()
        }
        try await withTemporaryDirectory { root in
            let node = try CloudNode(in: root)
            let given = try way.give(node, cloud)
            var arguments = ["vault", "show", "--location", "\(way.provider.location)/x"]
            arguments += given.arguments + ["--proxy", "http://127.0.0.1:\(proxy.port)"]
            let answer = try await node.runOnce(
                arguments,
                given.environment.merging(["HTTP_PROXY": proxy.url(""), "HTTPS_PROXY": proxy.url("")]) { $1 }
            )
            #expect(answer.status == 3, "\(answer.errors)")
            #expect(cloud.requests.count >= 1)
            #expect(cloud.requests.allSatisfy { $0.operation == .token })
            // The store alone was asked through it, with what those services gave.
            #expect(!proxy.seen.isEmpty)
            #expect(proxy.seen.allSatisfy { $0.target.contains("/vault/") || $0.target.contains("/b/vault/") })
        }
    }
}
