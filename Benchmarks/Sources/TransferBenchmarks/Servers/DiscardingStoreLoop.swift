internal import Glibc

/// The one thread of a `DiscardingStore`: all its connections, by poll(2).
final class DiscardingStoreLoop {
    typealias Update = ((inout DiscardingStore.Flow) -> Void) -> Void

    private struct Connection {
        var head: [UInt8] = []
        var request: DiscardingRequest?
        /// Bytes of the body still to come.
        var missing = 0
        /// Of the body, if it is to be kept.
        var body: [UInt8] = []
        var due: ContinuousClock.Instant?
        var answer: ArraySlice<UInt8> = []
    }

    private struct Stored {
        let size: Int
        /// Nil of a blob.
        let bytes: [UInt8]?
    }

    private let listener: Int32
    /// Ends when the store is to end.
    private let end: Int32
    private let delay: Duration
    private let honoursConditions: Bool
    private let update: Update
    private var connections: [Int32: Connection] = [:]
    private var objects: [String: Stored] = [:]
    private var firstBlob: ContinuousClock.Instant?
    private var puts = 0
    private var buffer = [UInt8](repeating: 0, count: 1 << 18)

    init(listener: Int32, end: Int32, delay: Duration, honoursConditions: Bool, update: @escaping Update) {
        self.listener = listener
        self.end = end
        self.delay = delay
        self.honoursConditions = honoursConditions
        self.update = update
    }

    func run() {
        defer { for handle in [listener, end] + connections.keys { close(handle) } }
        while true {
            let handles = Array(connections.keys)
            var entries = [
                pollfd(fd: end, events: 0, revents: 0), pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
            ]
            for handle in handles {
                guard let connection = connections[handle] else { continue }
                // While an answer is due nothing is read: clients send one request after the other.
                let wanted = connection.due == nil ? POLLIN : 0
                entries.append(pollfd(fd: handle, events: Int16(wanted), revents: 0))
            }
            guard unsafe poll(&entries, nfds_t(entries.count), timeout()) >= 0 || errno == EINTR else { return }
            if entries[0].revents != 0 { return }
            if entries[1].revents != 0 { acceptOne() }
            for entry in entries[2...] where entry.revents != 0 { receive(entry.fd) }
            answerWhatIsDue()
        }
    }

    /// Milliseconds until the next answer, to the nearest: on the average none is late.
    private func timeout() -> Int32 {
        guard let next = connections.values.compactMap(\.due).min() else { return -1 }
        return max(0, Int32((ContinuousClock.now.duration(to: next) / .milliseconds(1)).rounded()))
    }

    private func acceptOne() {
        let handle = accept(listener, nil, nil)
        guard handle >= 0 else { return }
        _ = fcntl(handle, F_SETFD, FD_CLOEXEC)
        var isOn: Int32 = 1
        unsafe setsockopt(handle, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
        connections[handle] = Connection()
    }

    private func receive(_ handle: Int32) {
        guard var connection = connections[handle] else { return }
        let count = unsafe read(handle, &buffer, buffer.count)
        guard count > 0 else {
            close(handle)
            connections[handle] = nil
            return
        }
        // Taken out, so that it is not copied when it grows.
        connections[handle] = nil
        var bytes = buffer[..<count]
        if connection.request == nil {
            connection.head += bytes
            guard let request = DiscardingRequest(connection.head) else {
                connections[handle] = connection
                return
            }
            bytes = connection.head[request.headCount...]
            connection.head = []
            connection.missing = request.bodyCount
            connection.request = request
            begin(request)
        }
        if let request = connection.request {
            connection.missing -= bytes.count
            if !request.isBlob { connection.body += bytes }
            if connection.missing <= 0 {
                connection.answer = answer(request, connection.body)[...]
                connection.body = []
                connection.due = .now + delay
            }
        }
        connections[handle] = connection
    }

    private func answerWhatIsDue() {
        let now = ContinuousClock.now + .microseconds(500)
        for (handle, connection) in connections {
            guard let due = connection.due, due <= now, let request = connection.request else { continue }
            // Short answers, which the socket's buffer takes whole.
            let sent = unsafe connection.answer.withUnsafeBytes {
                unsafe send(handle, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            finish(request)
            connections[handle] = Connection()
            if sent != connection.answer.count {
                close(handle)
                connections[handle] = nil
            }
        }
    }

    // MARK: Counting

    private func begin(_ request: DiscardingRequest) {
        if request.isBlob, firstBlob == nil { firstBlob = .now }
        if request.isBlob, request.method == "PUT" { puts += 1 }
        update { [puts] flow in
            flow.requests.add(request.method)
            flow.mostPuts = max(flow.mostPuts, puts)
        }
    }

    private func finish(_ request: DiscardingRequest) {
        guard request.isBlob, request.method == "PUT", let firstBlob else { return }
        puts -= 1
        update { flow in
            flow.bytes += request.bodyCount
            flow.seconds = firstBlob.duration(to: .now) / .seconds(1)
        }
    }

    // MARK: Objects

    private func answer(_ request: DiscardingRequest, _ body: [UInt8]) -> [UInt8] {
        let object = objects[request.path]
        switch request.method {
        case "PUT":
            if honoursConditions, request.isCreateOnly, object != nil {
                return Self.response("412 Precondition Failed")
            }
            objects[request.path] = Stored(size: request.bodyCount, bytes: request.isBlob ? nil : body)
            return Self.response("200 OK", "ETag: \"1\"\r\n")
        case "GET" where request.isOfBucket:
            return Self.response(
                "200 OK",
                body: Array(
                    "<ListBucketResult><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>".utf8
                )
            )
        case "HEAD":
            guard let object else { return Self.response("404 Not Found") }
            return Self.response("200 OK", count: object.size)
        case "GET":
            guard let bytes = object?.bytes else { return Self.response("404 Not Found") }
            guard let range = request.range?.clamped(to: 0..<bytes.count), !range.isEmpty else {
                return Self.response("200 OK", body: bytes)
            }
            let place = "Content-Range: bytes \(range.lowerBound)-\(range.upperBound - 1)/\(bytes.count)\r\n"
            return Self.response("206 Partial Content", place, body: Array(bytes[range]))
        case "DELETE":
            objects[request.path] = nil
            return Self.response("204 No Content")
        default: return Self.response("501 Not Implemented")
        }
    }

    /// - Parameter count: what Content-Length says, if there is no body to count.
    private static func response(
        _ status: String,
        _ headers: String = "",
        body: [UInt8] = [],
        count: Int? = nil
    ) -> [UInt8] {
        Array("HTTP/1.1 \(status)\r\nContent-Length: \(count ?? body.count)\r\n\(headers)\r\n".utf8) + body
    }
}
