internal import Glibc

/// A TCP port of the loopback interface.
enum LoopbackPort {
    /// One that nobody uses now; somebody may before it is taken.
    static func free() throws(BenchmarkError) -> UInt16 {
        let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard handle >= 0 else { throw BenchmarkError("cannot make a socket: errno \(errno)") }
        defer { close(handle) }
        return try bound(handle)
    }

    /// Binds the socket to a port of the kernel's choice.
    static func bound(_ handle: Int32) throws(BenchmarkError) -> UInt16 {
        var place = address(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let answer = unsafe withUnsafeMutablePointer(to: &place) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe bind(handle, generic, size) == 0 && getsockname(handle, generic, &size) == 0
            }
        }
        guard answer else { throw BenchmarkError("cannot get a port of 127.0.0.1: errno \(errno)") }
        return UInt16(bigEndian: place.sin_port)
    }

    /// Whether something accepts connections there.
    static func answers(_ port: UInt16) -> Bool {
        let handle = connected(port)
        if handle >= 0 { close(handle) }
        return handle >= 0
    }

    /// - Returns: a socket with a connection to that port, negative if there is none to be had.
    static func connected(_ port: UInt16) -> Int32 {
        let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard handle >= 0 else { return -1 }
        var place = address(port)
        let answer = unsafe withUnsafeMutablePointer(to: &place) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe connect(handle, generic, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if answer == 0 { return handle }
        close(handle)
        return -1
    }

    private static func address(_ port: UInt16) -> sockaddr_in {
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = port.bigEndian
        place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return place
    }
}
