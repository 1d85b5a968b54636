import Glibc
import Testing

@testable import TransferBenchmarks

@Suite struct DelayingProxyTests {
    /// A server of one connection: sends back what comes until that ends.
    private final class Echo {
        let port: UInt16
        private let listener: Int32

        init() throws {
            listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            port = try LoopbackPort.bound(listener)
            #expect(listen(listener, 1) == 0)
            var thread = pthread_t()
            let context = unsafe UnsafeMutableRawPointer(bitPattern: Int(listener))
            _ = unsafe pthread_create(
                &thread,
                nil,
                { context in
                    let handle = accept(Int32(Int(bitPattern: context)), nil, nil)
                    var buffer = [UInt8](repeating: 0, count: 1 << 16)
                    while case let count = unsafe read(handle, &buffer, buffer.count), count > 0 {
                        var sent = 0
                        while sent < count {
                            let more = unsafe buffer[sent..<count].withUnsafeBytes {
                                unsafe send(handle, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                            }
                            guard more > 0 else { break }
                            sent += more
                        }
                    }
                    close(handle)
                    return nil
                },
                context
            )
            pthread_detach(thread)
        }

        deinit { close(listener) }
    }

    /// Asks and waits on a thread of the pool: short, and alone in its suite.
    private static func exchange(_ bytes: [UInt8], on handle: Int32) -> [UInt8] {
        let sent = unsafe bytes.withUnsafeBytes { unsafe send(handle, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        #expect(sent == bytes.count)
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while answer.count < bytes.count, case let count = unsafe read(handle, &buffer, buffer.count), count > 0 {
            answer += buffer[..<count]
        }
        return answer
    }

    @Test(.timeLimit(.minutes(1))) func `bytes arrive unchanged, and no sooner than a round trip later`() throws {
        let echo = try Echo()
        let proxy = try DelayingProxy(to: echo.port, delay: .milliseconds(20))
        // Less than the sockets hold, so that sending does not wait for receiving.
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let start = ContinuousClock.now
        let handle = LoopbackPort.connected(proxy.port)
        defer { close(handle) }
        #expect(handle >= 0)
        #expect(Self.exchange(bytes, on: handle) == bytes)
        let first = start.duration(to: .now)
        let second = ContinuousClock().measure { #expect(Self.exchange(bytes, on: handle) == bytes) }
        // Half a millisecond each way is given away to the timer's steps.
        #expect(first >= .milliseconds(79))
        #expect(second >= .milliseconds(39))
        // The end of what is sent comes through as well.
        shutdown(handle, Int32(SHUT_WR))
        var byte: UInt8 = 0
        #expect(unsafe read(handle, &byte, 1) == 0)
    }
}
