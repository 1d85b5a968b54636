internal import CLinux
internal import Glibc
internal import SystemPackage
internal import TransferEngine

/// A run's socket: `control.sock` in its directory, served by a thread of its own.
///
/// Only the same user and root are heard. Whoever connects gets bounded memory, bounded time, and an answer a line; the
/// answers come from values behind locks, so nothing that connects can hold up the run.
///
/// The thread ends, and the socket is gone, when `stop()` returns.
@safe
final class ControlServer: Sendable {
    static let name = "control.sock"
    private static let maxConnections = 16
    /// Seconds without a byte after which a connection is closed.
    private static let patience = 10

    private let directory: FilePath
    private let descriptor: Int32
    private let listener: Int32
    /// Written to in order to wake and end the thread.
    private let wake: (read: Int32, write: Int32)
    // Written before the thread is started and joined once, by `stop`.
    private nonisolated(unsafe) var thread = pthread_t()

    /// - Parameters:
    ///   - answer: what to answer to a line.
    ///   - tick: called about once a second.
    /// - Throws: `FileError`.
    init(
        in directory: FilePath,
        answer: @escaping @Sendable ([UInt8]) -> [UInt8],
        tick: @escaping @Sendable () -> Void
    ) throws(FileError) {
        self.directory = directory
        descriptor = unsafe directory.withPlatformString { unsafe open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw FileError("open", directory, Errno(rawValue: errno)) }
        try FileTree.remove(directory.appending(Self.name))  // of a killed run: the directory is held
        listener = unsafe clinux_listen_local(descriptor, Self.name)
        guard listener >= 0 else {
            let error = FileError("listen at", directory.appending(Self.name), Errno(rawValue: errno))
            close(descriptor)
            throw error
        }
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else {
            let error = FileError("listen at", directory.appending(Self.name), Errno(rawValue: errno))
            close(listener)
            close(descriptor)
            throw error
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        wake = (ends[0], ends[1])
        let loop = Loop(listener: listener, wake: ends[0], answer: answer, tick: tick)
        let box = unsafe Unmanaged.passRetained(loop)
        let code = unsafe pthread_create(
            &thread,
            nil,
            { context in
                // The pointer is the box passed below, never nil.
                // swift-format-ignore: NeverForceUnwrap
                unsafe Unmanaged<Loop>.fromOpaque(context!).takeRetainedValue().run()
                return nil
            },
            box.toOpaque()
        )
        precondition(code == 0, "cannot start a thread: error \(code)")
    }

    /// Ends the thread, closes every connection and removes the socket; called once.
    func stop() {
        var byte: UInt8 = 0
        _ = unsafe write(wake.write, &byte, 1)
        unsafe pthread_join(thread, nil)
        for end in [wake.read, wake.write, listener, descriptor] { close(end) }
        try? FileTree.remove(directory.appending(Self.name))
    }

    /// The thread's own: nobody else touches it once it runs.
    private final class Loop {
        private struct Connection {
            let socket: Int32
            var input: [UInt8] = []
            var output: [UInt8] = []
            var deadline: Int
        }

        private let listener: Int32
        private let wake: Int32
        private let answer: @Sendable ([UInt8]) -> [UInt8]
        private let tick: @Sendable () -> Void
        private var connections: [Connection] = []
        private var lastTick = 0

        init(
            listener: Int32,
            wake: Int32,
            answer: @escaping @Sendable ([UInt8]) -> [UInt8],
            tick: @escaping @Sendable () -> Void
        ) {
            self.listener = listener
            self.wake = wake
            self.answer = answer
            self.tick = tick
        }

        func run() {
            unsafe clinux_name_thread("ringvault-ctl")
            while turn() {}
            for connection in connections { close(connection.socket) }
        }

        /// - Returns: false once the thread is to end.
        private func turn() -> Bool {
            var entries = [pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
            entries.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0))
            for connection in connections {
                // Who does not take its answers is not heard either.
                let events = connection.output.isEmpty ? POLLIN : POLLOUT
                entries.append(pollfd(fd: connection.socket, events: Int16(events), revents: 0))
            }
            _ = unsafe poll(&entries, nfds_t(entries.count), 1000)
            if entries[0].revents != 0 { return false }
            let now = Self.seconds
            for index in connections.indices.reversed() {
                let isReady = entries[index + 2].revents != 0
                if isReady ? serve(index, now) : now < connections[index].deadline { continue }
                close(connections[index].socket)
                connections.remove(at: index)
            }
            if entries[1].revents != 0 { accept(now) }
            if now > lastTick {
                lastTick = now
                tick()
            }
            return true
        }

        private func accept(_ now: Int) {
            let socket = clinux_accept(listener)
            guard socket >= 0 else { return }
            var user: UInt32 = .max
            guard unsafe clinux_peer_user(socket, &user) == 0, user == geteuid() || user == 0 else {
                close(socket)
                return
            }
            if connections.count == ControlServer.maxConnections,
                // Who has been silent for longest makes room: nobody can keep others out.
                let oldest = connections.indices.min(by: { connections[$0].deadline < connections[$1].deadline })
            {
                close(connections[oldest].socket)
                connections.remove(at: oldest)
            }
            connections.append(Connection(socket: socket, deadline: now + ControlServer.patience))
        }

        /// - Returns: whether the connection stays.
        private func serve(_ index: Int, _ now: Int) -> Bool {
            if connections[index].output.isEmpty {
                guard read(index) else { return false }
            }
            guard write(index) else { return false }
            connections[index].deadline = now + ControlServer.patience
            return true
        }

        private func read(_ index: Int) -> Bool {
            var buffer = [UInt8](repeating: 0, count: ControlRequest.maxBytes)
            let socket = connections[index].socket
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(socket, $0.baseAddress, $0.count, 0) }
            guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EINTR) }
            connections[index].input += buffer[..<count]
            while let end = connections[index].input.firstIndex(of: 0x0A) {
                connections[index].output += answer(Array(connections[index].input[..<end]))
                connections[index].input.removeFirst(end + 1)
            }
            return connections[index].input.count < ControlRequest.maxBytes
        }

        private func write(_ index: Int) -> Bool {
            let connection = connections[index]
            guard !connection.output.isEmpty else { return true }
            let count = unsafe connection.output.withUnsafeBytes {
                unsafe send(connection.socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count >= 0 else { return errno == EAGAIN || errno == EINTR }
            connections[index].output.removeFirst(count)
            return true
        }

        private static var seconds: Int {
            var time = timespec()
            unsafe clock_gettime(CLOCK_MONOTONIC, &time)
            return time.tv_sec
        }
    }
}
