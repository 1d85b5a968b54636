internal import FoundationEssentials
internal import TransferEngine

/// Workload identity federation: another provider's token in exchange for Google's.
///
/// RFC 8693. https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token
struct GoogleTokenExchange: CredentialSource {
    let url: ServiceURL
    let audience: String
    let subjectTokenType: String
    let subject: GoogleSubjectToken
    /// Of workforce pools that have one.
    let client: (id: String, secret: String)?
    /// The project that pays for a person of a workforce pool.
    let userProject: String?
    let scope: String
    let service: GoogleTokenService

    var name: String { "the workload identity \(audience)" }

    func fetch() async throws(CredentialError) -> Expiring<GoogleToken> {
        let what = "a token for \(audience) from \(url.text)"
        let token = try await subject.read(service)
        var form = [
            (name: "grant_type", value: "urn:ietf:params:oauth:grant-type:token-exchange"),
            (name: "audience", value: audience), (name: "scope", value: scope),
            (name: "requested_token_type", value: "urn:ietf:params:oauth:token-type:access_token"),
            (name: "subject_token", value: token), (name: "subject_token_type", value: subjectTokenType),
        ]
        var headers: [HTTPHeaders.Field] = []
        if let client {
            // RFC 6749, section 2.3.1.
            headers.append(("Authorization", "Basic " + Base64.text(of: "\(client.id):\(client.secret)".utf8)))
        } else if let options {
            form.append(("options", options))
        }
        let secrets = [token, client?.secret ?? ""]
        let body = try await service.post(form: form, to: url, headers: headers, what, secrets: secrets)
        return try service.token(body, what)
    }

    private var options: String? {
        guard let userProject, let json = try? JSONEncoder().encode(["userProject": userProject]) else { return nil }
        return String(decoding: json, as: UTF8.self)
    }
}
