import Cassandra
import TestSupport
import TransferEngine

/// A service beside a node, which answers what a test tells it to.
struct NodeService {
    /// The answers that are left, by method and path; the last one stays.
    private final class Answers: Sendable {
        private let answers = ThreadLock<[String: [(status: Int, body: String)]]>([:])

        func add(_ question: String, _ status: Int, _ body: String) {
            answers.withLock { $0[question, default: []].append((status, body)) }
        }

        func next(_ question: String) -> (status: Int, body: String) {
            answers.withLock { answers in
                guard let first = answers[question]?.first else { return (404, "HTTP 404 Not Found") }
                if let more = answers[question], more.count > 1 { answers[question]?.removeFirst() }
                return first
            }
        }
    }

    private let answers = Answers()
    private let recorder = Recorder<String>()
    private let authorizations = Recorder<String>()
    let server: HTTPFaultServer

    init() {
        let (answers, recorder, authorizations) = (answers, recorder, authorizations)
        server = HTTPFaultServer([
            "/": .deciding { request, body in
                let text = String(decoding: body, as: UTF8.self)
                recorder.add("\(request.method) \(request.target)\(text.isEmpty ? "" : " \(text)")")
                if let header = request.header("Authorization") { authorizations.add(header) }
                let path = request.target.prefix { $0 != "?" }
                let answer = answers.next("\(request.method) \(path)")
                return (answer.status, Array(answer.body.utf8))
            }
        ])
    }

    var url: String { server.url("") }

    /// Method, target and body of each request.
    var requests: [String] { recorder.all }
    var sentAuthorizations: [String] { authorizations.all }

    /// - Parameter question: `GET /api/v0/probes/readiness`; told twice, it answers with the one, then the other.
    func answer(_ question: String, _ body: String, status: Int = 200) { answers.add(question, status, body) }

    func stop() { server.stop() }
}

/// Runs `body` with a service, and stops it.
func withNodeService<Result>(_ body: (NodeService) async throws -> Result) async throws -> Result {
    let service = NodeService()
    defer { service.stop() }
    return try await body(service)
}
