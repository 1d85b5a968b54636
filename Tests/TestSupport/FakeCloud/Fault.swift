extension FakeCloud {
    /// What is done to one request instead of, or beside, what it asks for.
    package enum Fault: Sendable, Hashable {
        // MARK: Refused: the request is read and not done

        /// 503, as the dialect says it: SlowDown, ServerBusy, backendError; `retryAfter` in seconds.
        case slowDown(retryAfter: Int?)
        /// 429; `retryAfter` in seconds.
        case tooManyRequests(retryAfter: Int?)
        /// 500
        case internalError
        /// 502 or 504 with a page of HTML, as a proxy in between says it.
        case proxyError(Int)
        /// 503 for this request and for all that follow on its connection; others work.
        case sickConnection
        /// The credentials have expired: 400 ExpiredToken of S3, 401 of the others.
        case expiredToken
        /// 403
        case accessDenied
        /// 409 ConditionalRequestConflict of S3; 409 or 412 of the others.
        case conflict
        /// 501; a HEAD just after a PUT gets it from some stores.
        case notImplemented
        /// Any status, with an error document of the dialect.
        case refuse(Int, code: String)
        /// 301, 302, 307 or 308 to another address.
        case redirect(Int, to: String)
        /// 500 or any status with an error document of at least so many bytes.
        case hugeError(Int, status: Int)

        // MARK: Not even read

        /// An answer after the head alone; then the body is read and forgotten, or the connection reset.
        case early(Int, code: String, isReset: Bool)
        /// The same with a `Location`.
        case earlyRedirect(Int, to: String, isReset: Bool)
        /// Reset as soon as the head is there.
        case resetBeforeReading
        /// Reset after so many bytes of the body.
        case resetInRequest(after: Int)
        /// Closed without a word after so many bytes of the body.
        case closeInRequest(after: Int)
        /// Nothing more is read, and nothing answered.
        case blackHole
        /// The body is read so many bytes at a time; then the request is done.
        case slowReading(bytes: Int, every: Duration)

        // MARK: Done, but the client hardly learns it

        /// Reset instead of the answer.
        case answerLost
        /// No answer.
        case silence
        /// Reset after so many bytes of the answer's body.
        case resetInAnswer(after: Int)
        /// Nothing more after so many bytes of the answer's body.
        case stall(after: Int)
        /// Answered; then the connection is closed though nothing said so.
        case closeSilently
        /// Answered after a while.
        case wait(Duration)
        /// The head and the XML declaration at once, then so many spaces, then the document: as S3 does in long work.
        case spaces(Int, every: Duration)
        /// So many bytes of the answer's body at a time.
        case trickle(bytes: Int, every: Duration)

        // MARK: Untrue

        /// 200 with an error document; not done. Of operations that read objects, the document is the object.
        case errorIn200
        /// The status and no body.
        case emptyAnswer
        /// Half the body, with a length that agrees.
        case cutAnswer
        /// A body of nonsense.
        case garbage
        /// XML whose entities expand to gigabytes; JSON nested 100,000 deep.
        case bomb
        /// A put is done, and the answer tells a CRC of other bytes; Google tells it in the metadata, which stay true.
        case wrongSum
        /// The true answer in gzip, with a `Content-Encoding` that nobody asked for.
        case gzip
        /// `Content-Length` states so many bytes more than are sent; then the connection is closed.
        case truncated(by: Int)
        /// One bit of this byte of the body, counted modulo its length, is flipped; the object is fine.
        case bitFlip(at: Int)
        /// The object ends so many bytes early, and everything agrees that it is that short.
        case shortObject(by: Int)
        /// The bytes of another object, or others, of equal length.
        case wrongObject
        /// 200 with all of the object for a part of it.
        case rangeIgnored
        /// A part that begins so many bytes off; `Content-Range` says what was asked for.
        case rangeShifted(by: Int)
        /// GET and HEAD give what was there before the last so many requests.
        case staleObject(requests: Int)
        /// The listing is of before the last so many requests.
        case staleList(requests: Int)
        /// Times of objects are so many seconds off.
        case skewedTime(Int64)
        /// An ETag that means nothing.
        case randomETag
        /// A DELETE is 403 and not done; in a batch, of every key.
        case cannotDelete
        /// Each page of the listing is the first, and says that more follow.
        case samePage
        /// A page without entries, though there are some, and a token for the next: allowed.
        case emptyPage
        /// A page with a key that does not begin with the prefix.
        case foreignKeys
        /// A page whose keys go back, and one twice.
        case keysGoBack
    }
}

extension FakeCloud.Fault {
    /// Those that pass: a client that repeats its requests gets everything done, whichever of them it meets.
    ///
    /// None waits longer than a few milliseconds. A sick connection is to be left, not only tried again.
    package static let passing: [Self] = [
        .slowDown(retryAfter: nil), .slowDown(retryAfter: 0), .tooManyRequests(retryAfter: nil), .internalError,
        .proxyError(502), .proxyError(504), .sickConnection, .early(503, code: "SlowDown", isReset: false),
        .early(503, code: "SlowDown", isReset: true), .resetBeforeReading, .resetInRequest(after: 1000),
        .closeInRequest(after: 1000), .answerLost, .resetInAnswer(after: 10), .closeSilently,
        .wait(.milliseconds(2)), .truncated(by: 7), .randomETag,
    ]

    /// Those that last until the client gives up waiting; tests with short timeouts.
    package static let hanging: [Self] = [.blackHole, .silence, .stall(after: 5)]

    /// Those that give a reader something else than was stored, and say nothing.
    package static let lying: [Self] = [
        .bitFlip(at: 0), .bitFlip(at: 1 << 20), .shortObject(by: 1), .wrongObject, .emptyAnswer, .garbage,
    ]
}

extension FakeCloud {
    /// Faults for a share of all requests, drawn from `kinds` by a seed and the request's index.
    ///
    /// - Parameter share: from 0 to 1.
    package static func randomFaults(
        seed: UInt64,
        share: Double,
        of kinds: [Fault] = Fault.passing
    ) -> @Sendable (Request) -> Fault? {
        { request in
            // A generator for each request, so that the order of concurrent ones changes nothing for the others.
            var generator = SeededGenerator(seed ^ UInt64(request.index + 1) &* 0xD6E8_FEB8_6659_FD93)
            guard Double.random(in: 0..<1, using: &generator) < share else { return nil }
            return kinds.randomElement(using: &generator)
        }
    }
}
