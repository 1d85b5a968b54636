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

    let socket: Int32
    private let number: Int
    let cloud: FakeCloud
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
    func read(_ count: Int) -> [UInt8]? {
        // An array of no capacity is one that all threads share, and its count would be written.
        if count <= 0 { return [] }
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
    func send(
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

    func head(of answer: CloudAnswer, _ request: FakeCloud.Request, length: Int?) -> String {
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
    func framed(_ answer: CloudAnswer, _ request: FakeCloud.Request) -> [UInt8] {
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

    func write(chunk: [UInt8]) -> Bool {
        chunk.isEmpty || LoopbackSocket.write(Self.chunk(chunk), to: socket)
    }

    func write(_ text: String) -> Bool { LoopbackSocket.write(Array(text.utf8), to: socket) }

    // MARK: Being difficult

    /// Waits without reading; false once the peer has closed or the cloud stops.
    func wait(_ milliseconds: Int32) -> Bool { LoopbackSocket.wait(milliseconds: milliseconds, on: socket) }

    func reset() -> Bool {
        LoopbackSocket.resetWhenClosed(socket)
        return false
    }

    static func milliseconds(_ duration: Duration) -> Int32 {
        let (seconds, attoseconds) = duration.components
        return Int32(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}
