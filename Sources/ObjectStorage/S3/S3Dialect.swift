internal import TransferEngine

/// S3's signatures and S3's errors.
///
/// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, and what compatible stores add to it.
final class S3Dialect: StoreDialect {
    private let signer: SigV4
    private let credentials: CredentialCache<AWSKeys>
    let clock: WallClock
    /// Seconds that the store's clock is ahead of ours; used once it has refused a request for that.
    private let skew = ThreadLock<Int64>(0)

    init(region: String, credentials: CredentialCache<AWSKeys>, clock: WallClock) {
        signer = SigV4(region: region, service: "s3")
        self.credentials = credentials
        self.clock = clock
    }

    func authorize(_ request: inout HTTPRequest, bodyCount: Int?) async throws(CredentialError) -> CredentialGeneration
    {
        let (keys, generation) = try await credentials.current()
        let payload = request.headers.first { $0.name == SigV4.payloadHeader }?.value
        if payload == nil { request.headers.append((SigV4.payloadHeader, SigV4.emptyPayload)) }
        let now = clock.now() + skew.withLock { $0 }
        signer.sign(&request, payload: payload ?? SigV4.emptyPayload, keys: keys, now: now)
        return generation
    }

    func remedy(_ refusal: StoreRefusal, _ response: HTTPResponse, used: CredentialGeneration) async {
        // An answer to HEAD has no words: it may be either.
        if refusal.remedy == .storeTime || refusal.name.isEmpty, let date = response.headers["Date"],
            let theirs = HTTPDate.seconds(of: date)
        {
            let difference = theirs - clock.now()
            // The store allows 15 minutes.
            if refusal.remedy == .storeTime || abs(difference) > 600 { skew.withLock { $0 = difference } }
        }
        if refusal.remedy == .freshCredentials { await credentials.renew(after: used) }
    }

    func refusal(_ response: HTTPResponse) -> StoreRefusal? {
        if response.isSuccess {
            // Some operations answer 200 first and find out later: the body tells.
            guard let error = Self.hiddenError(in: response.body) else { return nil }
            return refusal(response, error)
        }
        return refusal(response, Self.error(in: response.errorBody))
    }

    /// An error of the store as XML tells it.
    struct Words {
        var name = ""
        var message = ""
        var requestID = ""
        var region = ""
        /// The header that the store does not know.
        var header = ""

        init() {}

        init(_ error: XMLElement) {
            name = error.text("Code") ?? ""
            message = error.text("Message") ?? ""
            requestID = error.text("RequestId") ?? ""
            region = error.text("Region") ?? ""
            header = error.text("Header") ?? ""
        }
    }

    private static func error(in body: [UInt8]) -> Words {
        guard let root = try? XMLElement.parse(body) else { return Words() }
        // RGW and others wrap it: <ErrorResponse><Error>…
        return Words(root.name == "Error" ? root : root["Error"] ?? root)
    }

    private static func hiddenError(in body: [UInt8]) -> Words? {
        // A larger one is no error but a listing, which is read as such later.
        guard body.count <= HTTPResponse.errorBodyLimit, let root = try? XMLElement.parse(body), root.name == "Error"
        else { return nil }
        return Words(root)
    }

    private func refusal(_ response: HTTPResponse, _ words: Words) -> StoreRefusal {
        let isHidden = response.isSuccess
        let (meaning, remedy) = Self.meaning(of: words.name, status: response.status, isHidden: isHidden)
        var refusal = StoreRefusal(
            meaning,
            response,
            // HEAD has no body to tell why: ended credentials are 400, a wrong clock 403.
            remedy: words.name.isEmpty && [400, 403].contains(response.status) ? .freshCredentials : remedy,
            name: words.name,
            message: words.message,
            requestID: response.headers["x-amz-request-id"] ?? words.requestID,
            retryAfter: response.retryAfter
        )
        refusal.advice = advice(words, response)
        refusal.header = words.header.lowercased()
        return refusal
    }

    private func advice(_ words: Words, _ response: HTTPResponse) -> String {
        let region = response.headers["x-amz-bucket-region"] ?? words.region
        if !region.isEmpty, region != signer.region { return "the bucket lies in \(region): say --region \(region)" }
        switch words.name {
        case "NoSuchBucket": return "make the bucket, or correct its name"
        case "SignatureDoesNotMatch":
            return "the secret key does not fit \(credentials.name), or a proxy changed the request"
        case "AccessDenied": return "\(credentials.name) lacks the right to do this"
        case "PermanentRedirect", "TemporaryRedirect": return "check --endpoint, --region and --addressing"
        case "" where response.status == 403:
            return "without the right to list the bucket, S3 answers so for what is not there as well"
        default: return ""
        }
    }

    /// Of an error that one object of several has.
    static func meaning(of name: String) -> StoreError.Code { meaning(of: name, status: 200, isHidden: true).0 }

    private static func meaning(
        of name: String,
        status: Int,
        isHidden: Bool
    ) -> (StoreError.Code, StoreRefusal.Remedy) {
        switch name {
        case "NoSuchKey", "NotFound": (.notFound, .none)
        case "NoSuchBucket": (.noBucket, .none)
        case "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "InvalidToken", "InvalidAccessKeyId":
            (.accessDenied, .freshCredentials)
        case "RequestTimeTooSkewed", "RequestExpired": (.accessDenied, .storeTime)
        case "AccessDenied", "SignatureDoesNotMatch", "AccountProblem", "AllAccessDisabled", "InvalidObjectState",
            "UserSuspended", "InvalidSecurity", "NotSignedUp":
            (.accessDenied, .none)
        case "SlowDown", "SlowDownRead", "SlowDownWrite", "ServiceUnavailable", "Throttling", "ThrottlingException",
            "RequestLimitExceeded", "BandwidthLimitExceeded", "TooManyRequests", "XMinioServerNotInitialized",
            "RequestThrottled", "Busy":
            (.throttled, .none)
        case "InternalError", "RequestTimeout", "OperationAborted", "ConditionalRequestConflict", "IncompleteBody":
            (.unavailable, .none)
        // Damaged on the way: what was sent is gone, and sending it again is right.
        case "BadDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch": (.unavailable, .none)
        case "QuotaExceeded", "XMinioStorageFull", "EntityTooLarge":
            (name == "EntityTooLarge" ? .refused : .outOfSpace, .none)
        case "InvalidRange": (.badRange, .none)
        default:
            // A hidden error that nobody knows may have been half done: again.
            (isHidden ? .unavailable : StoreRefusal.meaning(ofStatus: status), .none)
        }
    }
}
