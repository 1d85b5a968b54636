/// An access key of AWS, or of a store that speaks as S3 does.
package struct AWSKeys: Sendable, Hashable, CustomStringConvertible {
    package let id: String
    package let secret: String
    /// Of temporary keys, which are worth nothing without it.
    package let sessionToken: String?

    package init(id: String, secret: String, sessionToken: String? = nil) {
        self.id = id
        self.secret = secret
        self.sessionToken = sessionToken
    }

    /// The secret parts are in no text made of this value.
    package var description: String { "the access key \(id)" }
}
