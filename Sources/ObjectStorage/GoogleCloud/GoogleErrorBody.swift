internal import TransferEngine

/// What the service says of a refusal: JSON mostly; one sentence for downloads; a page of HTML from what stands before it.
///
/// https://cloud.google.com/storage/docs/json_api/v1/status-codes
struct GoogleErrorBody: Sendable {
    /// Such as `rateLimitExceeded`; empty if there is none.
    let reason: String
    let message: String

    private struct Document: Decodable {
        struct Fault: Decodable {
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
            let detail = fault.errors?.first
            reason = detail?.reason ?? fault.status ?? ""
            message = fault.message ?? detail?.message ?? ""
        } else {
            reason = ""
            message = Self.words(String(decoding: response.errorBody, as: UTF8.self))
        }
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
