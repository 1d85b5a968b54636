internal import FoundationEssentials
internal import SystemPackage
internal import TransferEngine

/// Asks a service beside the node, and tells its answers and its failures apart.
struct NodeAPIClient: Sendable {
    /// What is asked, and how an error calls it.
    struct Question {
        var method = HTTPRequest.Method.get
        /// From the root, percent-encoded.
        var path: String
        var query: [(name: String, value: String)] = []
        /// JSON.
        var body: [UInt8]?
        /// Whether it changes something, and so may take long.
        var isWork = false
        /// In the imperative: `"take the snapshot"`, and of what.
        let operation: String
        let target: String

        /// One that changes nothing.
        static func look(_ path: String, _ target: String, _ operation: String = "look up") -> Question {
            Question(path: path, operation: operation, target: target)
        }

        /// One that changes something.
        static func work(
            _ method: HTTPRequest.Method,
            _ path: String,
            _ operation: String,
            _ target: String
        ) -> Question {
            Question(method: method, path: path, isWork: true, operation: operation, target: target)
        }
    }

    struct Answer {
        let status: Int
        let body: [UInt8]

        var isSuccess: Bool { (200..<300).contains(status) }
        var text: String { NodetoolText.trimmed(String(decoding: body, as: UTF8.self)) }
    }

    /// How people call it: `the Management API`.
    let name: String
    private let settings: NodeAPISettings
    private let base: String
    private let extraQuery: String
    private let client: HTTPClient

    /// Bytes of an answer; a ring of a thousand nodes has endpoints of some megabytes.
    private static let answerLimit = 64 << 20

    /// - Throws: `CassandraError` with code `.invalid` for a URL that cannot be one.
    init(_ name: String, _ settings: NodeAPISettings) throws(CassandraError) {
        self.name = name
        self.settings = settings
        let parts = settings.url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var base = parts.first.map(String.init) ?? ""
        while base.hasSuffix("/") { base.removeLast() }
        let rest = ["http://", "https://"].first(where: base.hasPrefix).map { base.dropFirst($0.count) }
        guard let rest, !rest.isEmpty, !rest.contains("@"), !rest.contains("#") else {
            throw CassandraError(.invalid, "ask", name, "its address is not a URL such as https://127.0.0.1:8080")
        }
        guard settings.key == nil || settings.certificate != nil else {
            throw CassandraError(.invalid, "ask", name, "there is a key, but no certificate that it belongs to")
        }
        self.base = base
        extraQuery = parts.count > 1 ? String(parts[1]) : ""
        var http = HTTPSettings()
        http.caFile = settings.caFile
        http.trustsOnlyCAFile = settings.caFile != nil
        http.clientCertificate = settings.certificate
        http.clientKey = settings.key
        http.connectionsPerHost = 4
        client = HTTPClient(http)
    }

    /// `the Management API at https://127.0.0.1:8080`.
    var means: String { "\(name) at \(base)" }

    /// - Throws: also for an answer that is not a success, in the API's words.
    func success(_ question: Question) async throws(CassandraError) -> Answer {
        let answer = try await ask(question)
        guard answer.isSuccess else { throw refusal(answer, question) }
        return answer
    }

    /// The answer, whatever its status, unless that says that we may not ask or that the service does not work.
    func ask(_ question: Question) async throws(CassandraError) -> Answer {
        var request = HTTPRequest(question.method, url(question))
        let limit = question.isWork ? settings.workTimeout : settings.lookTimeout
        request.timeouts = HTTPTimeouts(connect: min(limit, .seconds(15)), stall: limit, firstByte: limit, total: limit)
        request.headers.append(("Accept", "application/json, text/plain;q=0.9, */*;q=0.5"))
        if question.body != nil { request.headers.append(("Content-Type", "application/json")) }
        if let token = try token(question) { request.headers.append(("Authorization", "Bearer \(token)")) }
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try await send(request, question)
        } catch {
            throw failure(error, question)
        }
        let answer = Answer(status: response.status, body: response.isSuccess ? response.body : response.errorBody)
        switch answer.status {
        case 401, 403:
            let advice = "--node-token-file, --node-certificate"
            throw self.error(.denied, question, "it refuses us with status \(answer.status) (\(advice))", answer)
        case 300..<400: throw error(.malformed, question, "it sends us elsewhere, with status \(answer.status)", answer)
        case 502, 503, 504:
            throw error(.unreachable, question, "it cannot ask the node: status \(answer.status)", answer)
        default: return answer
        }
    }

    private func send(_ request: HTTPRequest, _ question: Question) async throws(HTTPError) -> HTTPResponse {
        do throws(HTTPError) {
            return try await sendOnce(request, question)
        } catch {
            // A kept connection that the server had closed: nothing was done, or nothing is done twice by asking again.
            let isSafe = request.method == .get || request.method == .delete
            guard isSafe, error.isOnReusedConnection, error.code == .connectionLost else { throw error }
            return try await sendOnce(request, question)
        }
    }

    private func sendOnce(_ request: HTTPRequest, _ question: Question) async throws(HTTPError) -> HTTPResponse {
        if let body = question.body {
            return try await client.collect(request, body: BufferLease(copying: body), atMost: Self.answerLimit)
        }
        return try await client.collect(request, atMost: Self.answerLimit)
    }

    /// A success as JSON.
    func decode<Content: Decodable>(
        _ type: Content.Type,
        _ answer: Answer,
        _ question: Question
    ) throws(CassandraError) -> Content {
        do {
            return try JSONDecoder().decode(type, from: Data(answer.body))
        } catch {
            throw self.error(.malformed, question, "its answer is not what this API is known to give", answer)
        }
    }

    func error(
        _ code: CassandraError.Code,
        _ question: Question,
        _ reason: String,
        _ answer: Answer? = nil
    ) -> CassandraError {
        let words = answer.map(Self.words) ?? ""
        let said = words.isEmpty ? reason : "\(reason): \(words)"
        return CassandraError(code, question.operation, question.target, "\(means): \(said)")
    }

    /// The error that an answer without success is, by Cassandra's own words in it.
    func refusal(_ answer: Answer, _ question: Question) -> CassandraError {
        let code = NodeWords.code(Self.words(answer)) ?? (answer.status == 404 ? .unsupported : .refused)
        let reason =
            code == .unsupported
            ? "this release of it has no \(question.path)" : "it answers with status \(answer.status)"
        return error(code, question, reason, answer)
    }

    /// What the body says, on one line; without what may be a page of HTML.
    private static func words(_ answer: Answer) -> String {
        guard !answer.isSuccess else { return "" }
        struct Words: Decodable {
            let message: String?
            let error: String?
        }
        if let said = try? JSONDecoder().decode(Words.self, from: Data(answer.body)),
            let text = said.message ?? said.error
        {
            return PrintableName(String(text.prefix(300))).description
        }
        guard !answer.text.hasPrefix("<"), let line = NodetoolText.lines(of: answer.text).first else { return "" }
        return PrintableName(String(line.prefix(300))).description
    }

    private func failure(_ error: HTTPError, _ question: Question) -> CassandraError {
        if error.words.contains("certificate required") || error.words.contains("bad certificate") {
            let reason = "it wants a certificate of ours that it trusts: --node-certificate and --node-key"
            return self.error(.denied, question, reason)
        }
        let code: CassandraError.Code =
            switch error.code {
            case .couldNotResolve, .couldNotConnect, .timedOut(.connect), .tls, .connectionLost, .sendIncomplete,
                .truncatedResponse:
                .unreachable
            case .timedOut: .timedOut
            case .cancelled: .cancelled
            case .responseTooLarge, .badResponse: .malformed
            case .badRequest: .invalid
            case .other: .system
            }
        let words = error.words.isEmpty ? "" : " (\(error.words))"
        let advice = error.code == .tls ? "; --node-ca-file names whom to trust" : ""
        return self.error(code, question, "\(Self.words(error.code))\(words)\(advice)")
    }

    private static func words(_ code: HTTPError.Code) -> String {
        switch code {
        case .couldNotResolve: "its host is unknown"
        case .couldNotConnect, .timedOut(.connect): "nobody listens there"
        case .timedOut: "it did not answer in time"
        case .tls: "there is no TLS with it"
        case .connectionLost, .sendIncomplete, .truncatedResponse: "the connection broke before its answer was whole"
        case .cancelled: "the request was stopped"
        case .responseTooLarge: "its answer is too large"
        case .badResponse: "it does not speak HTTP"
        case .badRequest, .other: "the request cannot be sent"
        }
    }

    private func url(_ question: Question) -> String {
        var items = question.query.map { "\($0.name)=\(Self.encoded($0.value))" }
        if !extraQuery.isEmpty { items.append(extraQuery) }
        return base + question.path + (items.isEmpty ? "" : "?" + items.joined(separator: "&"))
    }

    private func token(_ question: Question) throws(CassandraError) -> String? {
        guard let file = settings.tokenFile else { return nil }
        do {
            let text = NodetoolText.trimmed(try SmallFile.text(of: file, limit: 64 << 10, followingLinks: true))
            guard !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw error(.invalid, question, "\(file) holds no token")
            }
            return text
        } catch let error as CassandraError {
            throw error
        } catch {
            throw CassandraError(.system, question.operation, question.target, "its token cannot be read", cause: error)
        }
    }

    /// RFC 3986, section 2.3: all but unreserved characters become `%XX`.
    static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Cassandra's own words for a refusal, as its services pass them on.
///
/// Source: org.apache.cassandra.service.StorageService and org.apache.cassandra.db.Keyspace, 3.11 to 5.0.
enum NodeWords {
    static func code(_ words: String) -> CassandraError.Code? {
        let rules: [(sign: String, code: CassandraError.Code)] = [
            ("already exists", .exists), ("does not exist", .notFound), ("does not exists", .notFound),
            ("Unknown keyspace", .notFound), ("keyspace not found", .notFound), ("No such keyspace", .notFound),
            ("has shut down", .notReady), ("until bootstrap completes", .notReady),
            ("Internal connection to Cassandra closed", .unreachable),
        ]
        return rules.first { words.contains($0.sign) }?.code
    }
}
