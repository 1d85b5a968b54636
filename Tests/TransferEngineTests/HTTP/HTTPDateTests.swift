import Testing

@testable import TransferEngine

@Suite struct `An HTTP date` {
    /// The examples of RFC 9110, and days that a calendar can get wrong.
    static let dates: [(Int64, String)] = [
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (-1, "Wed, 31 Dec 1969 23:59:59 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (951_868_799, "Tue, 29 Feb 2000 23:59:59 GMT"), (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"), (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
        (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"), (1_798_761_600, "Fri, 01 Jan 2027 00:00:00 GMT"),
        (-62_135_596_800, "Mon, 01 Jan 0001 00:00:00 GMT"),
    ]

    @Test(arguments: dates) func `is written as it is read`(seconds: Int64, text: String) {
        #expect(HTTPDate.text(secondsSince1970: seconds) == text)
        #expect(HTTPDate.seconds(of: text) == seconds)
    }

    @Test func `is the same after writing and reading, on every day of four centuries`() {
        for day: Int64 in stride(from: -36_500, to: 110_000, by: 1) {
            let seconds = day * 86_400 + (day * 7919 % 86_400 + 86_400) % 86_400
            guard HTTPDate.seconds(of: HTTPDate.text(secondsSince1970: seconds)) == seconds else {
                Issue.record("day \(day) is read as another")
                return
            }
        }
    }

    @Test(
        arguments: [
            ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777), ("Sun Nov  6 08:49:37 1994", 784_111_777),
            ("Wednesday, 01-Mar-00 00:00:00 GMT", 951_868_800), ("Wed Nov 16 08:49:37 1994", 784_975_777),
            ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_800),
        ] as [(String, Int64)]
    )
    func `is read in its old forms, and with a leap second`(text: String, seconds: Int64) {
        #expect(HTTPDate.seconds(of: text) == seconds)
    }

    @Test(arguments: [
        "", "120", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Nov 1994 8:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT",
        "Tue, 29 Feb 2100 00:00:00 GMT", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 1994 08:49 GMT",
        "Sun, -6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 +8:49:37 GMT", "1994-11-06T08:49:37Z",
        "Sunday, 06-Nov-1994 08:49:37 GMT", "Sunday, 06-Nov 08:49:37 GMT",
    ])
    func `is not read from other text`(text: String) {
        #expect(HTTPDate.seconds(of: text) == nil)
    }
}

@Suite struct `A response's Retry-After` {
    func wait(_ value: String?, date: String? = nil) -> Duration? {
        var headers = HTTPHeaders()
        if let value { headers.append("retry-after", value) }
        if let date { headers.append("Date", date) }
        return HTTPResponse(
            status: 503,
            headers: headers,
            bodyCount: 0,
            body: [],
            errorBody: [],
            isOnReusedConnection: false
        ).retryAfter(at: 784_111_700)
    }

    @Test func `is a number of seconds`() {
        #expect(wait("120") == .seconds(120))
        #expect(wait("0") == .zero)
        #expect(wait("120", date: "Sun, 06 Nov 1994 08:49:37 GMT") == .seconds(120))
    }

    @Test func `is a date, by the server's clock or else by ours`() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT"
        #expect(wait(date) == .seconds(77))
        #expect(wait(date, date: "Sun, 06 Nov 1994 08:49:07 GMT") == .seconds(30))
        #expect(wait(date, date: "yesterday") == .seconds(77))
        #expect(wait("Sun, 06 Nov 1994 08:00:00 GMT") == .zero)
    }

    @Test(arguments: [nil, "", "soon", "-5", "1.5", "12 s"]) func `is nothing where it says nothing`(value: String?) {
        #expect(wait(value) == nil)
    }

    @Test func `may be longer than anybody lives`() throws {
        #expect(try #require(wait("99999999999999999999999999")) > .seconds(1_000_000_000))
    }
}
