package import TransferEngine

/// What a store answered instead of doing what was asked, in its own words.
package struct StoreRefusal: Error, Sendable, CustomStringConvertible {
    /// What the same request may do about it.
    package enum Remedy: Sendable, Hashable {
        case none
        /// The credentials have ended, or were replaced: fetch them anew and ask once more.
        case freshCredentials
        /// Our clock and the store's differ: take the store's time and ask once more.
        case storeTime
    }

    package let meaning: StoreError.Code
    package let remedy: Remedy
    /// The HTTP status: 403.
    package let status: Int
    /// The store's own name of the error: `AccessDenied`; empty if it gave none.
    package private(set) var name: String
    /// The store's sentence for people; empty if it gave none.
    package private(set) var message: String
    /// What the provider's support asks for; empty if it gave none.
    package private(set) var requestID: String
    /// How long the store asks to be left alone.
    package let retryAfter: Duration?
    /// What the user may do about it; empty if nothing is known.
    package var advice = ""
    /// The header that the store says it does not know; mostly it says none.
    package var header = ""

    package init(
        _ meaning: StoreError.Code,
        _ response: HTTPResponse,
        remedy: Remedy = .none,
        name: String = "",
        message: String = "",
        requestID: String = "",
        retryAfter: Duration? = nil
    ) {
        self.meaning = meaning
        self.remedy = remedy
        self.status = response.status
        self.name = Self.line(name, limit: 80)
        self.message = Self.line(message, limit: 300)
        self.requestID = Self.line(requestID, limit: 120)
        self.retryAfter = retryAfter
    }

    /// One line: `AccessDenied: Access Denied. (HTTP 403, request id 4442587FB7D0A2F9)`.
    package var description: String {
        let words = [name, message].filter { !$0.isEmpty }.joined(separator: ": ")
        let id = requestID.isEmpty ? "" : ", request id \(requestID)"
        let facts = words.isEmpty ? "HTTP \(status)\(id)" : "\(words) (HTTP \(status)\(id))"
        return advice.isEmpty ? facts : "\(facts); \(advice)"
    }

    /// The same without those of the store's words that repeat what was sent to it in confidence.
    func withholding(_ secrets: SentSecrets) -> StoreRefusal {
        var refusal = self
        if secrets.areQuoted(in: name) { refusal.name = "" }
        if secrets.areQuoted(in: message) { refusal.message = "" }
        if secrets.areQuoted(in: requestID) { refusal.requestID = "" }
        if secrets.areQuoted(in: advice) { refusal.advice = "" }
        return refusal
    }

    /// What the status alone says, where the store named no error.
    package static func meaning(ofStatus status: Int) -> StoreError.Code {
        switch status {
        case 401, 403: .accessDenied
        case 404: .notFound
        case 416: .badRange
        case 429, 503: .throttled
        case 408, 425, 500, 502, 504: .unavailable
        case 507: .outOfSpace
        default: status >= 500 && status != 501 && status != 505 ? .unavailable : .refused
        }
    }

    /// `text` without what could break a line of a log, and not longer than people read.
    private static func line(_ text: String, limit: Int) -> String {
        let visible = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }
        let clean = String(String.UnicodeScalarView(visible)).split(separator: " ").joined(separator: " ")
        return clean.count <= limit ? clean : clean.prefix(limit) + "…"
    }
}
