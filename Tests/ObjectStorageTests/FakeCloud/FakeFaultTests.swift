import SystemPackage
import TestSupport
import Testing
import TransferEngine

@Suite(.timeLimit(.minutes(1))) struct `A fake cloud's fault` {
    private static let size = 2000

    /// What a client sees: a status with the length of its body, or the code of its error.
    private static func outcome(
        _ cloud: FakeCloud,
        _ method: String,
        _ target: String,
        body: String = ""
    ) async -> String {
        let access = ["Authorization": "Bearer \(cloud.makeBearerToken())"]
        do {
            let answer = try await cloud.ask(method, target, access, body: body)
            return "\(answer.status) \(answer.status < 300 ? answer.bodyCount : 0)"
        } catch {
            guard let error = error as? HTTPError else { return "\(error)" }
            return "\(error.code)"
        }
    }

    private static func makeCloud(_ fault: FakeCloud.Fault, _ operation: FakeCloud.Request.Operation) -> FakeCloud {
        let cloud = FakeCloud(.googleCloud) { $0.operation == operation && $0.index < 2 ? fault : nil }
        cloud["a"] = Content.random(size)
        cloud["b"] = Content.random(size, seed: 2)
        return cloud
    }

    @Test(
        arguments: [
            (.slowDown(retryAfter: 1), "503 0"), (.tooManyRequests(retryAfter: nil), "429 0"),
            (.internalError, "500 0"), (.proxyError(502), "502 0"), (.sickConnection, "503 0"),
            (.expiredToken, "401 0"), (.accessDenied, "403 0"), (.notImplemented, "501 0"),
            (.refuse(418, code: "teapot"), "418 0"), (.redirect(307, to: "http://127.0.0.1:1/"), "307 0"),
            (.hugeError(200_000, status: 500), "500 0"), (.resetBeforeReading, "connectionLost"),
            (.answerLost, "connectionLost"), (.resetInAnswer(after: 10), "connectionLost"),
            (.truncated(by: 5), "truncatedResponse"), (.closeSilently, "200 2000"),
            (.wait(.milliseconds(1)), "200 2000"),
            (.trickle(bytes: 500, every: .milliseconds(1)), "200 2000"), (.emptyAnswer, "200 0"),
            (.cutAnswer, "200 1000"), (.shortObject(by: 7), "200 1993"), (.bitFlip(at: 1), "200 2000"),
            (.wrongObject, "200 2000"), (.garbage, "200 257"), (.staleObject(requests: 9), "404 0"),
        ] as [(FakeCloud.Fault, String)]
    )
    func `meets a reader as it should`(fault: FakeCloud.Fault, expected: String) async {
        let cloud = Self.makeCloud(fault, .get)
        defer { cloud.stop() }
        #expect(await Self.outcome(cloud, "GET", "/storage/v1/b/vault/o/a?alt=media") == expected)
        #expect(cloud.requests.first?.fault == fault)
        #expect(cloud["a"] == Content.random(Self.size))
    }

    @Test(
        arguments: [
            (.answerLost, "connectionLost", true), (.closeSilently, "200", true),
            (.resetBeforeReading, "connectionLost", false),
            (.resetInRequest(after: 100), "connectionLost", false),
            (.closeInRequest(after: 100), "connectionLost", false),
            (.slowDown(retryAfter: nil), "503", false), (.early(403, code: "forbidden", isReset: false), "403", false),
            (.earlyRedirect(307, to: "http://127.0.0.1:1/", isReset: false), "307", false), (.errorIn200, "200", false),
            (.conflict, "409", false), (.slowReading(bytes: 1 << 20, every: .milliseconds(1)), "200", true),
        ] as [(FakeCloud.Fault, String, Bool)]
    )
    func `lets a put be done or not, as it says`(fault: FakeCloud.Fault, expected: String, isDone: Bool) async {
        let cloud = Self.makeCloud(fault, .put)
        defer { cloud.stop() }
        let target = "/upload/storage/v1/b/vault/o?uploadType=media&name=new"
        let outcome = await Self.outcome(cloud, "POST", target, body: String(repeating: "x", count: 3 << 20))
        #expect(outcome.prefix { $0 != " " } == expected)
        #expect((cloud["new"] != nil) == isDone)
    }

    @Test func `takes the connection that it made sick with it, and no other`() async throws {
        let cloud = FakeCloud(.googleCloud) { $0.index == 0 ? .sickConnection : nil }
        defer { cloud.stop() }
        let client = HTTPClient()
        let access = [(name: "Authorization", value: "Bearer \(cloud.makeBearerToken())")]
        let request = HTTPRequest(.get, cloud.endpoint + "/storage/v1/b/vault/o", headers: access)
        #expect(try await client.collect(request, atMost: 1000).status == 503)
        // The client leaves a connection on which a server failed.
        #expect(try await client.collect(request, atMost: 1000).status == 200)
        #expect(cloud.accepted == 2)
    }

    @Test func `gives a reader of a part something else`() async throws {
        let faults: [FakeCloud.Fault] = [.rangeIgnored, .rangeShifted(by: 1), .gzip]
        let cloud = FakeCloud(.googleCloud) { $0.index < faults.count ? faults[$0.index] : nil }
        defer { cloud.stop() }
        cloud["a"] = Array("0123456789".utf8)
        let headers = ["Authorization": "Bearer \(cloud.makeBearerToken())", "Range": "bytes=2-4"]
        let target = "/storage/v1/b/vault/o/a?alt=media"
        let whole = try await cloud.ask("GET", target, headers)
        #expect(whole.status == 200 && whole.text == "0123456789")
        let shifted = try await cloud.ask("GET", target, headers)
        #expect(shifted.headers["Content-Range"] == "bytes 2-4/10" && shifted.text == "345")
        let gzip = try await cloud.ask("GET", target, headers)
        #expect(gzip.headers["Content-Encoding"] == "gzip" && gzip.body.starts(with: [0x1F, 0x8B]))
        try withTemporaryDirectory { directory in
            try makeFile(directory.appending("a.gz"), gzip.body)
            #expect(CommandLineTool.run("test \"$(gzip -dc \(directory)/a.gz)\" = 234"))
        }
    }

    @Test func `puts strange keys into listings`() async throws {
        let cloud = FakeCloud(.googleCloud) { $0.index == 0 ? .foreignKeys : .keysGoBack }
        defer { cloud.stop() }
        for key in ["p/a", "p/b"] { cloud[key] = [1] }
        let access = ["Authorization": "Bearer \(cloud.makeBearerToken())"]
        func list() async throws -> [Substring] {
            let text = try await cloud.ask("GET", "/storage/v1/b/vault/o?prefix=p/&fields=items(name)", access).text
            return text.split(separator: "\"").filter { $0.contains("p") }
        }
        #expect(try await list() == ["p/a", "p/b", "p~foreign"])
        #expect(try await list() == ["p/b", "p/a", "p/a"])
    }

    @Test func `of a kind of store hits every request that it concerns`() async throws {
        var options = FakeCloud.Options()
        options.requestsPerConnection = 1
        options.requestRate = FakeCloud.Options.RequestRate(perSecond: 1e-6, burst: 3)
        options.keepsEmptyObjects = true
        options.modifiedSkew = -86_400
        options.now = { SignedRequest.time }
        let cloud = FakeCloud(.googleCloud, options)
        defer { cloud.stop() }
        cloud["empty"] = []
        let client = HTTPClient()
        let access = [(name: "Authorization", value: "Bearer \(cloud.makeBearerToken())")]
        let place = cloud.endpoint + "/storage/v1/b/vault/o/empty"
        #expect(try await client.send(HTTPRequest(.delete, place, headers: access)).status == 403)
        let metadata = try await client.collect(HTTPRequest(.get, place, headers: access), atMost: 4096)
        #expect(metadata.text.contains("\"updated\": \"2026-11-19T21:00:00.000Z\""))
        _ = try await client.send(HTTPRequest(.delete, place, headers: access))
        #expect(try await client.send(HTTPRequest(.delete, place, headers: access)).status == 503)
        #expect(cloud.accepted == 4 && cloud.served == 1 && cloud.refused == 3)
    }

    @Test func `closes a connection that is idle for too long`() async throws {
        var options = FakeCloud.Options()
        options.idleLimit = .milliseconds(1)
        let cloud = FakeCloud(.googleCloud, options)
        defer { cloud.stop() }
        let client = HTTPClient()
        _ = try await client.send(HTTPRequest(.get, cloud.endpoint + "/storage"))
        while cloud.open > 0 { await Task.yield() }
        #expect(try await client.send(HTTPRequest(.get, cloud.endpoint + "/storage")).status == 401)
        #expect(cloud.accepted == 2)
    }

    @Test func `shows a listing of the past, and pages that never end`() async throws {
        let cloud = FakeCloud(.googleCloud) { request in
            switch request.index {
            case 1: .staleList(requests: 1)
            case 3, 4: .samePage
            case 5: .emptyPage
            default: nil
            }
        }
        defer { cloud.stop() }
        let access = ["Authorization": "Bearer \(cloud.makeBearerToken())"]
        let list = "/storage/v1/b/vault/o?maxResults=1"
        _ = try await cloud.ask("POST", "/upload/storage/v1/b/vault/o?uploadType=media&name=a", access, body: "1")
        #expect(try await !cloud.ask("GET", list, access).text.contains("items"))
        #expect(try await cloud.ask("GET", list, access).text.contains("items"))
        let endless = try await cloud.ask("GET", list, access)
        let token = try #require(endless.text.between("\"nextPageToken\": \"", "\"")).replacing("+", with: "%2B")
        let again = try await cloud.ask("GET", "\(list)&pageToken=\(token)", access).text
        #expect(again.contains("\"a\"") && again.contains("nextPageToken"))
        let empty = try await cloud.ask("GET", list, access).text
        #expect(!empty.contains("items"))
        let next = try #require(empty.between("\"nextPageToken\": \"", "\"")).replacing("+", with: "%2B")
        #expect(try await cloud.ask("GET", "\(list)&pageToken=\(next)", access).text.contains("\"a\""))
    }

    @Test func `strikes its share of requests, the same ones for the same seed`() async throws {
        let faults = FakeCloud.randomFaults(seed: 7, share: 0.3, of: [.internalError])
        var statuses: [[Int?]] = []
        for _ in 0..<2 {
            let cloud = FakeCloud(.googleCloud, faults: faults)
            defer { cloud.stop() }
            let client = HTTPClient()
            for _ in 0..<100 {
                _ = try await client.collect(HTTPRequest(.get, cloud.endpoint + "/storage"), atMost: 1000)
            }
            statuses.append(cloud.requests.map(\.status))
        }
        #expect(statuses[0] == statuses[1])
        #expect((15...45).contains(statuses[0].count { $0 == 500 }))
    }

    @Test func `that waits ends when the server stops`() async throws {
        for fault in [FakeCloud.Fault.silence, .blackHole, .stall(after: 1)] {
            let cloud = Self.makeCloud(fault, .get)
            async let outcome = Self.outcome(cloud, "GET", "/storage/v1/b/vault/o/a?alt=media")
            for await _ in cloud.arrivals { break }
            cloud.stop()
            #expect(["connectionLost", "truncatedResponse"].contains(await outcome))
            #expect(cloud.open == 0)
        }
    }
}
