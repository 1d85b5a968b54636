internal import FoundationEssentials
package import TransferEngine

extension CredentialContext {
    /// Asks a service that gives credentials.
    ///
    /// - Parameters:
    ///   - name: how people name it: `AWS STS`.
    ///   - client: `http` or `local`.
    ///   - form: a body of form fields, which is where secrets belong; nil: no body.
    ///   - passing: statuses that this service means to pass, beside those of every server.
    ///   - absence: what it means that nothing takes a connection there.
    /// - Returns: the body of a success.
    /// - Throws: `.unavailable` if there was no answer or a server's error, `.refused` with the service's words.
    package func ask(
        _ name: String,
        by client: HTTPClient,
        _ request: HTTPRequest,
        form: [(name: String, value: String)]? = nil,
        passing: Set<Int> = [],
        absence: CredentialError.Code = .unavailable
    ) async throws(CredentialError) -> [UInt8] {
        let response: HTTPResponse
        do throws(HTTPError) {
            if request.method == .put || request.method == .post {
                var request = request
                let hasType = request.headers.contains { $0.name == Self.formType.name }
                if form != nil, !hasType { request.headers.append(Self.formType) }
                let body = BufferLease(copying: Array(PercentEncoding.query(form ?? []).utf8))
                response = try await client.collect(request, body: body, atMost: Self.answerLimit)
            } else {
                response = try await client.collect(request, atMost: Self.answerLimit)
            }
        } catch {
            let code: CredentialError.Code =
                switch error.code {
                case .cancelled: .cancelled
                case .couldNotResolve, .couldNotConnect, .timedOut(.connect): absence
                default: .unavailable
                }
            throw CredentialError(code, "cannot get credentials from \(name): \(error)")
        }
        guard !response.isSuccess else { return response.body }
        let isPassing = response.status >= 500 || passing.union([408, 429]).contains(response.status)
        let words = Self.words(response)
        let refusal = StoreRefusal(.accessDenied, response, name: words.name, message: words.message)
            .withholding(SentSecrets(request, form: form ?? []))
        throw CredentialError(isPassing ? .unavailable : .refused, "\(name) gives no credentials: \(refusal)")
    }

    /// What a body of form fields says of itself.
    package static let formType: HTTPHeaders.Field = ("Content-Type", "application/x-www-form-urlencoded")

    /// A JSON answer of such a service.
    package func decode<Answer: Decodable>(
        _ type: Answer.Type,
        _ bytes: [UInt8],
        from name: String
    ) throws(CredentialError) -> Answer {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            // The decoder quotes what it read.
            throw CredentialError(.unavailable, "\(name) gives no credentials: its answer cannot be understood")
        }
    }

    /// What AWS, Microsoft and Google call their errors, in XML and in JSON (RFC 6749, section 5.2).
    private static func words(_ response: HTTPResponse) -> (name: String, message: String) {
        struct OAuth: Decodable {
            let error: String?
            let error_description: String?
            let code: String?
            let message: String?
        }
        if let root = try? XMLElement.parse(response.errorBody) {
            let error = root["Error"] ?? root
            return (error.text("Code") ?? "", error.text("Message") ?? "")
        }
        guard let answer = try? JSONDecoder().decode(OAuth.self, from: Data(response.errorBody)) else {
            return ("", "")
        }
        return (answer.error ?? answer.code ?? "", answer.error_description ?? answer.message ?? "")
    }
}
