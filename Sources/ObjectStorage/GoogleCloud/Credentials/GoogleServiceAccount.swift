internal import TransferEngine

/// A service account with its key: signs that it is who it is.
///
/// https://developers.google.com/identity/protocols/oauth2/service-account#httprest
struct GoogleServiceAccount: Sendable {
    let email: String
    let keyID: String?
    let key: RS256
    let tokenURL: ServiceURL

    /// Whom an assertion is for.
    ///
    /// "When making an access token request this value is always https://oauth2.googleapis.com/token", also at Google's other
    /// addresses, which older key files and private endpoints have. Who stands in for Google expects their own.
    private var audience: String {
        let isGoogle = ["googleapis.com", "google.com"].contains {
            tokenURL.host == $0 || tokenURL.host.hasSuffix("." + $0)
        }
        return isGoogle ? "https://oauth2.googleapis.com/token" : tokenURL.text
    }

    /// Seconds; the longest that is taken.
    private static let lifetime: Int64 = 3600

    /// A JSON Web Token, byte for byte as the google-auth library writes it.
    ///
    /// RFC 7515, section 7.1; RFC 7523, section 3.
    ///
    /// - Parameter now: seconds since 1970.
    func assertion(_ scope: String, at now: Int64) throws(CredentialError) -> String {
        var header = #"{"typ": "JWT", "alg": "RS256""#
        if let keyID { header += #", "kid": \#(Self.json(keyID))"# }
        let claims =
            #"{"iat": \#(now), "exp": \#(now + Self.lifetime), "iss": \#(Self.json(email)), "#
            + #""aud": \#(Self.json(audience)), "scope": \#(Self.json(scope))}"#
        let signed = Base64.urlText(of: (header + "}").utf8) + "." + Base64.urlText(of: claims.utf8)
        do throws(CodecError) {
            return signed + "." + Base64.urlText(of: try key.sign(signed))
        } catch {
            throw CredentialError(.invalid, "cannot sign as \(email): \(error)")
        }
    }

    /// A text of JSON: RFC 8259, section 7.
    private static func json(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

/// Tokens for a service account, by its key.
struct GoogleServiceAccountSource: CredentialSource {
    private let account: GoogleServiceAccount
    private let scope: String
    private let service: GoogleTokenService

    /// Seconds by which our clock may go fast: a token from the future is not taken.
    private static let skew: Int64 = 10

    init(_ account: GoogleServiceAccount, _ scope: String, _ service: GoogleTokenService) {
        self.account = account
        self.scope = scope
        self.service = service
    }

    var name: String { "the service account \(account.email)" }

    func fetch() async throws(CredentialError) -> Expiring<GoogleToken> {
        let what = "a token for \(account.email) from \(account.tokenURL.text)"
        let assertion = try account.assertion(scope, at: service.now - Self.skew)
        let form = [
            (name: "grant_type", value: "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            (name: "assertion", value: assertion),
        ]
        do throws(CredentialError) {
            let body = try await service.post(form: form, to: account.tokenURL, what, secrets: [assertion])
            return try service.token(body, what)
        } catch {
            guard error.code == .refused else { throw error }
            throw CredentialError(.refused, "\(error); see that the key still exists and this machine's clock is right")
        }
    }
}
