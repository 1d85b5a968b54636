internal import TransferEngine

/// Signs requests with a key of the storage account.
///
/// https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key
struct AzureSharedKey: Sendable, Hashable, CustomStringConvertible {
    let account: String
    private let key: [UInt8]

    /// - Parameter key: in base64, as the portal gives it.
    /// - Throws: `.invalid`, naming `origin`, never the key.
    init(account: String, key: String, origin: String) throws(CredentialError) {
        guard let bytes = Base64.bytes(of: key), !bytes.isEmpty else {
            throw CredentialError(.invalid, "\(origin) is not an account key: those are base64")
        }
        self.account = account
        self.key = bytes
    }

    var description: String { "a key of the account \(account)" }

    /// The value of the header Authorization.
    ///
    /// - Parameters:
    ///   - request: as it will be sent, x-ms-date and x-ms-version included.
    ///   - bodyCount: bytes of the body; nil for a request without one.
    func authorization(_ request: HTTPRequest, bodyCount: Int?) -> String {
        let code = HMACSHA256.code(of: stringToSign(request, bodyCount: bodyCount), key: key)
        return "SharedKey \(account):\(Base64.text(of: code.bytes))"
    }

    func stringToSign(_ request: HTTPRequest, bodyCount: Int?) -> String {
        let length = bodyCount.flatMap { $0 > 0 ? "\($0)" : nil } ?? ""  // a body of no bytes counts as none
        var lines = [request.method.rawValue]
        for name in Self.signedHeaders {
            let value = request.headers.first { $0.name.lowercased() == name }?.value ?? ""
            lines.append(name == "content-length" ? length : value)
        }
        let own = request.headers.map { (name: $0.name.lowercased(), value: $0.value) }
            .filter { $0.name.hasPrefix("x-ms-") }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        lines += own.map { "\($0.name):\($0.value)" }
        return (lines + resource(request.url)).joined(separator: "\n")
    }

    /// In the order of the string to sign; `date` stays empty where x-ms-date is sent, as it always is here.
    private static let signedHeaders = [
        "content-encoding", "content-language", "content-length", "content-md5", "content-type", "date",
        "if-modified-since", "if-match", "if-none-match", "if-unmodified-since", "range",
    ]

    /// The account, the path as it is sent, and each parameter by its name, decoded.
    ///
    /// An emulator has the account in the path, and so it is there twice.
    private func resource(_ url: String) -> [String] {
        let rest = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
        let target = rest.drop { $0 != "/" }
        let path = target.prefix { $0 != "?" }
        var values: [String: [String]] = [:]
        for item in target.dropFirst(path.count + 1).split(separator: "&") {
            let name = item.prefix { $0 != "=" }
            let value = item.dropFirst(name.count + 1)
            let decoded = PercentEncoding.decode(name)?.lowercased() ?? name.lowercased()
            values[decoded, default: []].append(PercentEncoding.decode(value) ?? String(value))
        }
        let parameters = values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .map { name, values in
                let sorted = values.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
                return "\(name):\(sorted.joined(separator: ","))"
            }
        return ["/\(account)\(path.isEmpty ? "/" : path)"] + parameters
    }
}
