import Glibc
import TestSupport
import Testing

@testable import TransferEngine

@Suite(.timeLimit(.minutes(5))) struct `The life of an HTTP client` {
    @Test func `ends with its last user`() async throws {
        let server = HTTPFaultServer(["/a": .echo])
        defer { server.stop() }
        weak var gone: HTTPClient?
        let ended: AsyncStream<Never>
        do {
            let client = HTTPClient()
            gone = client
            ended = client.loop.ended
            #expect(try await client.send(HTTPRequest(.get, server.url("/a"))).isSuccess)
        }
        for await _ in ended {}
        #expect(gone == nil)
        while server.open > 0 { await Task.yield() }
    }

    @Test func `may be no longer than that of its last request`() async throws {
        let server = HTTPFaultServer(["/a": .slow(milliseconds: 50, body: [1])])
        defer { server.stop() }
        let url = server.url("/a")
        // Nobody but the request holds the client, which therefore ends on its own loop's thread.
        for _ in 0..<20 {
            let answer = try await HTTPClient().collect(HTTPRequest(.get, url), atMost: 1)
            #expect(answer.body == [1])
        }
    }

    /// In a process of its own, where no other test opens files.
    @Test func `leaves no file and no thread behind`() async {
        await #expect(processExitsWith: .success) {
            func count(_ directory: String) -> Int {
                guard let stream = unsafe opendir(directory) else { return -1 }
                defer { unsafe closedir(stream) }
                var count = 0
                while unsafe readdir(stream) != nil { count += 1 }
                return count
            }
            func round() async {
                let server = HTTPFaultServer(["/a": .echo, "/reset": .reset, "/silent": .silence])
                let ended: AsyncStream<Never>
                do {
                    let client = HTTPClient(connect: 200, firstByte: 100)
                    ended = client.loop.ended
                    await withDiscardingTaskGroup { group in
                        for index in 0..<40 {
                            group.addTask {
                                let path = ["/a", "/a", "/reset", "/silent"][index % 4]
                                _ = try? await client.send(HTTPRequest(.get, server.url(path)))
                            }
                        }
                        group.addTask {
                            // A handshake and a name: what TLS and the resolver open counts too.
                            _ = try? await client.send(HTTPRequest(.get, server.url("/a", scheme: "https")))
                            _ = try? await client.send(HTTPRequest(.get, "http://localhost:\(server.port)/a"))
                        }
                    }
                }
                for await _ in ended {}
                server.stop()
            }
            // What is opened once for the whole process, such as the runtime's own threads, does not count.
            await round()
            let files = count("/proc/self/fd")
            let threads = count("/proc/self/task")
            for _ in 0..<5 { await round() }
            #expect(count("/proc/self/fd") == files)
            // The stream ends a moment before the thread does.
            while count("/proc/self/task") > threads { await Task.yield() }
        }
    }
}
