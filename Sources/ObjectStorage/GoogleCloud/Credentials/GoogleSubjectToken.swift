internal import SystemPackage
internal import TransferEngine

/// The token of another identity provider, which Google's takes in exchange: in a file, or at an address.
///
/// https://google.aip.dev/auth/4117
struct GoogleSubjectToken: Sendable {
    private let place: Place
    /// The field of the JSON that the token is in; nil: the text is the token.
    private let field: String?
    private let origin: String

    private enum Place: Sendable {
        case file(FilePath)
        /// With its query, which Azure's needs.
        case address(String, [HTTPHeaders.Field])
    }

    /// `credential_source` of the file.
    struct Document: Decodable, Sendable {
        let file: String?
        let url: String?
        let headers: [String: String]?
        let format: Format?
        let environment_id: String?
        let executable: Executable?
        let certificate: Executable?

        struct Format: Decodable, Sendable {
            let type: String?
            let subject_token_field_name: String?
        }
        /// Nothing of it is looked at.
        struct Executable: Decodable, Sendable {}
    }

    /// - Throws: `.invalid` for sources that are not known here: AWS's signed request, a program, a certificate.
    init(_ document: Document?, _ origin: String) throws(CredentialError) {
        func fault(_ reason: String) -> CredentialError {
            CredentialError(.invalid, "cannot use the Google credentials of \(origin): \(reason)")
        }
        self.origin = origin
        guard let document else { throw fault("it lacks credential_source") }
        if let id = document.environment_id {
            throw fault(
                "this version takes no subject token from '\(id.prefix(20))': use a file or url, or a service account"
            )
        }
        if document.executable != nil { throw fault("this version runs no program for a subject token") }
        if document.certificate != nil { throw fault("this version takes no certificate for a subject token") }
        switch document.format?.type {
        case nil, "text": field = nil
        case "json":
            guard let name = document.format?.subject_token_field_name else {
                throw fault("its format lacks subject_token_field_name")
            }
            field = name
        case let type?: throw fault("its format '\(type.prefix(20))' is neither text nor json")
        }
        switch (document.file, document.url) {
        case (let file?, nil): place = .file(FilePath(file))
        case (nil, let text?):
            guard ServiceURL(Self.withoutQuery(text)) != nil else {
                throw fault("the url of its credential_source is no address")
            }
            let headers = (document.headers ?? [:]).sorted { $0.key < $1.key }
            place = .address(text, headers.map { ($0.key, $0.value) })
        default: throw fault("its credential_source needs a file or a url")
        }
    }

    func read(_ service: GoogleTokenService) async throws(CredentialError) -> String {
        let what: String
        let text: String
        switch place {
        case .file(let path):
            what = "\(path)"
            text = try await service.context.text(of: path, "the subject token")
        case .address(let url, let headers):
            what = Self.withoutQuery(url)
            text = try await fetch(url, headers, service)
        }
        guard let token = token(in: text) else {
            throw CredentialError(
                .invalid,
                "there is no subject token in what \(what) holds, as \(origin) describes it"
            )
        }
        return token
    }

    /// Services beside the machine speak HTTP, and are reached without a proxy.
    private func fetch(
        _ url: String,
        _ headers: [HTTPHeaders.Field],
        _ service: GoogleTokenService
    ) async throws(CredentialError) -> String {
        let what = "a subject token from \(Self.withoutQuery(url))"
        let client = url.lowercased().hasPrefix("https:") ? service.context.http : service.context.local
        let request = HTTPRequest(.get, url, headers: headers)
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try await client.collect(request, atMost: CredentialContext.answerLimit)
        } catch {
            throw GoogleTokenService.failure(error, what)
        }
        guard response.status == 200 else {
            // Words such as `Bearer` are no secrets.
            let sent = headers.map(\.value) + [String(url.drop { $0 != "?" })]
            let words = sent.flatMap { $0.split(whereSeparator: { " ?&=".contains($0) }) }.filter { $0.utf8.count >= 8 }
            throw GoogleTokenService.refusal(response, what, secrets: words.map { String($0) })
        }
        return String(decoding: response.body, as: UTF8.self)
    }

    private static func withoutQuery(_ url: String) -> String { String(url.prefix { $0 != "?" }) }

    private func token(in text: String) -> String? {
        guard let field else {
            let token = text.drop(while: \.isWhitespace)
            guard let end = token.lastIndex(where: { !$0.isWhitespace }) else { return nil }
            return String(token[...end])
        }
        guard let token = Fields(json: Array(text.utf8))?.values[field], !token.isEmpty else { return nil }
        return token
    }

    /// The fields of a JSON object that are texts.
    private struct Fields: Decodable {
        var values: [String: String] = [:]

        private struct Name: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init?(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Name.self)
            for key in container.allKeys { values[key.stringValue] = try? container.decode(String.self, forKey: key) }
        }
    }
}
