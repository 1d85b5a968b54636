/// What the faults do on a connection.
extension CloudConnection {
    /// What a fault does to a request before it is read; nil if it is to be read.
    func misread(_ request: FakeCloud.Request) -> Bool? {
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
    func refusal(of request: FakeCloud.Request) -> CloudRefusal? {
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
    func replace(_ answer: inout CloudAnswer, _ request: FakeCloud.Request) -> Bool? {
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
        case .wrongSum:
            for index in answer.headers.indices where answer.headers[index].name.lowercased().contains("-crc") {
                let isLong = answer.headers[index].value.utf8.count == 12
                answer.headers[index].value = isLong ? "AAAAAAAAAAA=" : "AAAAAA=="
            }
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

    // MARK: Slow answers

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
}
