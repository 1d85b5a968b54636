extension IdentityService {
    // MARK: Entra ID

    /// The client credentials grant, with a secret or with the token of a workload.
    func entraToken(_ state: inout CloudState) -> CloudAnswer {
        guard request.path == "/\(FakeCloud.tenant)/oauth2/v2.0/token" else {
            return oauth(400, "invalid_request", "AADSTS90002: Tenant not found.")
        }
        guard request.query.isEmpty, let form else {
            return oauth(400, "invalid_request", "AADSTS900144: The request body must contain a form.")
        }
        guard form["grant_type"] == "client_credentials" else {
            return oauth(400, "unsupported_grant_type", "AADSTS70003: The grant type is not supported.")
        }
        let isRestricted = form["client_id"] == FakeCloud.restrictedClientID
        guard isRestricted || form["client_id"] == FakeCloud.clientID else {
            return oauth(400, "unauthorized_client", "AADSTS700016: Application was not found in the directory.")
        }
        guard form["scope"] == FakeCloud.azureScope else {
            return oauth(400, "invalid_scope", "AADSTS70011: The provided value for scope is not valid.")
        }
        if let assertion = form["client_assertion"] {
            let type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            guard form["client_secret"] == nil, form["client_assertion_type"] == type, assertion == state.identityToken
            else { return oauth(401, "invalid_client", "AADSTS700213: No matching federated identity record found.") }
        } else {
            let secret = isRestricted ? FakeCloud.restrictedClientSecret : FakeCloud.clientSecret
            guard form["client_secret"] == secret else {
                return oauth(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.")
            }
        }
        let lifetime = context.options.credentialLifetime
        return json(
            200,
            [
                ("token_type", .string("Bearer")), ("expires_in", .number(lifetime)),
                ("ext_expires_in", .number(lifetime)),
                (
                    "access_token",
                    .string(state.makeBearer([FakeCloud.azureScope], until: expiry, isRestricted: isRestricted))
                ),
            ]
        )
    }

    // MARK: Managed identities

    func managedIdentity(_ state: inout CloudState) -> CloudAnswer {
        guard request.header("Metadata")?.lowercased() == "true", request.header("X-Forwarded-For") == nil else {
            return oauth(400, "invalid_request", "Required metadata header not specified")
        }
        guard request.parameter("api-version") == "2018-02-01" else {
            return oauth(400, "bad_request_102", "Required audience parameter or a known api-version not specified")
        }
        guard request.parameter("resource") == FakeCloud.azureResource else {
            return oauth(400, "invalid_resource", "AADSTS500011: The resource principal was not found.")
        }
        if let client = request.parameter("client_id"), client != FakeCloud.clientID {
            return oauth(400, "invalid_request", "Identity not found")
        }
        // This service alone writes its numbers as strings.
        return json(
            200,
            [
                ("access_token", .string(state.makeBearer([FakeCloud.azureScope], until: expiry))),
                ("client_id", .string(FakeCloud.clientID)),
                ("expires_in", .string("\(context.options.credentialLifetime)")), ("expires_on", .string("\(expiry)")),
                ("not_before", .string("\(context.now)")), ("resource", .string(FakeCloud.azureResource)),
                ("token_type", .string("Bearer")),
            ]
        )
    }
}
