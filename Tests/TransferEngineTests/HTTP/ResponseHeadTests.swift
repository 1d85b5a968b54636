import Testing

@testable import TransferEngine

@Suite struct `A response's head` {
    func head(_ lines: [String]) -> ResponseHead {
        var head = ResponseHead()
        let taken = lines.map { head.append($0 + "\r\n") }
        #expect(!taken.contains(false))
        return head
    }

    @Test func `keeps every value in order and finds names in any case`() {
        let head = head(["HTTP/1.1 200 OK", "ETag: \"1\"", "x-a: 1", "X-A:2", "Content-Length: 12", ""])
        #expect(head.status == 200)
        #expect(head.isComplete)
        #expect(head.headers["etag"] == "\"1\"")
        #expect(head.headers.values(of: "X-a") == ["1", "2"])
        #expect(head.headers.fields.map(\.name) == ["ETag", "x-a", "X-A", "Content-Length"])
        #expect(head.contentLength == 12)
    }

    @Test func `forgets the interim answers before it`() {
        let head = head(["HTTP/1.1 100 Continue", "X-Early: 1", "", "HTTP/1.1 204 No Content", ""])
        #expect(head.status == 204)
        #expect(head.isComplete)
        #expect(head.headers["X-Early"] == nil)
    }

    @Test func `is not complete after an interim answer`() {
        #expect(!head(["HTTP/1.1 100 Continue", ""]).isComplete)
    }

    @Test func `takes no trailer for a header`() {
        #expect(head(["HTTP/1.1 200 OK", "", "X-Trailer: late"]).headers["X-Trailer"] == nil)
    }

    @Test func `unfolds a value and keeps its inner colons and spaces`() {
        let head = head(["HTTP/1.1 200 OK", "Date: Fri, 1 Jan 2027 00:00:00 GMT ", "X-Long: a", "\t b", ""])
        #expect(head.headers["date"] == "Fri, 1 Jan 2027 00:00:00 GMT")
        #expect(head.headers["x-long"] == "a b")
    }

    @Test(arguments: ["HTTP/1.1", "HTTP/1.1 2000 OK", "HTTP/1.1 abc", "HTTP/1.1 "])
    func `has no status where the line states none`(line: String) {
        #expect(head([line]).status == 0)
    }

    @Test func `stops believing a server that sends headers without end`() {
        var head = ResponseHead()
        _ = head.append("HTTP/1.1 200 OK\r\n")
        let line = "X: " + String(repeating: "a", count: 1021)
        let taken = (0..<1000).prefix { _ in head.append(line) }
        #expect(taken.count == ResponseHead.limit / line.utf8.count - 1)
    }
}
