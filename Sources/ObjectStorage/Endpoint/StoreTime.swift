internal import FoundationEssentials
internal import TransferEngine

/// When an object was written, as stores tell it: for people only, so what cannot be read is 0.
enum StoreTime {
    /// Of a header: `Sun, 06 Nov 1994 08:49:37 GMT`.
    static func seconds(ofHTTPDate text: String?) -> Int64 { text.flatMap(HTTPDate.seconds(of:)) ?? 0 }

    /// Of a listing: `2009-10-12T17:50:30.000Z`, with or without a fraction.
    static func seconds(ofISODate text: String?) -> Int64 {
        guard let text else { return 0 }
        for style in [Date.ISO8601FormatStyle(includingFractionalSeconds: true), Date.ISO8601FormatStyle()] {
            if let date = try? style.parse(text) { return Int64(date.timeIntervalSince1970) }
        }
        return 0
    }
}
