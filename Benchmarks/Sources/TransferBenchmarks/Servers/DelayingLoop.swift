internal import Glibc

/// The one thread of a `DelayingProxy`: all its connections, by poll(2).
final class DelayingLoop {
    private let listener: Int32
    /// Ends when the proxy is to end.
    private let end: Int32
    private let server: UInt16
    private let delay: Duration
    private let pool = PiecePool()
    /// Both directions of each connection, at the socket that they read from.
    private var streams: [Int32: DelayedStream] = [:]

    init(listener: Int32, end: Int32, server: UInt16, delay: Duration) {
        self.listener = listener
        self.end = end
        self.server = server
        self.delay = delay
    }

    func run() {
        defer { for handle in [listener, end] + streams.keys { close(handle) } }
        while true {
            var entries = [
                pollfd(fd: end, events: 0, revents: 0), pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
            ]
            let now = ContinuousClock.now
            var next: ContinuousClock.Instant?
            for (handle, stream) in streams {
                var wanted = stream.wantsInput ? POLLIN : 0
                // What is to be written to this socket waits in the other direction.
                if let opposite = streams[stream.output], opposite.isBlocked { wanted |= POLLOUT }
                entries.append(pollfd(fd: handle, events: Int16(wanted), revents: 0))
                if let due = stream.due { next = min(next ?? due, due) }
            }
            // Milliseconds until something is due, to the nearest: on the average nothing is late.
            let timeout = next.map { max(0, Int32((now.duration(to: $0) / .milliseconds(1)).rounded())) } ?? -1
            guard unsafe poll(&entries, nfds_t(entries.count), timeout) >= 0 || errno == EINTR else { return }
            if entries[0].revents != 0 { return }
            if entries[1].revents != 0 { accept() }
            for entry in entries[2...] where entry.revents != 0 {
                if Int32(entry.revents) & ~POLLOUT != 0 { streams[entry.fd]?.read(pool) }
                if Int32(entry.revents) & POLLOUT != 0, let stream = streams[entry.fd] {
                    streams[stream.output]?.isBlocked = false
                }
            }
            let moment = ContinuousClock.now + .microseconds(500)
            for stream in streams.values { stream.write(until: moment, pool) }
            forget()
        }
    }

    private func accept() {
        let client = Glibc.accept(listener, nil, nil)
        guard client >= 0 else { return }
        let upstream = LoopbackPort.connected(server)
        guard upstream >= 0 else {
            close(client)
            return
        }
        for handle in [client, upstream] {
            _ = fcntl(handle, F_SETFD, FD_CLOEXEC)
            _ = fcntl(handle, F_SETFL, O_NONBLOCK)
            var isOn: Int32 = 1
            unsafe setsockopt(handle, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
        }
        // The client thinks that it is connected at once: its first bytes make up for that.
        let ready = ContinuousClock.now + delay * 2
        streams[client] = DelayedStream(from: client, to: upstream, delay: delay, notBefore: ready)
        streams[upstream] = DelayedStream(from: upstream, to: client, delay: delay, notBefore: ready)
    }

    /// Closes connections of which both directions have ended, or one is broken.
    private func forget() {
        for (handle, stream) in streams {
            guard let opposite = streams[stream.output] else { continue }
            guard stream.isBroken || opposite.isBroken || (stream.isDone && opposite.isDone) else { continue }
            for each in [stream, opposite] { each.drop(pool) }
            streams[handle] = nil
            streams[stream.output] = nil
            close(handle)
            close(stream.output)
        }
    }
}
