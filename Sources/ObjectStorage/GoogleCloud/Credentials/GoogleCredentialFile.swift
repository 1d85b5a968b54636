internal import SystemPackage
internal import TransferEngine

/// A file of Google credentials, told apart by its `type`.
///
/// `service_account`, `authorized_user`, `external_account` and `impersonated_service_account`.
/// https://google.aip.dev/auth/4110
struct GoogleCredentialFile: Sendable {
    private let document: Document
    /// Where it is from, for errors.
    private let origin: String

    /// Every field of every type; what a type needs is asked for when its source is made.
    struct Document: Decodable, Sendable {
        let type: String?
        let universe_domain: String?
        // service_account
        let client_email: String?
        let private_key: String?
        let private_key_id: String?
        let token_uri: String?
        // authorized_user; the first two of external_account as well
        let client_id: String?
        let client_secret: String?
        let refresh_token: String?
        // external_account
        let audience: String?
        let subject_token_type: String?
        let token_url: String?
        let credential_source: GoogleSubjectToken.Document?
        let service_account_impersonation_url: String?
        let service_account_impersonation: Impersonation?
        let workforce_pool_user_project: String?
        // impersonated_service_account
        let delegates: [String]?
        let source_credentials: Nested?

        struct Impersonation: Decodable, Sendable { let token_lifetime_seconds: Int? }

        /// A document in a document.
        final class Nested: Decodable, Sendable {
            let document: Document
            init(from decoder: any Decoder) throws { document = try Document(from: decoder) }
        }
    }

    /// - Throws: `.invalid`, which holds nothing of the text.
    init(_ json: String, _ origin: String) throws(CredentialError) {
        guard let document = Document(json: Array(json.utf8)) else {
            throw CredentialError(.invalid, "cannot use \(origin): it is not JSON of Google credentials")
        }
        self.init(document, origin)
    }

    private init(_ document: Document, _ origin: String) {
        self.document = document
        self.origin = origin
    }

    /// What gives tokens for `scope`.
    ///
    /// - Throws: `.invalid` if a field is missing or wrong, and for types that are not known here.
    func source(
        _ scope: String,
        _ context: CredentialContext
    ) throws(CredentialError) -> any CredentialSource<GoogleToken> {
        if let domain = document.universe_domain, domain != "googleapis.com" {
            throw fault("it is of the universe \(domain); this version knows googleapis.com alone")
        }
        let service = GoogleTokenService(context)
        switch document.type {
        case "service_account":
            return GoogleServiceAccountSource(try serviceAccount(), scope, service)
        case "authorized_user":
            return GoogleRefreshTokenSource(
                url: try url(document.token_uri ?? "https://oauth2.googleapis.com/token", "token_uri"),
                clientID: try field(document.client_id, "client_id"),
                clientSecret: try field(document.client_secret, "client_secret"),
                refreshToken: try field(document.refresh_token, "refresh_token"),
                service: service
            )
        case "external_account": return try external(scope, service)
        case "impersonated_service_account":
            guard let nested = document.source_credentials else { throw fault("it lacks source_credentials") }
            let base = GoogleCredentialFile(nested.document, origin)
            guard nested.document.type != "impersonated_service_account" else {
                throw fault("its source_credentials are impersonated themselves")
            }
            let account = try field(document.service_account_impersonation_url, "service_account_impersonation_url")
            return GoogleImpersonation(
                base: try base.source(GoogleScope.impersonation, context),
                url: try url(account, "service_account_impersonation_url"),
                delegates: document.delegates ?? [],
                scope: scope,
                lifetime: nil,
                service: service
            )
        case let type?: throw fault("this version does not know its type '\(type.prefix(40))'")
        case nil: throw fault("it has no type")
        }
    }

    private func serviceAccount() throws(CredentialError) -> GoogleServiceAccount {
        let pem = try field(document.private_key, "private_key")
        let key: RS256
        do throws(CodecError) {
            key = try RS256(pem: pem)
        } catch {
            throw fault("its private_key cannot be used: \(error.reason)")
        }
        return GoogleServiceAccount(
            email: try field(document.client_email, "client_email"),
            keyID: document.private_key_id,
            key: key,
            tokenURL: try url(document.token_uri ?? "https://oauth2.googleapis.com/token", "token_uri")
        )
    }

    private func external(
        _ scope: String,
        _ service: GoogleTokenService
    ) throws(CredentialError) -> any CredentialSource<GoogleToken> {
        let impersonated = document.service_account_impersonation_url
        let exchange = GoogleTokenExchange(
            url: try url(try field(document.token_url, "token_url"), "token_url"),
            audience: try field(document.audience, "audience"),
            subjectTokenType: try field(document.subject_token_type, "subject_token_type"),
            subject: try GoogleSubjectToken(document.credential_source, origin),
            client: document.client_id.map { (id: $0, secret: document.client_secret ?? "") },
            userProject: document.workforce_pool_user_project,
            scope: impersonated == nil ? scope : GoogleScope.impersonation,
            service: service
        )
        guard let impersonated else { return exchange }
        return GoogleImpersonation(
            base: exchange,
            url: try url(impersonated, "service_account_impersonation_url"),
            delegates: [],
            scope: scope,
            lifetime: document.service_account_impersonation?.token_lifetime_seconds,
            service: service
        )
    }

    private func field(_ value: String?, _ name: String) throws(CredentialError) -> String {
        guard let value, !value.isEmpty else { throw fault("it lacks \(name)") }
        return value
    }

    /// An address that secrets are sent to.
    private func url(_ text: String, _ name: String) throws(CredentialError) -> ServiceURL {
        guard let url = ServiceURL(text), url.keepsSecrets else { throw fault("its \(name) is not an https address") }
        return url
    }

    private func fault(_ reason: String) -> CredentialError {
        CredentialError(.invalid, "cannot use the Google credentials of \(origin): \(reason)")
    }
}
