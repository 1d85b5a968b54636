internal import Glibc
internal import Synchronization

/// The one thread of a `DiscardingStore`: all its connections, by poll(2).
final class DiscardingLoop {
    private struct Connection {
        var head: [UInt8] = []
        var request: DiscardingRequest?
        /// Bytes of the body still to come.
        var missing = 0
        /// Of the body, if it is to be kept.
        var body: [UInt8] = []
    }

    private struct Stored {
        let size: Int
        /// Nil where they were thrown away.
        let bytes: [UInt8]?
    }

    private let listener: Int32
    /// Ends when the store is to end.
    private let end: Int32
    private let counters: DiscardingStore.Counters
    private var connections: [Int32: Connection] = [:]
    private var objects: [String: Stored] = [:]
    private var era = 0
    private var buffer = [UInt8](repeating: 0, count: 1 << 18)

    init(listener: Int32, end: Int32, counters: DiscardingStore.Counters) {
        self.listener = listener
        self.end = end
        self.counters = counters
    }

    func run() {
        defer { for handle in [listener, end] + connections.keys { close(handle) } }
        while true {
            var entries = [
                pollfd(fd: end, events: 0, revents: 0), pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
            ]
            for handle in connections.keys {
                entries.append(pollfd(fd: handle, events: Int16(POLLIN), revents: 0))
            }
            guard unsafe poll(&entries, nfds_t(entries.count), -1) >= 0 || errno == EINTR else { return }
            if entries[0].revents != 0 { return }
            if entries[1].revents != 0 { acceptOne() }
            for entry in entries[2...] where entry.revents != 0 { receive(entry.fd) }
        }
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
        let count = unsafe read(handle, &buffer, buffer.count)
        // Taken out, so that it is not copied when it grows.
        guard count > 0, var connection = connections.removeValue(forKey: handle) else {
            close(handle)
            connections[handle] = nil
            return
        }
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
            if request.wantsWord { send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8), to: handle) }
        }
        guard let request = connection.request else { return }
        connection.missing -= bytes.count
        if !request.isContent { connection.body += bytes }
        guard connection.missing <= 0 else {
            connections[handle] = connection
            return
        }
        let isSent = send(answer(request, connection.body), to: handle)
        connections[handle] = isSent ? Connection() : nil
        if !isSent { close(handle) }
    }

    /// Whether all of it went: the socket blocks, so all of it goes.
    @discardableResult
    private func send(_ bytes: [UInt8], to handle: Int32) -> Bool {
        let sent = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.send(handle, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        return sent == bytes.count
    }

    private func begin(_ request: DiscardingRequest) {
        let current = counters.values.withLock { values in
            values.requests.add(request.method)
            if request.isContent { values.bytes += request.bodyCount }
            return values.era
        }
        if current != era { objects = [:] }
        era = current
    }

    // MARK: Objects

    private func answer(_ request: DiscardingRequest, _ body: [UInt8]) -> [UInt8] {
        let object = objects[request.path]
        switch request.method {
        case "PUT":
            if request.isCreateOnly, object != nil { return Self.response("412 Precondition Failed") }
            if !request.isPart {
                objects[request.path] = Stored(size: request.bodyCount, bytes: request.isContent ? nil : body)
            }
            return Self.response("200 OK", "ETag: \"1\"\r\n")
        case "POST": return Self.response("200 OK", body: Array(multipart(request).utf8))
        case "GET" where request.isOfBucket: return Self.response("200 OK", body: Array(Sink.listing.utf8))
        case "HEAD":
            guard let object else { return Self.response("404 Not Found") }
            return Self.response("200 OK", "ETag: \"1\"\r\n", count: object.size)
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

    /// A multipart upload begins, or ends: nobody asks for the object afterwards but for its being there.
    private func multipart(_ request: DiscardingRequest) -> String {
        guard request.query.contains("uploadId=") else { return Sink.initiated }
        objects[request.path] = Stored(size: 0, bytes: nil)
        return Sink.completed
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
