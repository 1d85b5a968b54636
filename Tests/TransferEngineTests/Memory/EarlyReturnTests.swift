import Glibc
import TestSupport
import Testing

@testable import TransferEngine

@Suite(.timeLimit(.minutes(5))) struct `Memory that goes back early` {
    private static let size = 16 * BufferPool.unit

    /// A lease of the whole pool, full, whose memory may go back early.
    private static func lease(_ pool: BufferPool, _ early: EarlyReturn, _ bytes: [UInt8]) async throws -> BufferLease {
        var lease = try await pool.lease(pool.limit)
        lease.append { output in for byte in bytes { output.append(byte) } }
        lease.allow(early)
        return lease
    }

    @Test func `is leased anew before the answer is there, and the body came whole`() async throws {
        let bytes = Content.random(Self.size, seed: 7)
        let mayAnswer = ServerGate()
        let server = HTTPFaultServer([
            "/a": .deciding { _, body in
                mayAnswer.wait()
                return (200, SHA256.digest(of: body.span).bytes)
            }
        ])
        defer { server.stop() }
        let pool = BufferPool(limit: Self.size)
        let early = EarlyReturn()
        let client = HTTPClient()
        let url = server.url("/a")
        async let answer = {
            let lease = try await Self.lease(pool, early, bytes)
            let answer = try await client.collect(HTTPRequest(.put, url), body: lease, atMost: 100)
            let count = lease.count
            return (answer.body, count)
        }()
        var arrivals = server.arrivals.makeAsyncIterator()
        _ = await arrivals.next()
        // All of the pool: there would be none of it as long as the request has any.
        let next = try await pool.lease(Self.size)
        #expect(early.hasLeft)
        mayAnswer.open()
        let (body, count) = try await answer
        #expect(body == SHA256.digest(of: bytes.span).bytes)
        #expect(count == Self.size)
        _ = consume next
        // Given back once, not twice.
        let again = try await pool.lease(Self.size)
        let capacity = again.capacity
        #expect(capacity == Self.size)
    }

    @Test func `is not sent a second time`() async throws {
        let server = HTTPFaultServer(["/a": .raw([])])
        defer { server.stop() }
        let early = EarlyReturn()
        let lease = try await Self.lease(BufferPool(limit: Self.size), early, Content.random(Self.size))
        for _ in 0..<2 {
            let error = await failure { () async throws(HTTPError) in
                try await HTTPClient().send(HTTPRequest(.put, server.url("/a")), body: lease)
            }
            #expect(error?.code == .connectionLost)
            #expect(error?.isTransient == true)
        }
        #expect(early.hasLeft)
        #expect(server.seen.count == 1)
    }

    /// The rewind that libcurl does by itself needs the body.
    @Test func `is not rewound for a connection that died`() async throws {
        let server = HTTPFaultServer(["/a": .closeSecondRequest])
        defer { server.stop() }
        let client = HTTPClient()
        let pool = BufferPool(limit: Self.size)
        var failures = 0
        for _ in 0..<6 {
            let early = EarlyReturn()
            let lease = try await Self.lease(pool, early, Content.random(Self.size))
            let error = await failure { () async throws(HTTPError) in
                try await client.send(HTTPRequest(.put, server.url("/a")), body: lease)
            }
            guard let error else { continue }
            failures += 1
            // Also where it died while the body was still going out, and the memory is there.
            #expect(error.code == .connectionLost)
            #expect(error.isTransient)
        }
        // Each one is either sent whole from memory that was still there, or told as lost.
        #expect(failures < 6)
    }

    @Test func `stays where it is small, and where it is no pool's`() async throws {
        let pool = BufferPool(limit: Self.size)
        let early = EarlyReturn()
        var small = try await pool.lease(BufferPool.unit)
        small.allow(early)
        var heap = BufferLease(copying: [UInt8](repeating: 1, count: Self.size))
        heap.allow(early)
        early.leave()
        let left = [small.hasLeft, heap.hasLeft, early.hasLeft]
        #expect(left == [false, false, false])
    }

    @Test func `goes back with its lease where nobody has sent it`() async throws {
        let pool = BufferPool(limit: Self.size)
        let early = EarlyReturn()
        do { _ = try await Self.lease(pool, early, [1, 2, 3]) }
        let next = try await pool.lease(Self.size)
        let capacity = next.capacity
        #expect(capacity == Self.size)
        #expect(!early.hasLeft)
    }

    @Test func `cannot be read any more`() async {
        await #expect(processExitsWith: .failure) {
            let early = EarlyReturn()
            let lease = try await Self.lease(BufferPool(limit: Self.size), early, [1, 2, 3])
            early.leave()
            _ = lease.bytes
        }
    }
}

/// Lets a server's thread wait for a test.
private final class ServerGate: Sendable {
    private let isOpen = ThreadLock(false)

    func open() { isOpen.withLock { $0 = true } }

    func wait() { while !isOpen.withLock({ $0 }) { usleep(1000) } }
}
