import Glibc
import TestSupport
import Testing

@testable import TransferEngine

@Suite(.timeLimit(.minutes(5))) struct `An HTTP client under load` {
    @Test func `uses no more connections than it may, and uses them again`() async throws {
        let server = HTTPFaultServer(["/a": .echo])
        defer { server.stop() }
        let client = HTTPClient { $0.connectionsPerHost = 8 }
        let url = server.url("/a")
        try await withThrowingDiscardingTaskGroup { group in
            for _ in 0..<200 {
                group.addTask {
                    let answer = try await client.send(HTTPRequest(.get, url))
                    #expect(answer.isSuccess)
                }
            }
        }
        #expect(server.seen.count == 200)
        #expect(server.accepted <= 8)
    }

    @Test func `keeps connections to several hosts within its total`() async throws {
        let servers = (0..<4).map { _ in HTTPFaultServer(["/a": .echo]) }
        defer { for server in servers { server.stop() } }
        let client = HTTPClient { $0.connections = 6 }
        let urls = servers.map { $0.url("/a") }
        try await withThrowingDiscardingTaskGroup { group in
            for index in 0..<200 {
                group.addTask {
                    let answer = try await client.send(HTTPRequest(.get, urls[index % 4]))
                    #expect(answer.isSuccess)
                }
            }
        }
        #expect(servers.map(\.seen.count) == [50, 50, 50, 50])
        #expect(servers.allSatisfy { $0.accepted <= 6 })
    }

    /// 250 objects of a quarter of a mebibyte out and back: 64 MiB each way, in 4 MiB of memory.
    @Test func `carries every byte of many objects to where it belongs`() async throws {
        let server = HTTPFaultServer(["/o/": .store])
        defer { server.stop() }
        let client = HTTPClient { $0.connectionsPerHost = 16 }
        let pool = BufferPool(limit: 4 << 20)
        let size = 256 << 10
        let noise = Noise(count: size * 2)
        try await withThrowingDiscardingTaskGroup { group in
            for index in 0..<250 {
                group.addTask {
                    let url = server.url("/o/\(index)")
                    let count = size - index
                    var lease = try await pool.lease(size)
                    noise.fill(&lease, from: index * 1009, count: count)
                    let put = try await client.send(HTTPRequest(.put, url), body: lease)
                    #expect(put.isSuccess)
                    lease.truncate(to: 0)
                    noise.fill(&lease, from: 0, count: count)
                    lease.truncate(to: 0)
                    let got = try await client.send(HTTPRequest(.get, url), into: &lease)
                    #expect(got.bodyCount == count)
                    let isSame = noise.isSame(lease, from: index * 1009)
                    #expect(isSame)
                }
            }
        }
        #expect(server.seen.count == 500)
        // 16 at a time; one that had to be made anew on a busy machine is no harm, one for each request would be.
        #expect(server.accepted <= 32)
    }
}

/// Bytes without a pattern, of which each object takes its own stretch.
private struct Noise {
    private let bytes: [UInt8]

    init(count: Int) {
        var state: UInt64 = 88_172_645_463_325_252
        bytes = (0..<count).map { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt8(truncatingIfNeeded: state)
        }
    }

    func fill(_ lease: inout BufferLease, from offset: Int, count: Int) {
        unsafe bytes[offset..<offset + count].withUnsafeBytes {
            unsafe UnsafeMutableRawBufferPointer(lease.unsafeMemory).copyMemory(from: $0)
        }
        lease.unsafeSetCount(count)
    }

    func isSame(_ lease: borrowing BufferLease, from offset: Int) -> Bool {
        unsafe bytes[offset..<offset + lease.count].withUnsafeBytes { bytes in
            guard let first = bytes.baseAddress, let second = unsafe lease.unsafeMemory.baseAddress else {
                return false
            }
            return unsafe memcmp(first, second, bytes.count) == 0
        }
    }
}
