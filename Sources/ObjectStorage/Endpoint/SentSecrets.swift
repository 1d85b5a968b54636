internal import TransferEngine

/// What was sent with a request and lets whoever reads it ask for more: some gateways put it into their errors.
///
/// A signature is none: it is good for its own request alone, and refusals speak of it.
struct SentSecrets: Sendable {
    private var pieces: Set<[UInt8]> = []

    /// Bytes that are looked for together; a secret that is cut is still told.
    private static let length = 12

    private static let headers: Set<String> = [
        "x-amz-security-token", "x-aws-ec2-metadata-token", "x-identity-header",
    ]
    private static let fields: Set<String> = [
        "client_secret", "client_assertion", "WebIdentityToken", "assertion", "refresh_token", "subject_token",
    ]

    /// - Parameter form: fields of the request's body.
    init(_ request: HTTPRequest, form: [(name: String, value: String)] = []) {
        for (name, value) in request.headers {
            switch name.lowercased() {
            case "authorization" where value.hasPrefix("AWS4-") || value.hasPrefix("SharedKey "): break
            case "authorization": add(value.drop { $0 != " " }.dropFirst())
            case let name where Self.headers.contains(name): add(value[...])
            default: break
            }
        }
        for (name, value) in form where Self.fields.contains(name) { add(value[...]) }
        let query = request.url.drop { $0 != "?" }.dropFirst()
        for part in query.split(separator: "&") where part.hasPrefix("sig=") { add(part.dropFirst(4)) }
    }

    private mutating func add(_ secret: Substring) {
        for form in [String(secret), PercentEncoding.decode(secret) ?? "", PercentEncoding.encode(secret)] {
            let bytes = Array(form.utf8)
            // What is shorter would be found in many an innocent text.
            guard bytes.count >= Self.length else { continue }
            for start in stride(from: 0, through: bytes.count - Self.length, by: Self.length) {
                pieces.insert(Array(bytes[start..<start + Self.length]))
            }
        }
    }

    /// Whether `text` repeats any of them, or a good part of one.
    func areQuoted(in text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard !pieces.isEmpty, bytes.count >= Self.length else { return false }
        return (0...(bytes.count - Self.length)).contains { pieces.contains(Array(bytes[$0..<$0 + Self.length])) }
    }
}
