internal import TransferEngine

/// What the service says of a refusal: JSON mostly; one sentence for downloads; a page of HTML from what stands before it.
///
/// https://cloud.google.com/storage/docs/json_api/v1/status-codes
struct GoogleErrorBody: Sendable {
    /// Such as `rateLimitExceeded`; empty if there is none.
    let reason: String
    let message: String
    /// The status as the document has it.
    let code: Int?

    private struct Document: Decodable {
        struct Fault: Decodable {
            let code: Int?
            let message: String?
            let status: String?
            let errors: [Detail]?
        }
        struct Detail: Decodable {
            let reason: String?
            let message: String?
        }
        let error: Fault
    }

    init(_ response: HTTPResponse) {
        if let fault = Document(json: response.errorBody)?.error {
            self.init(fault)
        } else {
            self.init("", Self.words(String(decoding: response.errorBody, as: UTF8.self)), nil)
        }
    }

    /// What a collected success is in truth; nil if it is none of a failure.
    init?(hiddenIn response: HTTPResponse) {
        // Such a document begins with its one member; a page of names is not read twice.
        guard String(decoding: response.body.prefix(64), as: UTF8.self).contains(#""error""#),
            let fault = Document(json: response.body)?.error
        else { return nil }
        self.init(fault)
    }

    private init(_ fault: Document.Fault) {
        let detail = fault.errors?.first
        self.init(detail?.reason ?? fault.status ?? "", fault.message ?? detail?.message ?? "", fault.code)
    }

    private init(_ reason: String, _ message: String, _ code: Int?) {
        self.reason = reason
        self.message = message
        self.code = code
    }

    /// Whether it is the bucket that is not there, not the object.
    var isOfBucket: Bool {
        // Behind that, the object's name may say anything.
        guard !message.hasPrefix("No such object") else { return false }
        let text = message.lowercased()
        return text.contains("bucket") && text.contains("does not exist")
    }

    /// Whether the bytes that came are not those whose checksum was sent.
    ///
    /// `Provided CRC32C "…" doesn't match calculated CRC32C "…".`
    var isOfChecksum: Bool { message.contains("doesn't match calculated") }

    /// The text of a page; what is between tags, without scripts and styles, which `head` holds.
    private static func words(_ text: String) -> String {
        guard text.drop(while: \.isWhitespace).hasPrefix("<") else { return text }
        if let start = text.firstRange(of: "<title>"), let end = text[start.upperBound...].firstRange(of: "</title>") {
            return String(text[start.upperBound..<end.lowerBound])
        }
        var words = ""
        var isTag = false
        for character in text {
            switch character {
            case "<":
                isTag = true
                words.append(" ")
            case ">": isTag = false
            default: if !isTag { words.append(character) }
            }
        }
        return words
    }
}
