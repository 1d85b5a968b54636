/// Tokens for a person who has logged in with gcloud.
///
/// RFC 6749, section 6. https://developers.google.com/identity/protocols/oauth2/web-server#offline
struct GoogleRefreshTokenSource: CredentialSource {
    let url: ServiceURL
    let clientID: String
    let clientSecret: String
    let refreshToken: String
    let service: GoogleTokenService

    var name: String { "gcloud's login" }

    func fetch() async throws(CredentialError) -> Expiring<GoogleToken> {
        let what = "a token for gcloud's login from \(url.text)"
        let form = [
            (name: "grant_type", value: "refresh_token"), (name: "client_id", value: clientID),
            (name: "client_secret", value: clientSecret), (name: "refresh_token", value: refreshToken),
        ]
        do throws(CredentialError) {
            let body = try await service.post(form: form, to: url, what, secrets: [clientSecret, refreshToken])
            return try service.token(body, what)
        } catch {
            guard error.code == .refused else { throw error }
            throw CredentialError(.refused, "\(error); run 'gcloud auth application-default login' again")
        }
    }
}
