internal import TransferEngine

/// Azure's authorisation and Azure's errors.
///
/// https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes,
/// https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes,
/// https://learn.microsoft.com/rest/api/storageservices/sas-error-codes
final class AzureDialect: StoreDialect {
    /// The first that has the Cold tier, and one that emulators since 2023 know.
    ///
    /// CRC64 is older (2019-02-02), and so are encoded names in listings (2021-02-12).
    /// https://learn.microsoft.com/rest/api/storageservices/version-2021-12-02
    static let version = "2021-12-02"

    private let credentials: CredentialCache<AzureCredential>
    private let container: String
    let clock: WallClock
    /// Seconds that the store's clock is ahead of ours; used once it has refused a request for that.
    private let skew = ThreadLock<Int64>(0)

    init(_ credentials: CredentialCache<AzureCredential>, _ container: String, clock: WallClock) {
        self.credentials = credentials
        self.container = container
        self.clock = clock
    }

    func authorize(_ request: inout HTTPRequest, bodyCount: Int?) async throws(CredentialError) -> CredentialGeneration
    {
        let (credential, generation) = try await credentials.current()
        let now = clock.now() + skew.withLock { $0 }
        request.headers.append(("x-ms-date", HTTPDate.text(secondsSince1970: now)))
        request.headers.append(("x-ms-version", Self.version))
        switch credential {
        case .key(let key):
            request.headers.append(("Authorization", key.authorization(request, bodyCount: bodyCount)))
        case .signature(let token): request.url += (request.url.utf8.contains(UInt8(ascii: "?")) ? "&" : "?") + token
        case .token(let token): request.headers.append(("Authorization", "Bearer \(token)"))
        }
        return generation
    }

    func remedy(_ refusal: StoreRefusal, _ response: HTTPResponse, used: CredentialGeneration) async {
        // An answer to HEAD has no words: it may be either.
        if let difference = difference(response), refusal.remedy == .storeTime || abs(difference) > Self.mostSkew {
            skew.withLock { $0 = difference }
        }
        if refusal.remedy == .freshCredentials { await credentials.renew(after: used) }
    }

    /// Seconds that the store's clock is ahead of ours.
    private func difference(_ response: HTTPResponse) -> Int64? {
        response.headers["Date"].flatMap { HTTPDate.seconds(of: $0) }.map { $0 - clock.now() }
    }

    /// Azure allows 15 minutes.
    private static let mostSkew: Int64 = 600

    // MARK: Refusals

    func refusal(_ response: HTTPResponse) -> StoreRefusal? {
        guard !response.isSuccess else { return nil }
        let error = try? XMLElement.parse(response.errorBody)
        let name = response.headers["x-ms-error-code"] ?? error?.text("Code") ?? ""
        // Its further lines repeat the id and tell the time.
        let message = error?.text("Message")?.split(separator: "\n").first.map(String.init) ?? ""
        let detail = error?.text("AuthenticationErrorDetail") ?? ""
        let (meaning, remedy) = Self.meaning(of: name, status: response.status, detail: detail)
        var refusal = StoreRefusal(
            meaning,
            response,
            remedy: remedy,
            name: name,
            // A store that repeats the URL would put a SAS token into our log.
            message: message.contains("sig=") ? "" : message,
            requestID: response.headers["x-ms-request-id"] ?? "",
            retryAfter: response.retryAfter
        )
        refusal.header = error?.text("HeaderName")?.lowercased() ?? ""
        refusal.advice = advice(name, response, detail: detail)
        return refusal
    }

    /// Whether a create-only put was refused because the blob is there.
    ///
    /// 409 is what Put Blob answers, 412 what is documented; 403 is for a SAS token that may create but not overwrite.
    /// https://learn.microsoft.com/rest/api/storageservices/specifying-conditional-headers-for-blob-service-operations
    static func saysItExists(_ refusal: StoreRefusal) -> Bool {
        switch (refusal.status, refusal.name) {
        case (409, "BlobAlreadyExists"), (412, "ConditionNotMet"), (412, ""), (403, "UnauthorizedBlobOverwrite"): true
        default: false
        }
    }

    private static func meaning(
        of name: String,
        status: Int,
        detail: String
    ) -> (StoreError.Code, StoreRefusal.Remedy) {
        switch name {
        case "ContainerNotFound": (.noBucket, .none)
        case "BlobNotFound", "ResourceNotFound": (.notFound, .none)
        case "AuthenticationFailed" where detail.contains("Request date header"): (.accessDenied, .storeTime)
        // A key that was replaced, a token that has ended.
        case "AuthenticationFailed", "InvalidAuthenticationInfo", "NoAuthenticationInformation":
            (.accessDenied, .freshCredentials)
        case "AuthorizationFailure", "AuthorizationPermissionMismatch", "AuthorizationProtocolMismatch",
            "AuthorizationSourceIPMismatch", "AuthorizationResourceTypeMismatch", "AuthorizationServiceMismatch",
            "InsufficientAccountPermissions", "AccountIsDisabled", "ContainerDisabled",
            "KeyBasedAuthenticationNotPermitted", "PublicAccessNotPermitted", "UnauthorizedBlobOverwrite",
            "RequestForbiddenByContainerEncryptionPolicy",
            "BlobImmutableDueToPolicy", "BlobImmutableDueToLegalHold", "SnapshotsPresent", "LeaseIdMissing",
            "LeaseAlreadyPresent", "LeaseIdMismatchWithBlobOperation", "LeaseIdMismatchWithContainerOperation":
            (.accessDenied, .none)
        case "ServerBusy", "TooManyRequests", "AccountLimitExceeded": (.throttled, .none)
        case "InternalError", "OperationTimedOut", "AccountBeingCreated", "PendingCopyOperation", "SystemInUse":
            (.unavailable, .none)
        // Damaged on the way: what was sent is gone, and sending it again is right.
        case "Md5Mismatch", "Crc64Mismatch", "IncompleteBody": (.unavailable, .none)
        case "InvalidRange": (.badRange, .none)
        // The emulator says so with 500.
        case "FeatureNotSupported", "ContainerBeingDeleted": (.refused, .none)
        case "" where status == 401: (.accessDenied, .freshCredentials)
        default: (StoreRefusal.meaning(ofStatus: status), .none)
        }
    }

    private func advice(_ name: String, _ response: HTTPResponse, detail: String) -> String {
        switch name {
        case "ContainerNotFound": return "make the container '\(container)', or correct its name"
        case "AuthenticationFailed":
            if let difference = difference(response), abs(difference) > Self.mostSkew {
                let words = difference > 0 ? "behind" : "ahead of"
                return "this machine's clock is \(abs(difference)) seconds \(words) the store's: set it"
            }
            if detail.contains("time frame") { return "\(credentials.name) has ended, or is not valid yet" }
            return "\(credentials.name) does not fit the account, or has been replaced"
        case "AuthorizationPermissionMismatch":
            return """
                \(credentials.name) needs the role "Storage Blob Data Contributor" for the container; a SAS token needs \
                the permissions rwdl
                """
        case "AuthorizationFailure":
            return
                "\(credentials.name) lacks the right to do this, or the account's network rules keep this machine out"
        case "AuthorizationResourceTypeMismatch":
            return "an account SAS token needs the resource types container and object (srt=co)"
        case "AuthorizationServiceMismatch": return "an account SAS token needs the blob service (ss=b)"
        case "KeyBasedAuthenticationNotPermitted":
            return "the account takes no keys: use a managed identity, a workload identity or a client secret"
        case "InvalidAuthenticationInfo": return "\(credentials.name) was refused: check the tenant and the clock"
        case "NoAuthenticationInformation": return "the store saw no credentials: check \(credentials.name)"
        case "BlobArchived", "BlobBeingRehydrated":
            return "the blob is in the Archive tier: rehydrate it to Hot or Cool first"
        case "BlobImmutableDueToPolicy", "BlobImmutableDueToLegalHold":
            return "the container's immutability policy or a legal hold keeps the blob"
        case "SnapshotsPresent": return "someone has made snapshots of the blob: delete those first"
        case "ContainerBeingDeleted": return "wait until the old container is gone, which takes 30 seconds or more"
        case "InvalidBlobTier", "BlobTierInadequateForContentLength": return "check the storage class"
        case "InvalidUri", "OutOfRangeInput", "InvalidResourceName":
            return "check the account, the container and --endpoint"
        default: return (300..<400).contains(response.status) ? "check --endpoint" : ""
        }
    }
}
