package import TransferEngine

/// Bearer tokens, and the service's refusals in our words.
package struct GoogleCloudDialect: StoreDialect {
    /// Nil: requests carry no token, as emulators take them.
    let credentials: CredentialCache<GoogleToken>?

    package func authorize(
        _ request: inout HTTPRequest,
        bodyCount: Int?
    ) async throws(CredentialError) -> CredentialGeneration {
        guard let credentials else { return .none }
        let (token, generation) = try await credentials.current()
        request.headers.append(("Authorization", "Bearer \(token.text)"))
        return generation
    }

    package func remedy(_ refusal: StoreRefusal, _ response: HTTPResponse, used: CredentialGeneration) async {
        await credentials?.renew(after: used)
    }

    package func refusal(_ response: HTTPResponse) -> StoreRefusal? {
        var status = response.status
        let body: GoogleErrorBody
        if response.isSuccess {
            guard let hidden = GoogleErrorBody(hiddenIn: response) else { return nil }
            body = hidden
            status = hidden.code.flatMap { $0 >= 400 ? $0 : nil } ?? 500
        } else {
            body = GoogleErrorBody(response)
        }
        var refusal = StoreRefusal(
            Self.meaning(status, body),
            response,
            remedy: status == 401 && credentials != nil ? .freshCredentials : .none,
            name: body.reason,
            message: body.message,
            requestID: response.headers["X-GUploader-UploadID"] ?? "",
            retryAfter: response.retryAfter
        )
        refusal.advice = advice(status, body)
        return refusal
    }

    /// Reasons go before statuses: a request too many can be a 403.
    ///
    /// https://cloud.google.com/storage/docs/json_api/v1/status-codes
    /// https://cloud.google.com/storage/docs/retry-strategy
    private static func meaning(_ status: Int, _ body: GoogleErrorBody) -> StoreError.Code {
        switch body.reason {
        case "rateLimitExceeded", "userRateLimitExceeded", "usageLimits.rateLimitExceeded", "RESOURCE_EXHAUSTED":
            .throttled
        case "quotaExceeded", "dailyLimitExceeded": .refused  // until someone raises it, or tomorrow
        default:
            switch status {
            case 404 where body.isOfBucket: .noBucket
            // The bytes were damaged on their way there, and nothing was stored.
            case 400 where body.isOfChecksum: .unavailable
            default: StoreRefusal.meaning(ofStatus: status)
            }
        }
    }

    private func advice(_ status: Int, _ body: GoogleErrorBody) -> String {
        switch (status, body.reason) {
        case (_, "quotaExceeded"), (_, "dailyLimitExceeded"): "raise the project's quota in the Google Cloud console"
        case (_, "retentionPolicyNotMet"):
            "the bucket's retention policy keeps the object until its time has come; let backups live longer than that"
        case (_, "objectUnderActiveHold"): "a hold keeps the object; release it first"
        case (_, "insufficientPermissions"):
            "the token lacks the scope \(GoogleScope.storage): give the machine or the login that scope"
        case (401, _) where credentials == nil:
            "no credentials were sent: set GOOGLE_APPLICATION_CREDENTIALS, or a Secret with gcp"
        case (401, _): "the token was not taken, nor was a new one: see whether the account still exists"
        case (403, _) where body.message.contains("KMS"):
            "let the project's Cloud Storage service agent use the key: roles/cloudkms.cryptoKeyEncrypterDecrypter"
        case (403, "forbidden"), (403, ""):
            "grant the account roles/storage.objectUser, or roles/storage.objectAdmin, on the bucket"
        case (404, _) where body.isOfBucket: "create the bucket, or correct its name in the location"
        default: ""
        }
    }

    /// Whether a create-only put was refused because there is an object, which the credential may not replace.
    ///
    /// To overwrite is to delete, and a put that needs that right had something to overwrite.
    /// https://cloud.google.com/storage/docs/access-control/iam-permissions
    static func saysItExists(_ error: StoreError) -> Bool {
        guard let refusal = error.cause as? StoreRefusal, refusal.status == 403 else { return false }
        return refusal.message.contains("storage.objects.delete access")
    }
}
