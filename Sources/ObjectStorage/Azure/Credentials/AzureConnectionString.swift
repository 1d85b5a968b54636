/// What the portal gives to connect to a storage account: `name=value` pairs, parted by `;`.
///
/// https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string
struct AzureConnectionString: Sendable {
    static let variable = "AZURE_STORAGE_CONNECTION_STRING"

    let account: String?
    /// In base64.
    let key: String?
    /// A shared access signature.
    let signature: String?
    /// The URL of the blob service; nil if neither it nor an account is there.
    let endpoint: String?

    /// - Throws: `.invalid`, never with a value.
    init(_ text: String) throws(CredentialError) {
        var values: [String: String] = [:]
        for part in text.split(separator: ";") {
            let part = part.drop { $0.isWhitespace }
            guard !part.isEmpty else { continue }
            guard let sign = part.firstIndex(of: "=") else {
                throw CredentialError(.invalid, "\(Self.variable) has a part without '='")
            }
            let value = part[part.index(after: sign)...]
            let end = value.lastIndex { !$0.isWhitespace }
            values[part[..<sign].lowercased()] = end.map { String(value[...$0]) }
        }
        if values["usedevelopmentstorage"]?.lowercased() == "true" {
            account = Self.emulatorAccount
            key = Self.emulatorKey
            signature = nil
            var proxy = values["developmentstorageproxyuri"] ?? "http://127.0.0.1"
            while proxy.hasSuffix("/") { proxy.removeLast() }
            endpoint = "\(proxy):10000/\(Self.emulatorAccount)"
            return
        }
        account = values["accountname"]
        key = values["accountkey"]
        signature = values["sharedaccesssignature"]
        let scheme = values["defaultendpointsprotocol"]?.lowercased() ?? "https"
        guard scheme == "https" || scheme == "http" else {
            throw CredentialError(.invalid, "DefaultEndpointsProtocol in \(Self.variable) is neither https nor http")
        }
        let domain = values["endpointsuffix"] ?? AzureEndpoint.domain
        endpoint = values["blobendpoint"] ?? account.map { "\(scheme)://\($0).blob.\(domain)" }
        guard endpoint != nil else {
            throw CredentialError(.invalid, "\(Self.variable) has neither AccountName nor BlobEndpoint")
        }
        guard key == nil || account != nil else {
            throw CredentialError(.invalid, "\(Self.variable) has AccountKey but no AccountName")
        }
    }

    /// The same for everyone, and no secret.
    /// https://learn.microsoft.com/azure/storage/common/storage-use-azurite#well-known-storage-account-and-key
    private static let emulatorAccount = "devstoreaccount1"
    private static let emulatorKey =
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
}
