internal import Glibc
internal import Limits

/// A TCP connection of this process with itself: one thread sends, another receives, and each counts its own time.
///
/// What the kernel does for a sender on the loopback interface, it does at the sender's expense, up to the receiver's queue.
enum Loopback {
    /// CPU seconds for 10⁹ bytes.
    static func exchange(_ sample: Sample) throws(LimitsError) -> (sender: Double, receiver: Double) {
        let (from, to) = try connection()
        let receiver = unsafe Unmanaged.passRetained(Receiver(to, sample.count)).toOpaque()
        var thread = pthread_t()
        let answer = unsafe pthread_create(
            &thread,
            nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<Receiver>.fromOpaque(context).takeUnretainedValue().run()
                return nil
            },
            receiver
        )
        guard answer == 0 else { throw LimitsError("cannot start a thread: errno \(answer)") }
        let result = Result { () throws(LimitsError) in
            try ThreadClock.cost(of: sample.count) { () throws(LimitsError) in
                var offset = 0
                while offset < sample.count {
                    let size = min(512 << 10, sample.count - offset)
                    let count = unsafe Glibc.send(from, sample.bytes + offset, size, Int32(MSG_NOSIGNAL))
                    guard count > 0 else { throw LimitsError("cannot send: errno \(errno)") }
                    offset += count
                }
            }
        }
        shutdown(from, Int32(SHUT_WR))
        pthread_join(thread, nil)
        close(from)
        close(to)
        let seconds = unsafe Unmanaged<Receiver>.fromOpaque(receiver).takeRetainedValue().seconds
        return (try result.get(), seconds)
    }

    /// The receiving end; its thread alone uses it until it is joined.
    private final class Receiver {
        private let descriptor: Int32
        private let expected: Int
        private(set) var seconds = 0.0

        init(_ descriptor: Int32, _ expected: Int) {
            self.descriptor = descriptor
            self.expected = expected
        }

        func run() {
            var buffer = [UInt8](repeating: 0, count: 256 << 10)
            seconds = ThreadClock.cost(of: expected) { () throws(Never) in
                while unsafe recv(descriptor, &buffer, buffer.count, 0) > 0 {}
            }
        }
    }

    private static func connection() throws(LimitsError) -> (from: Int32, to: Int32) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let sender = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let isReady = unsafe withUnsafeMutablePointer(to: &place) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(listener, address, size) == 0 && listen(listener, 1) == 0
                    && getsockname(listener, address, &size) == 0 && connect(sender, address, size) == 0
            }
        }
        let receiver = isReady ? accept(listener, nil, nil) : -1
        guard receiver >= 0 else {
            close(sender)
            throw LimitsError("cannot connect to 127.0.0.1: errno \(errno)")
        }
        return (sender, receiver)
    }
}
