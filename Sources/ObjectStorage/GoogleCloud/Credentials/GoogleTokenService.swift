internal import TransferEngine

/// Asks services that give out tokens, and tells their failures without what was sent to them.
struct GoogleTokenService: Sendable {
    let context: CredentialContext

    init(_ context: CredentialContext) {
        self.context = context
    }

    var now: Int64 { context.clock.now() }

    /// - Parameters:
    ///   - what: for errors, as in "cannot get …".
    ///   - secrets: what no error may hold, should the service repeat it.
    func post(
        form: [(name: String, value: String)],
        to url: ServiceURL,
        headers: [HTTPHeaders.Field] = [],
        _ what: String,
        secrets: [String]
    ) async throws(CredentialError) -> [UInt8] {
        let request = HTTPRequest(
            .post,
            url.text,
            headers: [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")] + headers
        )
        return try await send(request, body: Array(PercentEncoding.query(form).utf8), what, secrets)
    }

    func post(
        json: [UInt8],
        to url: ServiceURL,
        headers: [HTTPHeaders.Field],
        _ what: String,
        secrets: [String]
    ) async throws(CredentialError) -> [UInt8] {
        let request = HTTPRequest(.post, url.text, headers: [("Content-Type", "application/json")] + headers)
        return try await send(request, body: json, what, secrets)
    }

    private func send(
        _ request: HTTPRequest,
        body: [UInt8],
        _ what: String,
        _ secrets: [String]
    ) async throws(CredentialError) -> [UInt8] {
        let lease = BufferLease(copying: body)
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try await context.http.collect(request, body: lease, atMost: CredentialContext.answerLimit)
        } catch {
            throw Self.failure(error, what)
        }
        guard response.status == 200 else { throw Self.refusal(response, what, secrets: secrets) }
        return response.body
    }

    /// The token of an OAuth answer.
    ///
    /// RFC 6749, section 5.1.
    func token(_ body: [UInt8], _ what: String) throws(CredentialError) -> Expiring<GoogleToken> {
        struct Answer: Decodable {
            let access_token: String
            let expires_in: Int64
        }
        guard let answer = Answer(json: body), let token = GoogleToken(answer.access_token), answer.expires_in > 0
        else {
            throw CredentialError(.unavailable, "cannot get \(what): the answer holds no token")
        }
        return Expiring(token, expires: now + min(answer.expires_in, 7 * 86_400))
    }

    static func failure(_ error: HTTPError, _ what: String) -> CredentialError {
        if error.code == .cancelled { return CredentialError(.cancelled, "cancelled while getting \(what)") }
        let isPassing = error.isTransient || error.code == .badResponse
        return CredentialError(isPassing ? .unavailable : .refused, "cannot get \(what): \(error)")
    }

    /// - Parameter secrets: what was sent: a service that repeats it is not quoted.
    static func refusal(_ response: HTTPResponse, _ what: String, secrets: [String]) -> CredentialError {
        struct OAuth: Decodable {
            let error: String
            let error_description: String?
        }
        let words: [String]
        if let answer = OAuth(json: response.errorBody) {
            words = [answer.error, answer.error_description ?? ""]
        } else {
            let body = GoogleErrorBody(response)
            words = [body.reason, body.message]
        }
        let text = words.filter { !$0.isEmpty }.joined(separator: ": ")
        let isPassing = [408, 425, 429].contains(response.status) || response.status >= 500
        // Its way of keeping to one line and to a length is the one wanted.
        let told = StoreRefusal(.refused, response, message: quotable(text, without: secrets) ? text : "")
        return CredentialError(isPassing ? .unavailable : .refused, "cannot get \(what): \(told)")
    }

    /// Whether `text` holds none of `secrets`, nor their beginnings, which a service might cut.
    private static func quotable(_ text: String, without secrets: [String]) -> Bool {
        secrets.allSatisfy { $0.isEmpty || !text.contains($0.prefix(12)) }
    }
}
