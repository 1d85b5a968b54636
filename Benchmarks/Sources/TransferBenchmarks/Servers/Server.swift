internal import FoundationEssentials
internal import Glibc

/// A program that serves others while they are measured, and never outlives this one.
///
/// A shell stands between: it ends the server when its standard input ends, and that is a pipe whose other end only this
/// process has. So the server goes however this process comes to its end, SIGKILL included.
final class Server {
    private let pid: pid_t
    private let lifeline: Int32

    private static let guardian = """
        "$@" </dev/null & child=$!
        trap : INT TERM
        read -r _
        kill "$child" 2>/dev/null
        wait "$child"
        """

    /// - Parameter log: where its standard output and error go.
    init(_ arguments: [String], log: String) throws(BenchmarkError) {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { throw BenchmarkError("cannot make a pipe: errno \(errno)") }
        defer { close(ends[0]) }
        // No other child may hold it open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        do throws(BenchmarkError) {
            let shell = Child(arguments: ["sh", "-c", Self.guardian, "sh"] + arguments)
            pid = try shell.start(log: log, input: ends[0])
        } catch {
            close(ends[1])
            throw error
        }
        lifeline = ends[1]
    }

    deinit {
        close(lifeline)
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
    }
}

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
        let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard handle >= 0 else { return false }
        defer { close(handle) }
        var place = address(port)
        return unsafe withUnsafeMutablePointer(to: &place) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe connect(handle, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func address(_ port: UInt16) -> sockaddr_in {
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = port.bigEndian
        place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return place
    }
}
