/// A token as Microsoft Entra ID and the metadata services give it.
///
/// The one writes numbers, the others numbers in quotes.
struct AzureTokenAnswer: Decodable {
    private let token: String
    /// Seconds from the answer to the end.
    private let expiresIn: Int64?
    /// The end in seconds since 1970.
    private let expiresOn: Int64?

    private enum CodingKeys: String, CodingKey {
        case token = "access_token"
        case expiresIn = "expires_in"
        case expiresOn = "expires_on"
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        token = try values.decode(String.self, forKey: .token)
        func number(_ key: CodingKeys) -> Int64? {
            if let number = try? values.decode(Int64.self, forKey: key) { return number }
            return (try? values.decode(String.self, forKey: key)).flatMap { Int64($0) }
        }
        expiresIn = number(.expiresIn)
        expiresOn = number(.expiresOn)
    }

    /// What counts is the end, where it is told: a metadata service gives tokens that it had for a while.
    ///
    /// - Throws: `.unavailable` for a token that no header can hold.
    func credential(from name: String, now: Int64) throws(CredentialError) -> Expiring<AzureCredential> {
        guard !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw CredentialError(.unavailable, "\(name) gives no credentials: its answer holds no token")
        }
        // Without either, a time that is short for every service.
        return Expiring(.token(token), expires: expiresOn ?? now + (expiresIn ?? 300))
    }
}
