internal import Glibc

/// One connection of a fake cloud; used by its thread alone.
final class CloudConnection {
    /// The first part of a request.
    struct Head {
        var method: String
        var target: String
        var headers: [(name: String, value: String)]

        func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name }?.value }

        /// What Content-Length states; nil without one.
        var length: Int? { header("content-length").flatMap { Int($0) } }

        var path: Substring { target.prefix { $0 != "?" } }
    }

    private let socket: Int32
    private let number: Int
    private let cloud: FakeCloud
    /// Bytes read beyond the head that they came with.
    private var pending: [UInt8] = []
    private var requests = 0
    /// Whether every request is answered with 503 from now on.
    private var isSick = false

    init(_ socket: Int32, _ number: Int, _ cloud: FakeCloud) {
        self.socket = socket
        self.number = number
        self.cloud = cloud
        // Or the kernel would hold a body back until its head is acknowledged.
        var isOn: Int32 = 1
        _ = unsafe setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Answers requests until the peer or a fault ends the connection.
    func serve() {
        while let head = readHead() {
            requests += 1
            guard answer(head) else { return }
            if let most = cloud.options.requestsPerConnection, requests >= most { return }
        }
    }

    /// Answers one request; false if the connection is to be closed.
    private func answer(_ head: Head) -> Bool {
        let request = cloud.arrived(head, on: number, requests - 1)
        if request.fault == .sickConnection { isSick = true }
        if let isOpen = misread(request) { return isOpen }
        if head.header("expect")?.lowercased() == "100-continue" {
            guard write("HTTP/1.1 100 Continue\r\n\r\n") else { return false }
        }
        guard head.header("transfer-encoding") == nil else {
            // Where its body ends is not looked for, so the connection is closed after the answer.
            let refusal = CloudRefusal(501, "NotImplemented", "Transfer-Encoding is not implemented here.")
            _ = send(cloud.render(refusal, request), request)
            return false
        }
        guard let body = readBody(of: request) else { return false }
        let latency = Self.milliseconds(cloud.options.latency)
        if latency > 0, !wait(latency) { return false }
        let refusal = isSick ? cloud.slowDown(retryAfter: nil) : refusal(of: request)
        var answer = refusal.map { cloud.render($0, request) } ?? cloud.answer(request, body)
        if let isOpen = replace(&answer, request) { return isOpen }
        return send(answer, request)
    }

    // MARK: Faults

    /// What a fault does to a request before it is read; nil if it is to be read.
    private func misread(_ request: FakeCloud.Request) -> Bool? {
        switch request.fault {
        case .early(let status, let code, let isReset):
            let answer = cloud.render(CloudRefusal(status, code, "Refused before it was read."), request)
            return sendEarly(answer, request, isReset: isReset)
        case .earlyRedirect(let status, let place, let isReset):
            return sendEarly(cloud.render(Self.redirect(status, place), request), request, isReset: isReset)
        case .resetBeforeReading: return reset()
        case .resetInRequest(let count):
            _ = read(min(count, request.length ?? 0))
            return reset()
        case .closeInRequest(let count):
            _ = read(min(count, request.length ?? 0))
            return false
        case .blackHole: return wait(-1)
        default: return nil
        }
    }

    private func sendEarly(_ answer: CloudAnswer, _ request: FakeCloud.Request, isReset: Bool) -> Bool {
        guard send(answer, request) else { return false }
        if isReset { return reset() }
        return read(request.length ?? 0) != nil
    }

    /// Why a request is not done, by its fault.
    private func refusal(of request: FakeCloud.Request) -> CloudRefusal? {
        switch request.fault {
        case .slowDown(let seconds): return cloud.slowDown(retryAfter: seconds)
        case .tooManyRequests(let seconds):
            let headers = seconds.map { [(name: "Retry-After", value: "\($0)")] } ?? []
            return CloudRefusal(429, cloud.words.tooManyRequests, "Too many requests.", headers: headers)
        case .internalError: return CloudRefusal(500, cloud.words.internalError, "We encountered an internal error.")
        case .proxyError(let status): return CloudRefusal(status, "", "")  // `replace` writes the page
        case .expiredToken:
            return CloudRefusal(cloud.words.expiredTokenStatus, cloud.words.expiredToken, "The token has expired.")
        case .accessDenied: return CloudRefusal(403, cloud.words.accessDenied, "Access Denied")
        case .conflict: return CloudRefusal(cloud.words.conflictStatus, cloud.words.conflict, "There was a conflict.")
        case .notImplemented: return CloudRefusal(501, "NotImplemented", "This is not implemented.")
        case .refuse(let status, let code): return CloudRefusal(status, code, "Refused by a test.")
        case .redirect(let status, let place): return Self.redirect(status, place)
        case .hugeError(let size, let status):
            return CloudRefusal(status, cloud.words.internalError, String(repeating: "so sorry ", count: size / 9 + 1))
        case .errorIn200 where request.operation != .get && request.operation != .head:
            return CloudRefusal(200, cloud.words.internalError, "We encountered an internal error. Please try again.")
        case .cannotDelete where request.operation == .delete:
            return CloudRefusal(403, cloud.words.accessDenied, "Access Denied")
        default: return nil
        }
    }

    private static func redirect(_ status: Int, _ place: String) -> CloudRefusal {
        CloudRefusal(status, "TemporaryRedirect", "Please ask elsewhere.", headers: [("Location", place)])
    }

    /// Changes the answer by the fault; not nil if it has been sent, or never will be.
    private func replace(_ answer: inout CloudAnswer, _ request: FakeCloud.Request) -> Bool? {
        switch request.fault {
        case .proxyError(let status):
            let page = "<html>\r\n<head><title>\(status) \(CloudAnswer.reason(status))</title></head>\r\n</html>\r\n"
            answer = CloudAnswer(status: status, headers: [("Content-Type", "text/html")], body: Array(page.utf8))
        case .answerLost:
            cloud.answered(request, with: answer.status)
            return reset()
        case .silence:
            cloud.answered(request, with: answer.status)
            return wait(-1)
        case .resetInAnswer(let count):
            _ = send(answer, request, only: count)
            // What was sent would be thrown away with the rest.
            _ = wait(1)
            return reset()
        case .stall(let count): return send(answer, request, only: count) && wait(-1)
        case .closeSilently:
            _ = send(answer, request)
            return false
        case .wait(let duration):
            guard wait(Self.milliseconds(duration)) else { return false }
        case .spaces(let count, let pause): return sendAfterSpaces(answer, request, count, pause)
        case .trickle(let count, let pause): return send(answer, request, by: max(1, count), every: pause)
        case .errorIn200 where request.operation == .get:
            let refusal = CloudRefusal(200, cloud.words.internalError, "We encountered an internal error.")
            answer = cloud.render(refusal, request)
        case .emptyAnswer: answer.body = []
        case .cutAnswer: answer.body.removeLast((answer.body.count + 1) / 2)
        case .garbage: answer.body = (0..<257).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 13) }
        case .bomb: answer.body = Self.bomb(cloud.dialect)
        case .gzip:
            answer.headers.append(("Content-Encoding", "gzip"))
            answer.body = GzipText.encode(answer.body)
        case .bitFlip(let index) where !answer.body.isEmpty: answer.body[index % answer.body.count] ^= 0x10
        case .truncated(let count):
            answer.isChunked = false
            _ = send(answer, request, length: answer.body.count + count)
            return false
        default: break
        }
        return nil
    }

    private static func bomb(_ dialect: FakeCloud.Dialect) -> [UInt8] {
        if dialect == .googleCloud { return Array(repeating: UInt8(ascii: "["), count: 100_000) }
        var text = "<?xml version=\"1.0\"?>\n<!DOCTYPE Error [<!ENTITY a0 \"aaaaaaaaaa\">"
        for level in 1...10 {
            text += "<!ENTITY a\(level) \"" + String(repeating: "&a\(level - 1);", count: 10) + "\">"
        }
        return Array((text + "]>\n<ListBucketResult><Name>&a10;</Name></ListBucketResult>").utf8)
    }

    // MARK: Reading

    /// The next head; nil if the connection ended, or sent something that is none.
    private func readHead() -> Head? {
        var searched = 0
        while true {
            if let end = Self.endOfHead(in: pending, from: max(0, searched - 3)) {
                let lines = String(decoding: pending[..<end], as: UTF8.self).split(separator: "\r\n")
                pending.removeFirst(end + 4)
                return Self.head(lines)
            }
            searched = pending.count
            if searched == 0, let limit = cloud.options.idleLimit {
                guard LoopbackSocket.hasInput(within: Self.milliseconds(limit), socket) else { return nil }
            }
            guard searched < 64 * 1024, readMore() else { return nil }
        }
    }

    private static func head(_ lines: [Substring]) -> Head? {
        let words = lines.first?.split(separator: " ", omittingEmptySubsequences: false) ?? []
        guard words.count == 3, words[2] == "HTTP/1.1", words[1].hasPrefix("/") else { return nil }
        var head = Head(method: String(words[0]), target: String(words[1]), headers: [])
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].utf8.drop { $0 == 0x20 || $0 == 0x9 }
            let end = value.lastIndex { $0 != 0x20 && $0 != 0x9 }.map { value.index(after: $0) } ?? value.startIndex
            head.headers.append((String(line[..<colon]), String(decoding: value[..<end], as: UTF8.self)))
        }
        // RFC 9112 section 3.2: one Host, or it is no request.
        return head.headers.count { $0.name.lowercased() == "host" } == 1 ? head : nil
    }

    private static func endOfHead(in bytes: [UInt8], from start: Int) -> Int? {
        guard bytes.count >= start + 4 else { return nil }
        return (start...(bytes.count - 4)).first {
            bytes[$0] == 0x0D && bytes[$0 + 1] == 0x0A && bytes[$0 + 2] == 0x0D && bytes[$0 + 3] == 0x0A
        }
    }

    /// So many bytes of the body; nil if the connection ended before them.
    private func read(_ count: Int) -> [UInt8]? {
        let early = min(count, pending.count)
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            for index in 0..<early { unsafe buffer[index] = pending[index] }
            filled = early
            while filled < count {
                let rest = unsafe buffer.baseAddress.unsafelyUnwrapped + filled
                let got = unsafe recv(socket, rest, count - filled, 0)
                guard got > 0 else { return }
                filled += got
            }
        }
        pending.removeFirst(early)
        return bytes.count == count ? bytes : nil
    }

    private func readBody(of request: FakeCloud.Request) -> [UInt8]? {
        let length = request.length ?? 0
        guard case .slowReading(let step, let pause) = request.fault else { return read(length) }
        var body: [UInt8] = []
        while body.count < length {
            guard let piece = read(min(max(1, step), length - body.count)), wait(Self.milliseconds(pause)) else {
                return nil
            }
            body += piece
        }
        return body
    }

    private func readMore() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(socket, $0.baseAddress, $0.count, 0) }
        guard count > 0 else { return false }
        pending.append(contentsOf: buffer[..<count])
        return true
    }

    // MARK: Writing

    /// Sends an answer, or only so many bytes of its body; false if the peer no longer takes it.
    ///
    /// - Parameter length: stated instead of the body's own.
    private func send(
        _ answer: CloudAnswer,
        _ request: FakeCloud.Request,
        only most: Int = .max,
        length: Int? = nil
    ) -> Bool {
        cloud.answered(request, with: answer.status)
        let body = framed(answer, request)
        let head = Array(head(of: answer, request, length: length).utf8)
        return LoopbackSocket.write(head, to: socket)
            && LoopbackSocket.write(most < body.count ? Array(body[..<most]) : body, to: socket)
    }

    private func send(_ answer: CloudAnswer, _ request: FakeCloud.Request, by step: Int, every pause: Duration) -> Bool
    {
        cloud.answered(request, with: answer.status)
        guard write(head(of: answer, request, length: nil)) else { return false }
        var rest = framed(answer, request)[...]
        while !rest.isEmpty {
            guard LoopbackSocket.write(Array(rest.prefix(step)), to: socket), wait(Self.milliseconds(pause)) else {
                return false
            }
            rest = rest.dropFirst(step)
        }
        return true
    }

    private func sendAfterSpaces(
        _ answer: CloudAnswer,
        _ request: FakeCloud.Request,
        _ count: Int,
        _ pause: Duration
    ) -> Bool {
        cloud.answered(request, with: answer.status)
        var answer = answer
        answer.isChunked = true
        let declaration = answer.body.starts(with: "<?xml".utf8) ? answer.body.prefix { $0 != 0x0A } + [0x0A] : []
        let isSent = write(head(of: answer, request, length: nil)) && write(chunk: Array(declaration))
        guard isSent else { return false }
        for _ in 0..<count {
            guard wait(Self.milliseconds(pause)), write(chunk: [0x20]) else { return false }
        }
        answer.body.removeFirst(min(declaration.count, answer.body.count))
        return LoopbackSocket.write(framed(answer, request), to: socket)
    }

    private func head(of answer: CloudAnswer, _ request: FakeCloud.Request, length: Int?) -> String {
        var text = "HTTP/1.1 \(answer.status) \(CloudAnswer.reason(answer.status))\r\n"
        text += "Date: \(UTCTime(cloud.options.now()).http)\r\n"
        for (name, value) in answer.headers { text += "\(name): \(value)\r\n" }
        if answer.status == 204 || answer.status == 304 {
            // They have no body, and so no length.
        } else if answer.isChunked && request.method != "HEAD" {
            text += "Transfer-Encoding: chunked\r\n"
        } else {
            text += "Content-Length: \(length ?? answer.statedLength ?? answer.body.count)\r\n"
        }
        return text + "\r\n"
    }

    /// The body as it goes over the wire.
    private func framed(_ answer: CloudAnswer, _ request: FakeCloud.Request) -> [UInt8] {
        if request.method == "HEAD" || answer.status == 204 || answer.status == 304 { return [] }
        guard answer.isChunked else { return answer.body }
        // In two chunks, so that a reader of documents meets a border.
        let middle = answer.body.count / 2
        let pieces = [answer.body[..<middle], answer.body[middle...]].filter { !$0.isEmpty }
        return pieces.flatMap { Self.chunk(Array($0)) } + Array("0\r\n\r\n".utf8)
    }

    private static func chunk(_ bytes: [UInt8]) -> [UInt8] {
        Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [0x0D, 0x0A]
    }

    private func write(chunk: [UInt8]) -> Bool {
        chunk.isEmpty || LoopbackSocket.write(Self.chunk(chunk), to: socket)
    }

    private func write(_ text: String) -> Bool { LoopbackSocket.write(Array(text.utf8), to: socket) }

    // MARK: Being difficult

    /// Waits without reading; false once the peer has closed or the cloud stops.
    private func wait(_ milliseconds: Int32) -> Bool { LoopbackSocket.wait(milliseconds: milliseconds, on: socket) }

    private func reset() -> Bool {
        LoopbackSocket.resetWhenClosed(socket)
        return false
    }

    private static func milliseconds(_ duration: Duration) -> Int32 {
        let (seconds, attoseconds) = duration.components
        return Int32(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}
