internal import FoundationEssentials
internal import TransferEngine

/// Tokens for a service account, by another identity that may act as it.
///
/// https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken
struct GoogleImpersonation: CredentialSource {
    let base: any CredentialSource<GoogleToken>
    /// Of `generateAccessToken`, with the account's name in it.
    let url: ServiceURL
    let delegates: [String]
    let scope: String
    /// Seconds; nil: an hour.
    let lifetime: Int?
    let service: GoogleTokenService

    private struct Body: Encodable {
        let delegates: [String]
        let scope: [String]
        let lifetime: String
    }

    private struct Answer: Decodable {
        let accessToken: String
        let expireTime: String
    }

    var name: String { "the service account of \(url.text), by \(base.name)" }

    func fetch() async throws(CredentialError) -> Expiring<GoogleToken> {
        let what = "a token from \(url.text)"
        let own = try await base.fetch().value
        let body = Body(delegates: delegates, scope: [scope], lifetime: "\(lifetime ?? 3600)s")
        guard let json = try? JSONEncoder().encode(body) else {
            throw CredentialError(.invalid, "cannot ask for \(what): a delegate's name is no text")
        }
        let bytes = try await service.post(
            json: Array(json),
            to: url,
            headers: [("Authorization", "Bearer \(own.text)")],
            what,
            secrets: [own.text]
        )
        guard let answer = Answer(json: bytes), let token = GoogleToken(answer.accessToken) else {
            throw CredentialError(.unavailable, "cannot get \(what): the answer holds no token")
        }
        let expires = StoreTime.seconds(ofISODate: answer.expireTime)
        guard expires > 0 else {
            throw CredentialError(.unavailable, "cannot get \(what): the answer does not say when the token ends")
        }
        return Expiring(token, expires: expires)
    }
}
