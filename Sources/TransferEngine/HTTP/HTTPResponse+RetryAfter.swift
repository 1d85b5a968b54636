internal import Glibc

extension HTTPResponse {
    /// How long the server wants to be left alone, from when it answered; nil if it did not say.
    ///
    /// As long as a server likes to say: the caller has a limit of its own.
    package var retryAfter: Duration? { retryAfter(at: Int64(time(nil))) }

    /// - Parameter now: seconds since 1970, for a date in Retry-After where the answer has no Date of its own; the
    ///   two clocks may differ, so the server's counts first.
    func retryAfter(at now: Int64) -> Duration? {
        guard let text = headers["Retry-After"] else { return nil }
        if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            // More digits than fit are many years all the same.
            return .seconds(Int64(text) ?? .max / 2)
        }
        guard let date = HTTPDate.seconds(of: text) else { return nil }
        return .seconds(max(0, date - (headers["Date"].flatMap(HTTPDate.seconds(of:)) ?? now)))
    }
}
