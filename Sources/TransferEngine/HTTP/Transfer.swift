internal import CCurl

/// One request from when it was asked for to its answer: what libcurl's callbacks read and write.
///
/// The table of transfers keeps it alive while libcurl knows it. Not Sendable: it stays on the loop's thread.
@safe
final class Transfer {
    typealias Outcome = Result<HTTPResponse, HTTPError>

    let id: UInt64
    let request: HTTPRequest
    let origin: String
    let timeouts: HTTPTimeouts
    var clocks: TransferClocks
    /// Nil before its turn and after its end.
    var easy: EasyHandle?
    private let continuation: CheckedContinuation<Outcome, Never>
    private let progress: HTTPProgress?

    /// The request's body: a lease's memory, borrowed until the continuation is resumed, in its frame.
    private var body: OutgoingBody
    /// What is told once libcurl has all of it.
    private let early: EarlyReturn?
    /// Bytes of the request's body.
    let bodySize: Int
    /// Bytes of it that libcurl has taken.
    private var taken = 0
    private var sink: ResponseSink
    private var head = ResponseHead()
    private var errorBody: [UInt8] = []
    /// Bytes of the response's body, wherever they went.
    private var bodyCount = 0
    /// Bytes of the response, its head included.
    private var received = 0
    private var sent = 0
    private var reportedReceived = 0
    private let settings: HTTPSettings
    private var pacing: TransferPacing
    /// Where it says that it is held back; the table's, once it is under way.
    var held: HeldTransfers?
    /// Why one of the callbacks stopped the transfer: libcurl only says that one did.
    private var stopped: (code: HTTPError.Code, words: String)?

    /// What became of bytes that libcurl handed over.
    enum Receipt {
        case taken
        /// To be handed over again when a limit allows it.
        case held
        /// The transfer is to end.
        case refused
    }

    /// - Parameter body: valid, as is the memory of `sink`, until the continuation is resumed.
    init(
        id: UInt64,
        request: HTTPRequest,
        origin: String,
        settings: HTTPSettings,
        body: UnsafeRawBufferPointer,
        early: EarlyReturn?,
        sink: ResponseSink,
        progress: HTTPProgress?,
        continuation: CheckedContinuation<Outcome, Never>
    ) {
        self.id = id
        self.request = request
        self.origin = origin
        timeouts = request.timeouts ?? settings.timeouts
        self.settings = settings
        pacing = TransferPacing(settings)
        self.body = unsafe OutgoingBody(body, request.frame)
        self.early = early
        self.sink = sink
        self.progress = progress
        self.continuation = continuation
        bodySize = self.body.count
        clocks = TransferClocks(timeouts, bodyCount: bodySize, at: .now)
    }

    /// The wait for a turn was our own doing: the clocks begin with it.
    func restartClocks() {
        clocks = TransferClocks(timeouts, bodyCount: bodySize, at: .now)
    }

    // MARK: What libcurl calls

    /// The next bytes of the body; nil if the limit holds them back.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        let left = min(buffer.count, body.available(at: taken))
        guard left > 0 else { return 0 }
        let wasHeld = pacing.isHeld
        let count = pacing.send(upTo: left)
        guard count > 0 else {
            noteHold(wasHeld)
            return nil
        }
        unsafe body.copy(from: taken, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
        taken += count
        if taken == bodySize, let early {
            // libcurl has a copy of the last bytes: the memory is not needed but for a rewind, which `seek` refuses.
            body = .nothing
            early.leave()
        }
        return count
    }

    /// Goes back to where a connection that replaces a dead one has to begin.
    func seek(to offset: Int) -> Bool {
        guard (0...bodySize).contains(offset), early?.hasLeft != true else { return false }
        taken = offset
        return true
    }

    /// Takes a line of the head; false stops the transfer.
    func receiveHead(_ line: String) -> Bool {
        received += line.utf8.count
        let wasComplete = head.isComplete
        guard head.append(line) else { return stop(.badResponse, "more than \(ResponseHead.limit) bytes of headers") }
        guard head.isComplete, !wasComplete else { return true }
        // Whatever is wrong may be so with the one machine behind this connection: the next try goes elsewhere.
        if head.status >= 500 { easy?.closeConnectionAtEnd() }
        guard head.status < 300 else { return true }
        if taken < bodySize {
            // A server cannot have stored what it has not read.
            return stop(.sendIncomplete, "status \(head.status) after \(taken) of \(bodySize) bytes")
        }
        if request.method != .head, let length = head.contentLength, length > sink.capacity {
            return stop(.responseTooLarge, "\(length) bytes where \(sink.capacity) fit")
        }
        return true
    }

    /// Takes bytes of the body, all or none.
    func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Receipt {
        let wasHeld = pacing.isHeld
        guard pacing.receive(bytes.count) else {
            noteHold(wasHeld)
            return .held
        }
        received += bytes.count
        bodyCount += bytes.count
        guard head.status < 300 else {
            let room = HTTPResponse.errorBodyLimit - errorBody.count
            unsafe errorBody.append(contentsOf: bytes.prefix(room))
            return .taken
        }
        guard unsafe sink.take(bytes) else {
            _ = stop(.responseTooLarge, "more than the \(sink.capacity) bytes that fit")
            return .refused
        }
        return .taken
    }

    /// Bytes of the bodies so far, as libcurl counts them.
    func report(sent: Int) {
        progress?.add(sent: sent - self.sent, received: bodyCount - reportedReceived)
        self.sent = sent
        reportedReceived = bodyCount
    }

    private func stop(_ code: HTTPError.Code, _ words: String) -> Bool {
        stopped = (code, words)
        return false
    }

    // MARK: Rate limits

    private func noteHold(_ wasHeld: Bool) {
        guard !wasHeld else { return }
        clocks.hold(at: .now)
        held?.add(id)
    }

    /// Lets libcurl go on where the limits allow it by now; and how long what stays held back waits, nil if nothing.
    ///
    /// libcurl may call back from in here, and may be held back anew, which then counts as new.
    func release(at now: TransferClocks.Instant) -> (wait: Duration?, code: CURLcode) {
        let before = pacing
        let wait = pacing.release(isAnswered: head.isComplete)
        guard before.isSendingHeld != pacing.isSendingHeld || before.isReceivingHeld != pacing.isReceivingHeld,
            let easy
        else { return (wait, CURLE_OK) }
        if wait == nil { clocks.release(at: now) }
        return (wait, easy.pause(sending: pacing.isSendingHeld, receiving: pacing.isReceivingHeld))
    }

    // MARK: The end

    /// Tells the clocks what has moved, and which of them has run out.
    func expiredClock(at now: TransferClocks.Instant) -> HTTPError.Clock? {
        clocks.moved(sent: sent, received: received, at: now)
        return clocks.expired(at: now)
    }

    /// What libcurl's verdict means.
    func outcome(of code: CURLcode) -> Outcome {
        guard let easy else { return failure(.other) }
        report(sent: easy.uploadedBytes)
        if let stopped { return failure(stopped.code, stopped.words) }
        guard code == CURLE_OK else {
            return failure(
                HTTPError.Code(code, in: clocks.phase),
                settings.withoutProxySecret(easy.words(for: code)),
                code
            )
        }
        // Seen in libcurl after a rewind that failed: all is well, and there is no answer (curl issue 2801).
        guard head.isComplete else { return failure(.connectionLost, "no answer", code) }
        if head.status < 300, sent < bodySize {
            return failure(.sendIncomplete, "status \(head.status) after \(sent) of \(bodySize) bytes", code)
        }
        if request.method != .head, head.status != 304, let length = head.contentLength, bodyCount < length {
            return failure(.truncatedResponse, "\(bodyCount) of \(length) bytes", code)
        }
        let response = HTTPResponse(
            status: head.status,
            headers: head.headers,
            bodyCount: bodyCount,
            body: sink.document,
            errorBody: errorBody,
            isOnReusedConnection: isOnReusedConnection
        )
        return .success(response)
    }

    private var isOnReusedConnection: Bool {
        guard let easy else { return false }
        return clocks.phase != .connection && easy.connectionsMade == 0
    }

    func failure(_ code: HTTPError.Code, _ words: String = "", _ curlCode: CURLcode? = nil) -> Outcome {
        let error = HTTPError(
            code,
            request,
            words,
            curlCode: curlCode.map { Int($0.rawValue) },
            bytesSent: sent,
            isOnReusedConnection: isOnReusedConnection
        )
        return .failure(error)
    }

    /// Answers the caller.
    ///
    /// libcurl does not know this transfer any more, and the borrowed memory is let go.
    func end(_ outcome: Outcome) {
        body = .nothing
        sink = .nowhere
        continuation.resume(returning: outcome)
    }
}
