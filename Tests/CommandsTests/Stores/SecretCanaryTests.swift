import SystemPackage
import Testing
import TransferEngine

@testable import TestSupport

@Suite(.serialized, .timeLimit(.minutes(5))) struct `A secret given to the program` {
    @Test func `is found where it is cut or encoded`() throws {
        let canaries = Canaries([FakeCloud.secretKey, "-----BEGIN KEY-----\nMIIEvgIBADANBgkqhkiG\n"])
        #expect(canaries.found(in: "of wJalrXUtnFEMI/K7MDENG+bPxR…") != nil)
        #expect(canaries.found(in: "X%2FK7MDENG%2BbPxRfiCYEXAMPLEKEY&a") != nil)
        #expect(canaries.found(in: "MIIEvgIBADANB") != nil)
        #expect(canaries.found(in: "-----BEGIN KEY----- wJalrXUtnFE") == nil)
        #expect(canaries.found(in: "") == nil)
    }

    /// What a run has shown, and to whom.
    private func check(_ answers: [Program.Answer], _ canaries: Canaries, _ way: SecretWay) {
        for answer in answers {
            #expect(canaries.found(in: answer.output) == nil, "\(answer.output)")
            #expect(canaries.found(in: answer.errors) == nil, "\(answer.errors)")
            #expect(!answer.errors.contains("Fatal error"))
            if !way.isInArguments { #expect(canaries.found(in: answer.commandLine) == nil) }
        }
    }

    private func check(_ cloud: FakeCloud, _ canaries: Canaries, _ way: SecretWay) throws {
        #expect(!cloud.requests.isEmpty)
        for request in cloud.requests {
            if !way.isInURL { #expect(canaries.found(in: request.target) == nil, "\(request.target)") }
            guard !way.isSent, !way.hasService, way.provider != .googleCloud else { continue }
            for header in request.headers { #expect(canaries.found(in: header.value) == nil, "\(header)") }
            #expect(canaries.found(in: request.body) == nil)
        }
        for (key, bytes) in try cloud.readableObjects() { #expect(canaries.found(in: bytes) == nil, "\(key)") }
    }

    @Test(arguments: SecretWay.all) func `is shown nowhere, whatever the store does`(way: SecretWay) async throws {
        try await withTemporaryDirectory { root in
            let faults = FaultSwitch()
            let cloud = FakeCloud(way.provider.dialect) { faults.fault(of: $0) }
            let stranger = HTTPFaultServer()
            defer {
                cloud.stop()
                stranger.stop()
            }
            let node = try CloudNode(in: root)
            let given = try way.give(node, cloud)
            let place = ["--location", "\(way.provider.location)/backups", "--log-level", "trace"]
            let json = place + given.arguments + ["--output", "json"]
            let table = place + given.arguments + ["--output", "table"]
            var answers = [
                try await node.run(node.backup + ["--name", "one"] + json, given.environment),
                try await node.run(node.restore + ["--name", "one"] + table, given.environment),
            ]
            for answer in answers { #expect(answer.status == 0, "\(answer.errors)") }
            #expect(try node.restored() == node.original())

            // The store refuses, sends elsewhere, talks nonsense, ends the credentials.
            let redirect = FakeCloud.Fault.redirect(307, to: stranger.url("/vault/backups/vault.json"))
            let failures: [(FakeCloud.Fault, [String])] = [
                (.accessDenied, json), (.refuse(403, code: "SignatureDoesNotMatch"), table), (redirect, json),
                (.garbage, table), (.expiredToken, json),
            ]
            for (fault, options) in failures.prefix(way.isVariant ? 1 : failures.count) {
                faults.setStore(fault)
                let answer = try await node.runOnce(["vault", "show"] + options, given.environment)
                #expect(answer.status != 0, "\(fault): \(answer.output)")
                #expect(!answer.errors.isEmpty)
                answers.append(answer)
            }
            if way.hasService {
                for fault in [.accessDenied, .garbage, redirect] as [FakeCloud.Fault] {
                    faults.setServices(fault)
                    let answer = try await node.runOnce(["vault", "show"] + json, given.environment)
                    #expect(answer.status != 0, "\(fault): \(answer.output)")
                    answers.append(answer)
                }
            }
            faults.setStore(nil)
            var canaries = Canaries(given.secrets)
            canaries.add(givenOutBy: cloud)
            #expect(!canaries.isEmpty)
            try check(cloud, canaries, way)
            #expect(stranger.seen.isEmpty)

            cloud.stop()
            let unreachable = try await node.runOnce(["vault", "show"] + table, given.environment)
            #expect([130, 64, 5].contains(unreachable.status), "\(unreachable.errors)")
            #expect(unreachable.status != 130 || unreachable.commandLine.contains("--log-level"))
            answers.append(unreachable)
            let doctor = ["doctor", "\(way.provider.location)/backups"]
            answers.append(try await node.runOnce(doctor + given.arguments + ["--output", "json"], given.environment))
            check(answers, canaries, way)
            for (path, bytes) in try node.filesBesideSecrets() {
                #expect(canaries.found(in: bytes) == nil, "\(path)")
            }
        }
    }

    /// Some gateways put into their errors what they were sent.
    @Test(arguments: SecretWay.all.filter(\.isSent)) func `is not quoted from a store that repeats it`(
        way: SecretWay
    ) async throws {
        try await withTemporaryDirectory { root in
            let cloud = FakeCloud(way.provider.dialect) { request in
                let names = ["x-amz-security-token", "authorization"]
                let sent = names.compactMap { request.header($0) }.first ?? request.query
                return request.operation == .token ? nil : .refuse(403, code: "Bad \(sent.suffix(60))")
            }
            defer { cloud.stop() }
            let node = try CloudNode(in: root)
            let given = try way.give(node, cloud)
            let place = ["--location", "\(way.provider.location)/backups", "--log-level", "trace"] + given.arguments
            let answer = try await node.runOnce(["vault", "show"] + place, given.environment)
            #expect(answer.status == 1, "\(answer.errors)")
            var canaries = Canaries(given.secrets)
            canaries.add(givenOutBy: cloud)
            check([answer], canaries, way)
        }
    }

    /// As do some services that give out credentials.
    @Test(
        arguments: [
            (CloudProvider.azure, "a client secret", FakeCloud.clientSecret), (.azure, "a workload identity", nil),
            (.s3, "a web identity", nil), (.s3, "a container's role", FakeCloud.containerToken),
            (.googleCloud, "a user's login", FakeCloud.refreshToken),
        ] as [(CloudProvider, String, String?)]
    )
    func `is not quoted from a service that repeats it`(
        provider: CloudProvider,
        name: String,
        secret: String?
    ) async throws {
        let way = try #require(SecretWay.all.first { $0.provider == provider && $0.name == name })
        try await withTemporaryDirectory { root in
            // Whose token it is that a workload shows.
            let cloud = FakeCloud(way.provider.dialect)
            defer { cloud.stop() }
            let text = secret ?? cloud.identityToken
            let json = #"{"error": "invalid_client", "error_description": "Not '\#(text)'", "message": "\#(text)"}"#
            let xml = "<ErrorResponse><Error><Code>Invalid</Code><Message>Not \(text)</Message></Error></ErrorResponse>"
            let body = name == "a web identity" ? xml : json
            let service = HTTPFaultServer(["/": .answer(401, body: Array(body.utf8))])
            defer { service.stop() }
            let node = try CloudNode(in: root)
            var given = try way.give(node, cloud)
            for (name, value) in given.environment {
                given.environment[name] = value.replacing(":\(cloud.port)", with: ":\(service.port)")
            }
            if let path = given.environment["GOOGLE_APPLICATION_CREDENTIALS"] {
                let login = try SmallFile.text(of: FilePath(path))
                given.environment["GOOGLE_APPLICATION_CREDENTIALS"] = try node.secretFile(
                    "other.json",
                    login.replacing(":\(cloud.port)", with: ":\(service.port)")
                )
            }
            let place = ["--location", "\(way.provider.location)/backups", "--log-level", "trace"] + given.arguments
            let answer = try await node.runOnce(["vault", "show"] + place, given.environment)
            #expect(answer.status == 1, "\(answer.errors)")
            #expect(answer.errors.contains("HTTP 401"), "\(answer.errors)")
            #expect(service.seen.count >= 1)
            check([answer], Canaries(given.secrets), way)
        }
    }

    /// What cannot be used is named, and not repeated.
    @Test func `is not quoted when it cannot be used`() async throws {
        let canary = "CanaryCanaryCanaryCanary"
        try await withTemporaryDirectory { root in
            let node = try CloudNode(in: root)
            let broken = try node.secretFile("broken.yaml", "awssecretaccesskey: \"\(canary)\n  - [\n")
            let nested = try node.secretFile("nested.yaml", "awsaccesskeyid: a\nawssecretaccesskey: [\(canary)]\n")
            let notJSON = try node.secretFile("not.json", "{\"private_key\": \"\(canary)\"")
            let text = try node.secretFile("text", canary)
            let half = try node.mountedSecret(["awssecretaccesskey": canary, "awsregion": "us-east-1"])
            let profiles = try node.secretFile("credentials", "[default]\naws_secret_access_key = \(canary)\n")
            let cases: [(String, [String], [String: String])] = [
                ("s3", ["--credentials", broken], [:]), ("s3", ["--credentials", nested], [:]),
                ("s3", ["--credentials", text], [:]), ("s3", ["--credentials", half], [:]),
                ("s3", [], ["AWS_SECRET_ACCESS_KEY": canary]), ("s3", [], ["AWS_SHARED_CREDENTIALS_FILE": profiles]),
                ("s3", ["--s3_secret_key", canary], [:]), ("azure", ["--azure_key", canary], [:]),
                ("azure", ["--azure_account", "a", "--azure_key", canary + "?"], [:]),
                ("azure", ["--account", "a"], ["AZURE_STORAGE_KEY": canary + "?"]),
                ("azure", ["--account", "a"], ["AZURE_STORAGE_SAS_TOKEN": canary]),
                ("azure", ["--account", "a"], ["AZURE_CLIENT_SECRET": canary]),
                ("azure", [], ["AZURE_STORAGE_CONNECTION_STRING": canary]),
                ("azure", [], ["AZURE_STORAGE_CONNECTION_STRING": "AccountKey=\(canary)"]),
                ("azure", [], ["AZURE_STORAGE_CONNECTION_STRING": "AccountName=a;AccountKey=\(canary)?"]),
                ("gs", [], ["GOOGLE_APPLICATION_CREDENTIALS": notJSON]),
                ("gs", [], ["GOOGLE_APPLICATION_CREDENTIALS": text]), ("gs", ["--credentials", notJSON], [:]),
                ("gs", ["--credentials", try node.mountedSecret(["gcp": canary], "gcp")], [:]),
                (
                    "s3", ["--proxy", "http://user:\(canary)@/"],
                    ["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"]
                ),
                ("s3", ["--endpoint", "https://user:\(canary)@127.0.0.1:1"], [:]),
                ("azure", ["--account", "a", "--endpoint", "https://127.0.0.1:1?sig=\(canary)"], [:]),
                ("azure", ["--account", "a", "--endpoint", "https://user:\(canary)@127.0.0.1:1"], [:]),
                ("gs", ["--endpoint", "https://user:\(canary)@127.0.0.1:1"], [:]),
            ]
            for (scheme, arguments, environment) in cases {
                let place = ["vault", "show", "--log-level", "trace", "--location", "\(scheme)://bucket/x"]
                let answer = try await node.runOnce(place + arguments, environment)
                #expect(answer.status != 0, "\(arguments) \(environment)")
                #expect(!answer.errors.isEmpty, "\(arguments)")
                #expect(!(answer.errors + answer.output).contains("CanaryCanary"), "\(answer.errors)")
            }
        }
    }
}
