internal import Glibc
internal import TransferEngine

/// A small HTTP server on loopback that does what it is told to, also what no server should.
///
/// The path of a request picks its script. Each connection has a thread of its own, never one of the cooperative pool.
/// It is a proxy as well: CONNECT is tunnelled unless its authority has a script, a request for an absolute URL answered by the scripts.
package final class HTTPFaultServer: Sendable {
    /// A request whose head has been read.
    package struct Seen: Sendable {
        /// Counts connections from 0, in the order they were accepted.
        package let connection: Int
        /// Of the server, as the connection came to it: `127.0.0.1`, or another if it has several.
        package let address: String
        package let method: String
        /// As in the request line: a path, an absolute URL, or an authority.
        package let target: String
        /// In order, as "Name: value".
        package let headers: [String]

        /// The value of the first header of this name, which is compared as it stands.
        package func header(_ name: String) -> String? {
            headers.first { $0.hasPrefix(name + ": ") }.map { String($0.dropFirst(name.count + 2)) }
        }
    }

    private struct State {
        var seen: [Seen] = []
        var objects: [String: [UInt8]] = [:]
        var sockets: [Int32: Int] = [:]
        var threads: [pthread_t] = []
        var accepted = 0
        var isStopped = false
    }

    package let port: UInt16
    private let listeners: [Int32]
    private let scripts: [String: HTTPFaultScript]
    private let state = ThreadLock(State())
    /// Every request as its head is read: what a test waits for instead of sleeping.
    ///
    /// For one reader.
    package let arrivals: AsyncStream<Seen>
    private let arrivalsContinuation: AsyncStream<Seen>.Continuation

    /// - Parameters:
    ///   - scripts: by path, or by the beginning of a path that ends in "/".
    ///   - addresses: how many it listens at: 127.0.0.1, 127.0.0.2 and so on.
    package init(_ scripts: [String: HTTPFaultScript] = [:], addresses: Int = 1) {
        self.scripts = scripts
        (listeners, port) = LoopbackSocket.listen(addresses: addresses)
        (arrivals, arrivalsContinuation) = AsyncStream.makeStream()
        for listener in listeners { start { $0.acceptAll(from: listener) } }
    }

    /// One that listens at `::1` alone; nil if the machine has no IPv6.
    package init?(onIPv6 scripts: [String: HTTPFaultScript]) {
        guard let (listener, port) = LoopbackSocket.listenIPv6() else { return nil }
        self.scripts = scripts
        self.port = port
        listeners = [listener]
        (arrivals, arrivalsContinuation) = AsyncStream.makeStream()
        start { $0.acceptAll(from: listener) }
    }

    /// `http://127.0.0.1:port` and this path.
    package func url(_ path: String, scheme: String = "http") -> String { "\(scheme)://127.0.0.1:\(port)\(path)" }

    /// Connections accepted so far.
    package var accepted: Int { state.withLock { $0.accepted } }

    /// Requests so far, in the order their heads were read.
    package var seen: [Seen] { state.withLock { $0.seen } }

    /// Connections that are open at this moment.
    package var open: Int { state.withLock { $0.sockets.count } }

    /// Closes every connection and waits for every thread.
    package func stop() {
        let threads = state.withLock { state in
            state.isStopped = true
            for socket in state.sockets.keys { shutdown(socket, Int32(SHUT_RDWR)) }
            return state.threads
        }
        for listener in listeners { shutdown(listener, Int32(SHUT_RDWR)) }
        for thread in threads { pthread_join(thread, nil) }
        // One accepted while this stopped the others.
        let late = state.withLock { $0.threads.dropFirst(threads.count) }
        for thread in late { pthread_join(thread, nil) }
        for listener in listeners { close(listener) }
    }

    // MARK: For its connections

    func hasScript(for target: String) -> Bool { scripts[target] != nil }

    func script(for target: String) -> HTTPFaultScript {
        let path = Self.path(of: target)
        if let script = scripts[path] { return script }
        let found = scripts.first { $0.key.hasSuffix("/") && path.hasPrefix($0.key) }
        return found?.value ?? .answer(404, body: Array("no script".utf8))
    }

    func note(_ seen: Seen) {
        state.withLock { $0.seen.append(seen) }
        arrivalsContinuation.yield(seen)
    }

    /// What a PUT has stored under this path.
    package func object(_ target: String) -> [UInt8]? { state.withLock { $0.objects[Self.path(of: target)] } }

    func setObject(_ bytes: [UInt8]?, _ target: String) { state.withLock { $0.objects[Self.path(of: target)] = bytes } }

    /// Has `stop` shut this socket down; false if it has stopped already.
    func enter(_ socket: Int32, _ number: Int) -> Bool {
        state.withLock { state in
            guard !state.isStopped else { return false }
            state.sockets[socket] = number
            return true
        }
    }

    func leave(_ socket: Int32) {
        // Under the lock, so that `stop` cannot shut down another file that got the same number.
        state.withLock { state in
            state.sockets[socket] = nil
            _ = close(socket)
        }
    }

    private static func path(of target: String) -> String {
        let path: Substring
        if target.hasPrefix("http://") {
            path = target.dropFirst("http://".count).drop { $0 != "/" }
        } else {
            path = target[...]
        }
        return String(path.prefix { $0 != "?" })
    }

    // MARK: Threads

    private func acceptAll(from listener: Int32) {
        while true {
            guard let socket = LoopbackSocket.accept(listener) else { return }
            let number = state.withLock { state in
                state.accepted += 1
                return state.accepted - 1
            }
            guard enter(socket, number) else {
                close(socket)
                return
            }
            start { server in
                HTTPFaultConnection(socket, number, server).serve()
                server.leave(socket)
            }
        }
    }

    private func start(_ body: @escaping @Sendable (HTTPFaultServer) -> Void) {
        // Under the lock, so that `stop` joins every thread there is.
        state.withLock { state in
            state.threads.append(ServerThread.start { body(self) })
        }
    }
}
