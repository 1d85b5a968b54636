internal import Glibc

/// TCP sockets on loopback; programs that tests start do not get them.
enum LoopbackSocket {
    private static let stream = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)

    /// A listening socket on a free port of `::1`; nil if the machine has no IPv6.
    static func listenIPv6() -> (socket: Int32, port: UInt16)? {
        let socket = Glibc::socket(AF_INET6, stream, 0)
        guard socket >= 0 else { return nil }
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_addr = in6addr_loopback
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(socket, pointer, length) == 0 && Glibc::listen(socket, 1024) == 0
                    && getsockname(socket, pointer, &length) == 0
            }
        }
        if isBound { return (socket, UInt16(bigEndian: address.sin6_port)) }
        close(socket)
        return nil
    }

    /// The next connection; nil once the listening socket is shut down.
    static func accept(_ listener: Int32) -> Int32? {
        let socket = Glibc::accept(listener, nil, nil)
        guard socket >= 0 else { return nil }
        _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
        return socket
    }

    /// A socket connected to the one at this path; nil if there is none.
    static func connect(path: String) -> Int32? {
        let socket = Glibc::socket(AF_UNIX, stream, 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { place in
            precondition(path.utf8.count < place.count, "the path is too long for a socket")
            unsafe place.copyBytes(from: path.utf8)
        }
        let code = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe Glibc::connect(socket, pointer, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        if code == 0 { return socket }
        close(socket)
        return nil
    }

    /// Carries bytes both ways between two sockets, until either closes.
    static func join(_ first: Int32, _ second: Int32) {
        var entries = [first, second].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while unsafe poll(&entries, 2, -1) > 0 {
            for (index, entry) in entries.enumerated() where entry.revents != 0 {
                let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(entry.fd, $0.baseAddress, $0.count, 0) }
                guard count > 0, write(Array(buffer[..<count]), to: entries[1 - index].fd) else { return }
            }
        }
    }

    /// Listening sockets on a free port of 127.0.0.1 and of the addresses after it.
    static func listen(addresses: Int) -> (sockets: [Int32], port: UInt16) {
        for _ in 0..<100 {
            let (first, port) = listen()
            let others = (1..<addresses).map { listen(port: port, offset: UInt32($0)) }
            if let others = others as? [Int32] { return ([first] + others, port) }
            // Somebody has this port on one of them.
            for socket in [first] + others.compactMap({ $0 }) { close(socket) }
        }
        preconditionFailure("no port is free on \(addresses) loopback addresses")
    }

    private static func listen(port: UInt16, offset: UInt32) -> Int32? {
        let socket = Glibc::socket(AF_INET, stream, 0)
        var address = address(port: port, offset: offset)
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(socket, pointer, length) == 0 && Glibc::listen(socket, 1024) == 0
            }
        }
        if isBound { return socket }
        close(socket)
        return nil
    }

    /// The address that a connection came to, such as `127.0.0.3`.
    static func localAddress(of socket: Int32) -> String {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe getsockname(socket, pointer, &length)
            }
        }
        let number = UInt32(bigEndian: address.sin_addr.s_addr)
        return [24, 16, 8, 0].map { "\(number >> $0 & 0xFF)" }.joined(separator: ".")
    }

    /// A listening socket on a free port.
    static func listen() -> (socket: Int32, port: UInt16) {
        let socket = Glibc::socket(AF_INET, stream, 0)
        var address = address(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(socket, pointer, length) == 0 && Glibc::listen(socket, 1024) == 0
                    && getsockname(socket, pointer, &length) == 0
            }
        }
        precondition(isBound, "cannot listen on loopback: error \(errno)")
        return (socket, UInt16(bigEndian: address.sin_port))
    }

    /// A socket connected to a port on loopback; nil if nobody listens there.
    static func connect(port: UInt16) -> Int32? {
        let socket = Glibc::socket(AF_INET, stream, 0)
        var address = address(port: port)
        let code = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe Glibc::connect(socket, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if code == 0 { return socket }
        close(socket)
        return nil
    }

    /// Sends all of `bytes`; false once the peer no longer takes them.
    static func write(_ bytes: [UInt8], to socket: Int32) -> Bool {
        unsafe bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[sent...])
                let count = unsafe send(socket, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }
    }

    /// Waits without reading, for ever if negative; false once the peer has closed or the socket was shut down.
    static func wait(milliseconds: Int32, on socket: Int32) -> Bool {
        let peerClosed: Int16 = 0x2000  // POLLRDHUP, which Glibc's module map hides
        var entry = pollfd(fd: socket, events: peerClosed, revents: 0)
        return unsafe poll(&entry, 1, milliseconds) == 0
    }

    /// Waits for something to read, which is also the end of the connection; false if there was nothing.
    static func hasInput(within milliseconds: Int32, _ socket: Int32) -> Bool {
        var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&entry, 1, milliseconds) != 0
    }

    /// Has `close` reset the connection: a linger time of zero throws away what is unsent.
    static func resetWhenClosed(_ socket: Int32) {
        var option = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(socket, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    private static func address(port: UInt16, offset: UInt32 = 0) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = (0x7F00_0001 + offset).bigEndian
        return address
    }
}
