import TestSupport
import Testing

@testable import TransferEngine

@Suite(.timeLimit(.minutes(5))) struct `A framed body` {
    @Test(arguments: [(0, 0, 0), (0, 5, 0), (3, 0, 4), (1, 1, 1), (100, 0, 0), (0, 0, 7), (150, 3 << 20, 60)])
    func `arrives between what frames it`(before: Int, count: Int, behind: Int) async throws {
        let server = HTTPFaultServer(["/a": .echo])
        defer { server.stop() }
        let bytes = Content.random(count)
        let frame = HTTPBodyFrame(before: Content.random(before, seed: 2), behind: Content.random(behind, seed: 3))
        var request = HTTPRequest(.post, server.url("/a"))
        request.frame = frame
        let body = BufferLease(holding: bytes)
        let response = try await HTTPClient().collect(request, body: body, atMost: 4 << 20)
        #expect(areSame(response.body, frame.before + bytes + frame.behind))
        #expect(server.seen.first?.header("Content-Length") == "\(before + count + behind)")
    }

    @Test func `is sent anew from its very beginning where a kept connection turns out dead`() async throws {
        let server = HTTPFaultServer(["/a": .closeSecondRequest])
        defer { server.stop() }
        let client = HTTPClient()
        var request = HTTPRequest(.put, server.url("/a"))
        request.frame = HTTPBodyFrame(before: Content.random(100), behind: Content.random(100))
        let body = BufferLease(holding: Content.random(300_000))
        for _ in 0..<3 {
            let answer: HTTPResponse
            do throws(HTTPError) {
                answer = try await client.send(request, body: body)
            } catch {
                guard error.isOnReusedConnection else { throw error }
                // Lost in the middle of sending, where libcurl leaves the next attempt to its caller.
                answer = try await client.send(request, body: body)
            }
            #expect(answer.isSuccess)
        }
        #expect(server.seen.allSatisfy { $0.header("Content-Length") == "300200" })
    }

    @Test func `is given out in pieces of any size`() {
        let before = Content.random(7)
        let bytes = Content.random(11, seed: 2)
        let behind = Content.random(5, seed: 3)
        let body = BufferLease(holding: bytes)
        for step in 1...24 {
            let sent = unsafe body.bytes.withUnsafeBytes { bytes in
                let outgoing = unsafe OutgoingBody(bytes, HTTPBodyFrame(before: before, behind: behind))
                var sent: [UInt8] = []
                while sent.count < outgoing.count {
                    var piece = [UInt8](repeating: 0, count: min(step, outgoing.available(at: sent.count)))
                    unsafe piece.withUnsafeMutableBytes { unsafe outgoing.copy(from: sent.count, into: $0) }
                    sent += piece
                }
                #expect(outgoing.available(at: sent.count) == 0)
                return sent
            }
            #expect(sent == before + bytes + behind)
        }
    }
}
