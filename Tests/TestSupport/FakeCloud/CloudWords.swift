/// What the dialects call the same things.
struct CloudWords {
    let internalError: String
    let tooManyRequests: String
    let accessDenied: String
    let expiredToken: String
    let expiredTokenStatus: Int
    let conflict: String
    let conflictStatus: Int
}

extension FakeCloud {
    var words: CloudWords {
        switch dialect {
        case .s3:
            CloudWords(
                internalError: "InternalError",
                tooManyRequests: "TooManyRequests",
                accessDenied: "AccessDenied",
                expiredToken: "ExpiredToken",
                expiredTokenStatus: 400,
                conflict: "ConditionalRequestConflict",
                conflictStatus: 409
            )
        case .azure:
            CloudWords(
                internalError: "InternalError",
                tooManyRequests: "TooManyRequests",
                accessDenied: "AuthorizationPermissionMismatch",
                expiredToken: "InvalidAuthenticationInfo",
                expiredTokenStatus: 401,
                conflict: "LeaseIdMissing",
                conflictStatus: 412
            )
        case .googleCloud:
            CloudWords(
                internalError: "backendError",
                tooManyRequests: "rateLimitExceeded",
                accessDenied: "forbidden",
                expiredToken: "authError",
                expiredTokenStatus: 401,
                conflict: "conflict",
                conflictStatus: 409
            )
        }
    }
}
