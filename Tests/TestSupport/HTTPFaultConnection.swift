internal import Glibc

/// One connection of a fault server; used by its thread alone.
final class HTTPFaultConnection {
    private let socket: Int32
    private let number: Int
    private let server: HTTPFaultServer
    /// Bytes read beyond the head that they came with.
    private var pending: [UInt8] = []
    private var requests = 0

    init(_ socket: Int32, _ number: Int, _ server: HTTPFaultServer) {
        self.socket = socket
        self.number = number
        self.server = server
    }

    /// Answers requests until the peer or a script ends the connection.
    func serve() {
        while let request = readHead() {
            server.note(request)
            requests += 1
            if request.method == "CONNECT", !server.hasScript(for: request.target) { return tunnel(to: request.target) }
            guard play(server.script(for: request.target), request) else { return }
        }
    }

    /// Plays a script; false if the connection is to be closed.
    private func play(_ script: HTTPFaultScript, _ request: HTTPFaultServer.Seen) -> Bool {
        switch script {
        case .answer(let status, let headers, let body):
            guard readBody(of: request) != nil else { return false }
            return answer(status, headers, request.method == "HEAD" ? [] : body, length: body.count)
        case .store: return store(request)
        case .echo:
            guard let body = readBody(of: request) else { return false }
            return answer(200, [], body)
        case .deciding(let decide):
            guard let body = readBody(of: request) else { return false }
            let decision = decide(request, body)
            return answer(decision.status, [], decision.body)
        case .closeAfterAnswer:
            if readBody(of: request) != nil { _ = answer(200, [], Array("bye".utf8)) }
            return false
        case .closeSecondRequest:
            guard requests == 1, readBody(of: request) != nil else { return false }
            return answer(200, [], Array("first".utf8))
        case .raw(let bytes):
            if readBody(of: request) != nil { _ = write(bytes) }
            return false
        case .resetMidBody(let stated, let sent):
            guard readBody(of: request) != nil else { return false }
            _ = answer(200, [], [UInt8](repeating: 7, count: sent), length: stated)
            return resetConnection()
        case .reset: return resetConnection()
        case .early(let status, let headers, let body):
            guard answer(status, headers, body) else { return false }
            while readMore() { pending.removeAll(keepingCapacity: true) }
            return false
        case .earlyReset(let status):
            _ = answer(status, [], [])
            return false
        case .stopReading: return wait(milliseconds: -1)
        case .silence:
            guard readBody(of: request) != nil else { return false }
            return wait(milliseconds: -1)
        case .trickle(let count, let milliseconds):
            guard readBody(of: request) != nil, answer(200, [], [], length: count) else { return false }
            for _ in 0..<count {
                guard wait(milliseconds: milliseconds), write([7]) else { return false }
            }
            return true
        case .stall(let stated, let sent):
            guard readBody(of: request) != nil,
                answer(200, [], [UInt8](repeating: 7, count: sent), length: stated)
            else { return false }
            return wait(milliseconds: -1)
        case .huge(let count, let isStated):
            guard readBody(of: request) != nil, answer(200, [], [], length: isStated ? count : nil) else {
                return false
            }
            let block = [UInt8](repeating: 7, count: 64 * 1024)
            for _ in 0..<(count / block.count) {
                guard write(block) else { return false }
            }
            return false
        case .chunked(let pieces, let isWhole):
            guard readBody(of: request) != nil, write(Array(head(200, ["Transfer-Encoding: chunked"]).utf8)) else {
                return false
            }
            for piece in pieces {
                let size = String(piece.count, radix: 16)
                guard write(Array("\(size)\r\n".utf8) + piece + Array("\r\n".utf8)) else { return false }
            }
            return isWhole && write(Array("0\r\nX-Trailer: late\r\n\r\n".utf8))
        case .slow(let milliseconds, let body):
            guard readBody(of: request) != nil, wait(milliseconds: milliseconds) else { return false }
            return answer(200, [], body)
        }
    }

    private func store(_ request: HTTPFaultServer.Seen) -> Bool {
        guard let body = readBody(of: request) else { return false }
        switch request.method {
        case "PUT":
            server.setObject(body, request.target)
            return answer(200, [], [])
        case "GET", "HEAD":
            guard let object = server.object(request.target) else { return answer(404, [], Array("no object".utf8)) }
            return answer(200, [], request.method == "HEAD" ? [] : object, length: object.count)
        case "DELETE":
            server.setObject(nil, request.target)
            return write(Array(head(204, []).utf8))
        default: return answer(405, [], [])
        }
    }

    // MARK: Reading

    private func readHead() -> HTTPFaultServer.Seen? {
        let end = Array("\r\n\r\n".utf8)
        var searched = 0
        while true {
            if let at = Self.index(of: end, in: pending, from: max(0, searched - 3)) {
                let lines = String(decoding: pending[..<at], as: UTF8.self).split(separator: "\r\n")
                pending.removeFirst(at + end.count)
                let words = lines.first?.split(separator: " ") ?? []
                guard words.count == 3 else { return nil }
                return HTTPFaultServer.Seen(
                    connection: number,
                    address: LoopbackSocket.localAddress(of: socket),
                    method: String(words[0]),
                    target: String(words[1]),
                    headers: lines.dropFirst().map(String.init)
                )
            }
            searched = pending.count
            guard readMore() else { return nil }
        }
    }

    /// The request's body; nil if the connection ended before it did.
    private func readBody(of request: HTTPFaultServer.Seen) -> [UInt8]? {
        let length = request.header("Content-Length").flatMap { Int($0) } ?? 0
        pending.reserveCapacity(length)
        while pending.count < length {
            guard readMore() else { return nil }
        }
        let body = Array(pending[..<length])
        pending.removeFirst(length)
        return body
    }

    private func readMore() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(socket, $0.baseAddress, $0.count, 0) }
        guard count > 0 else { return false }
        pending.append(contentsOf: buffer[..<count])
        return true
    }

    private static func index(of sought: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        guard bytes.count >= start + sought.count else { return nil }
        return (start...(bytes.count - sought.count)).first { bytes[$0..<$0 + sought.count].elementsEqual(sought) }
    }

    // MARK: Writing

    private func head(_ status: Int, _ headers: [String]) -> String {
        "HTTP/1.1 \(status) Scripted\r\n" + headers.map { $0 + "\r\n" }.joined() + "\r\n"
    }

    /// - Parameter length: stated instead of the body's own.
    private func answer(_ status: Int, _ headers: [String], _ body: [UInt8]) -> Bool {
        answer(status, headers, body, length: body.count)
    }

    private func answer(_ status: Int, _ headers: [String], _ body: [UInt8], length: Int?) -> Bool {
        let stated = length.map { ["Content-Length: \($0)"] } ?? ["Connection: close"]
        return write(Array(head(status, headers + stated).utf8) + body)
    }

    private func write(_ bytes: [UInt8]) -> Bool { LoopbackSocket.write(bytes, to: socket) }

    // MARK: Being difficult

    /// Waits without reading; false once the peer has closed or the server stops.
    private func wait(milliseconds: Int32) -> Bool { LoopbackSocket.wait(milliseconds: milliseconds, on: socket) }

    private func resetConnection() -> Bool {
        LoopbackSocket.resetWhenClosed(socket)
        return false
    }

    /// Carries bytes both ways between the peer and a port on loopback, until either closes.
    private func tunnel(to authority: String) {
        guard let port = authority.split(separator: ":").last.flatMap({ UInt16($0) }),
            let other = LoopbackSocket.connect(port: port)
        else {
            _ = answer(502, [], [])
            return
        }
        guard server.enter(other, number) else {
            close(other)
            return
        }
        defer { server.leave(other) }
        guard write(Array(head(200, []).utf8)) else { return }
        LoopbackSocket.join(socket, other)
    }
}
