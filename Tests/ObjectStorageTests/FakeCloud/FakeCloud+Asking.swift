import TestSupport
import TransferEngine

extension FakeCloud {
    /// Sends a request with just these headers.
    func ask(
        _ method: String,
        _ target: String,
        _ headers: [String: String] = [:],
        body: String = ""
    ) async throws -> HTTPResponse {
        let client = HTTPClient()
        let request = HTTPRequest(
            HTTPRequest.Method(rawValue: method) ?? .get,
            endpoint + target,
            headers: headers.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
        )
        guard !body.isEmpty else { return try await client.collect(request, atMost: 1 << 20) }
        return try await client.collect(request, body: BufferLease(holding: Array(body.utf8)), atMost: 1 << 20)
    }
}

extension HTTPResponse {
    /// The body, of a success or an error.
    var text: String { String(decoding: isSuccess ? body : errorBody, as: UTF8.self) }

    /// The code in an error document of XML, or the status.
    var code: String { text.between("<Code>", "<") ?? "\(status)" }
}

extension String {
    /// What stands between two marks, if the first is there.
    func between(_ start: String, _ end: Character) -> String? {
        firstRange(of: start).map { String(self[$0.upperBound...].prefix { $0 != end }) }
    }
}
