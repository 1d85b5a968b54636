internal import FoundationEssentials

extension IdentityService {
    private struct TokenHeader: Decodable {
        let alg: String
        let typ: String?
        let kid: String?
    }

    private struct TokenClaims: Decodable {
        let iss: String
        let aud: String
        let scope: String
        let iat: Int64
        let exp: Int64
    }

    // MARK: Service accounts and users

    func googleToken(_ state: inout CloudState) -> CloudAnswer {
        guard request.query.isEmpty, let form else { return oauth(400, "invalid_request", "Bad Request") }
        switch form["grant_type"] {
        case "urn:ietf:params:oauth:grant-type:jwt-bearer":
            let (scopes, isRestricted, fault) = checkAssertion(form["assertion"] ?? "")
            if let fault { return oauth(400, "invalid_grant", fault) }
            return granted(scopes, &state, isRestricted: isRestricted)
        case "refresh_token":
            guard form["client_id"] == FakeCloud.googleClientID, form["client_secret"] == FakeCloud.googleClientSecret
            else { return oauth(401, "invalid_client", "The OAuth client was not found.") }
            guard form["refresh_token"] == FakeCloud.refreshToken else {
                return oauth(400, "invalid_grant", "Token has been expired or revoked.")
            }
            return granted([FakeCloud.googleScope], &state)
        default: return oauth(400, "unsupported_grant_type", "Invalid grant_type: \(form["grant_type"] ?? "")")
        }
    }

    private func granted(
        _ scopes: Set<String>,
        _ state: inout CloudState,
        isRestricted: Bool = false
    ) -> CloudAnswer {
        json(
            200,
            [
                (
                    "access_token",
                    .string(state.makeBearer(scopes, until: expiry, isRestricted: isRestricted))
                ),
                ("expires_in", .number(context.options.credentialLifetime)), ("token_type", .string("Bearer")),
            ]
        )
    }

    /// The scopes that an assertion asks for and whether the policy binds who asks, or what is wrong with it.
    private func checkAssertion(_ assertion: String) -> (Set<String>, Bool, String?) {
        let parts = assertion.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header: TokenHeader = Self.decode(parts[0]),
            let claims: TokenClaims = Self.decode(parts[1]), let signature = Base64Text.decodeForURLs(parts[2])
        else { return ([], false, "Invalid JWT: Failed audience check or malformed token.") }
        guard header.alg == "RS256", header.typ ?? "JWT" == "JWT",
            header.kid ?? ServiceAccountKey.id == ServiceAccountKey.id,
            ServiceAccountKey.verifies(signature, of: Array("\(parts[0]).\(parts[1])".utf8))
        else { return ([], false, "Invalid JWT Signature.") }
        let isRestricted = claims.iss == FakeCloud.restrictedServiceAccount
        guard isRestricted || claims.iss == FakeCloud.serviceAccount else {
            return ([], false, "Invalid grant: account not found")
        }
        guard claims.aud == "\(context.endpoint)/token" else {
            return ([], false, "Invalid JWT: Failed audience check.")
        }
        // Google allows clocks to differ by a few minutes.
        guard claims.iat <= context.now + 300, claims.exp > context.now, (1...3600).contains(claims.exp - claims.iat)
        else {
            return (
                [], false, "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
            )
        }
        let scopes = Set(claims.scope.split(separator: " ").map(String.init))
        guard !scopes.isEmpty, scopes.allSatisfy({ $0.hasPrefix("https://www.googleapis.com/auth/") }) else {
            return ([], false, "Invalid OAuth scope or ID token audience provided.")
        }
        return (scopes, isRestricted, nil)
    }

    private static func decode<Part: Decodable>(_ part: Substring) -> Part? {
        Base64Text.decodeForURLs(part).flatMap { try? JSONDecoder().decode(Part.self, from: Data($0)) }
    }

    // MARK: External accounts

    private static let exchange = "urn:ietf:params:oauth:grant-type:token-exchange"
    private static let accessToken = "urn:ietf:params:oauth:token-type:access_token"
    private static let cloudScope = "https://www.googleapis.com/auth/cloud-platform"

    /// What a token exchange may be asked for as JSON.
    private struct Exchange: Decodable {
        let grantType: String?
        let audience: String?
        let scope: String?
        let requestedTokenType: String?
        let subjectToken: String?
        let subjectTokenType: String?
    }

    func googleExchange(_ state: inout CloudState) -> CloudAnswer {
        var fields = form ?? [:]
        if form == nil, let asked = try? JSONDecoder().decode(Exchange.self, from: Data(context.body)) {
            fields = [
                "grant_type": asked.grantType ?? "", "audience": asked.audience ?? "", "scope": asked.scope ?? "",
                "requested_token_type": asked.requestedTokenType ?? "", "subject_token": asked.subjectToken ?? "",
                "subject_token_type": asked.subjectTokenType ?? "",
            ]
        }
        guard request.query.isEmpty, fields["grant_type"] == Self.exchange,
            fields["requested_token_type"] == Self.accessToken
        else { return oauth(400, "invalid_request", "Invalid value for grant_type or requested_token_type.") }
        guard fields["audience"] == FakeCloud.workloadPool else {
            return oauth(400, "invalid_target", "The target service indicated by the audience parameters is invalid.")
        }
        let types = ["jwt", "id_token"].map { "urn:ietf:params:oauth:token-type:" + $0 }
        guard types.contains(fields["subject_token_type"] ?? ""), fields["subject_token"] == state.identityToken else {
            return oauth(400, "invalid_grant", "The subject token is not valid.")
        }
        let scopes = Set((fields["scope"] ?? "").split(separator: " ").map(String.init))
        guard !scopes.isEmpty else { return oauth(400, "invalid_scope", "No scope.") }
        return json(
            200,
            [
                ("access_token", .string(state.makeBearer(scopes, until: expiry))),
                ("issued_token_type", .string(Self.accessToken)), ("token_type", .string("Bearer")),
                ("expires_in", .number(context.options.credentialLifetime)),
            ]
        )
    }

    /// What an impersonation is asked for.
    private struct Impersonation: Decodable {
        let scope: [String]
        let lifetime: String?
    }

    func googleImpersonation(_ state: inout CloudState) -> CloudAnswer {
        func refused(_ status: Int, _ code: String, _ message: String) -> CloudAnswer {
            json(
                status,
                [
                    (
                        "error",
                        .object([
                            ("code", .number(Int64(status))), ("message", .string(message)), ("status", .string(code)),
                        ])
                    )
                ]
            )
        }
        let token = request.header("Authorization") ?? ""
        guard token.hasPrefix("Bearer "), let bearer = state.bearers[String(token.dropFirst(7))],
            context.now < bearer.expiry, bearer.scopes.contains(Self.cloudScope)
        else { return refused(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.") }
        let path = PercentText.text(request.path)
        guard path == "/v1/projects/-/serviceAccounts/\(FakeCloud.serviceAccount):generateAccessToken" else {
            return refused(404, "NOT_FOUND", "Not found; Gaia id not found for email")
        }
        guard let asked = try? JSONDecoder().decode(Impersonation.self, from: Data(context.body)), !asked.scope.isEmpty
        else { return refused(400, "INVALID_ARGUMENT", "The scope field is required.") }
        if let lifetime = asked.lifetime {
            guard lifetime.hasSuffix("s"), let seconds = Int(lifetime.dropLast()), (1...43_200).contains(seconds) else {
                return refused(400, "INVALID_ARGUMENT", "The lifetime is not valid.")
            }
        }
        return json(
            200,
            [
                ("accessToken", .string(state.makeBearer(Set(asked.scope), until: expiry))),
                ("expireTime", .string(UTCTime(expiry).extended(fraction: ""))),
            ]
        )
    }

    // MARK: The metadata server

    func googleMetadata(_ state: inout CloudState) -> CloudAnswer {
        guard request.header("Metadata-Flavor") == "Google", request.header("X-Forwarded-For") == nil else {
            return plain(403, "Missing required header \"Metadata-Flavor\": \"Google\"")
        }
        var answer = granted([FakeCloud.googleScope], &state)
        answer.headers += [("Metadata-Flavor", "Google"), ("Server", "Metadata Server for VM")]
        return answer
    }
}
