/// An OAuth 2.0 access token.
///
/// Whoever has it is the account until it ends, so it never prints.
package struct GoogleToken: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    let text: String

    /// Nil unless `text` can stand in a header.
    init?(_ text: String) {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        self.text = text
    }

    package var description: String { "an access token" }
    package var debugDescription: String { description }
}

/// What a token is asked to be good for.
///
/// https://cloud.google.com/storage/docs/oauth-scopes
enum GoogleScope {
    /// Reading and writing objects, and not who may do so.
    static let storage = "https://www.googleapis.com/auth/devstorage.read_write"
    /// Of a token that is only there to get the token of another account.
    ///
    /// https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken
    static let impersonation = "https://www.googleapis.com/auth/cloud-platform"
}
