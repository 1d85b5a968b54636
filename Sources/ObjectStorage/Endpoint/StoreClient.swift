package import TransferEngine

/// Makes a provider's requests: authorises each attempt anew, and tells failures in the words of `StoreError`.
///
/// Here a request is made a second time only where that needs no waiting: the credentials had ended, the clocks
/// differed, or a kept connection turned out dead. Everything else is for `RetryingStore`.
package struct StoreClient<Dialect: StoreDialect>: Sendable {
    package let dialect: Dialect
    package let http: HTTPClient

    package init(_ dialect: Dialect, _ http: HTTPClient) {
        self.dialect = dialect
        self.http = http
    }

    /// - Parameters:
    ///   - operation: in the imperative: `"put"`.
    ///   - subject: the object's key, or the location.
    ///   - request: without authorisation.
    ///   - bodyCount: bytes of the body that `send` sends; nil for a request without one.
    ///   - accepted: statuses that are answers to the caller, although they are no success.
    ///   - send: sends the authorised request; may be called again, and then begins anew.
    package func answer(
        _ operation: String,
        _ subject: String,
        _ request: HTTPRequest,
        bodyCount: Int? = nil,
        accepting accepted: Set<Int> = [],
        _ send: (HTTPRequest) async throws(HTTPError) -> HTTPResponse
    ) async throws(StoreError) -> HTTPResponse {
        var mayReconnect = true
        var mayRemedy = true
        while true {
            var authorized = request
            let used: CredentialGeneration
            do throws(CredentialError) {
                used = try await dialect.authorize(&authorized, bodyCount: bodyCount)
            } catch {
                throw StoreError(error.meaning, operation, subject, cause: error)
            }
            let response: HTTPResponse
            do throws(HTTPError) {
                response = try await send(authorized)
            } catch {
                if mayReconnect, error.code == .connectionLost, error.isOnReusedConnection {
                    mayReconnect = false
                    continue
                }
                throw StoreError(Self.meaning(of: error), operation, subject, cause: Self.advised(error))
            }
            if accepted.contains(response.status) { return response }
            guard let refusal = dialect.refusal(response) else { return response }
            if mayRemedy, refusal.remedy != .none {
                mayRemedy = false
                await dialect.remedy(refusal, response, used: used)
                continue
            }
            throw StoreError(
                refusal.meaning,
                operation,
                subject,
                cause: refusal.withholding(SentSecrets(authorized)),
                retryAfter: refusal.retryAfter
            )
        }
    }

    /// With what the user may do about it, where that is known.
    private static func advised(_ error: HTTPError) -> any Error {
        switch error.code {
        case .tls where !error.isTransient:
            Advised(error, "is it the right address? If so, give the authority of its certificate by --ca-file")
        default: error
        }
    }

    private static func meaning(of error: HTTPError) -> StoreError.Code {
        switch error.code {
        case .cancelled: .cancelled
        case .responseTooLarge: .badRange
        // Not HTTP at all: some box between that may be better in a moment.
        case .badResponse: .unavailable
        case .couldNotResolve, .couldNotConnect, .tls, .timedOut, .connectionLost, .sendIncomplete, .truncatedResponse,
            .badRequest, .other:
            error.isTransient ? .unavailable : .refused
        }
    }
}

/// An error, and what the user may do about it.
struct Advised: Error, CustomStringConvertible {
    let error: any Error
    let advice: String

    init(_ error: any Error, _ advice: String) {
        self.error = error
        self.advice = advice
    }

    var description: String { "\(error); \(advice)" }
}
