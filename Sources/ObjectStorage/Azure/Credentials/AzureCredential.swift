internal import TransferEngine

/// What proves to Azure who asks.
enum AzureCredential: Sendable, Hashable, CustomStringConvertible {
    case key(AzureSharedKey)
    /// A shared access signature: the query of a URL, without `?`.
    case signature(String)
    /// Of Microsoft Entra ID.
    case token(String)

    /// Never the secret itself.
    var description: String {
        switch self {
        case .key(let key): key.description
        case .signature: "a SAS token"
        case .token: "a token of Microsoft Entra ID"
        }
    }

    /// A shared access signature as people have it: with or without `?`.
    ///
    /// - Throws: `.invalid`, naming `origin`, never the token.
    static func signature(_ text: String, origin: String) throws(CredentialError) -> Self {
        let token = text.drop { $0 == "?" || $0 == "&" || $0.isWhitespace }
        let end = token.lastIndex { !$0.isWhitespace }
        let query = end.map { token[...$0] } ?? ""
        let isQuery = query.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }
        guard isQuery, query.split(separator: "&").contains(where: { $0.hasPrefix("sig=") }) else {
            throw CredentialError(.invalid, "\(origin) is not a SAS token: those are the query of a URL, with sig=")
        }
        return .signature(String(query))
    }
}

/// A credential that was given and stays as it is.
struct AzureGivenCredential: CredentialSource {
    let name: String
    let value: AzureCredential

    func fetch() async throws(CredentialError) -> Expiring<AzureCredential> { Expiring(value) }
}

/// The account's key in a mounted Secret, read anew when the store refuses the one there was.
struct AzureSecretKey: CredentialSource {
    let name = "the key in the Secret"
    let origin: StorageSecretOrigin
    let io: IOExecutor

    func fetch() async throws(CredentialError) -> Expiring<AzureCredential> {
        Expiring(.key(try await io.run { () throws(CredentialError) in try Self.key(origin) }))
    }

    /// Blocks.
    static func key(_ origin: StorageSecretOrigin) throws(CredentialError) -> AzureSharedKey {
        let (account, key) = try origin.read().azureKey()
        return try AzureSharedKey(account: account, key: key, origin: "azurestoragekey in the Secret")
    }
}
