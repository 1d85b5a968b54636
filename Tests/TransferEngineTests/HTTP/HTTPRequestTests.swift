import Testing

@testable import TransferEngine

@Suite struct `An HTTP request` {
    @Test(arguments: [
        "http://h/a\r\nX: 1", "http://h/a b", "http://h/\u{0}", "http://h/ü", "ftp://h/", "file:///etc/passwd", "h/a",
        "", "http://", "https:///a", "http://user@/a",
    ])
    func `is refused where its URL could mean something else`(url: String) {
        #expect(HTTPRequest(.get, url).fault != nil)
    }

    @Test(arguments: [
        ("X", "a\r\nY: b"), ("X", "a\nb"), ("X", "a\u{0}"), ("X Y", "a"), ("X:", "a"), ("", "a"), ("X\r\n", "a"),
        ("content-length", "1"), ("Transfer-Encoding", "chunked"), ("expect", "100-continue"),
    ])
    func `is refused where a header could become another`(name: String, value: String) {
        #expect(HTTPRequest(.get, "http://h/", headers: [(name, value)]).fault != nil)
    }

    @Test func `is accepted with whatever a store needs`() {
        let headers = [("Host", "h:80"), ("x-amz-meta-a", ""), ("Authorization", "AWS4 a=b, c=d"), ("X-Ü", "1")]
        #expect(HTTPRequest(.put, "HTTPS://h:9000/a/../%20?x=1&y", headers: Array(headers.dropLast())).fault == nil)
        #expect(HTTPRequest(.put, "https://h/", headers: headers).fault != nil)
    }

    @Test(arguments: [
        ("http://Host:80/a?b", "http://host:80"), ("https://u:p@host", "https://host"),
        ("http://[::1]:80/", "http://[::1]:80"), ("http://h?x@y", "http://h"),
    ])
    func `counts its connections by scheme, host and port`(url: String, origin: String) {
        #expect(HTTPRequest(.get, url).origin == origin)
    }
}

@Suite struct `The host of an HTTP request` {
    @Test(arguments: [
        ("http://Host/a", "host:80"), ("https://host?a:b", "host:443"), ("https://u:p@host:9000/", "host:9000"),
        ("http://[::1]/", "[::1]:80"), ("http://[::1]:81/", "[::1]:81"),
    ])
    func `has a port, stated or not`(url: String, authority: String) {
        #expect(HTTPRequest(.get, url).authority == authority)
    }
}

@Suite struct `An HTTP error` {
    @Test(arguments: [
        ("https://u:secret@h:1/a/b?X-Amz-Signature=secret#secret", "https://h:1/a/b"),
        ("http://a@b:secret@h/a@b", "http://h/a@b"), ("u:secret@h/a", "h/a"), ("http://h\n/\u{1B}a", "http://h?/?a"),
        ("", ""), ("http://", "http://"), ("a?b://c", "a"),
    ])
    func `shows no secret of a URL`(url: String, shown: String) {
        #expect(HTTPError(.other, HTTPRequest(.get, url)).url == shown)
    }

    @Test func `prints as one line that says what, to what, and why`() {
        let request = HTTPRequest(.get, "http://h/a?secret")
        #expect("\(HTTPError(.cancelled, request))" == "cannot GET http://h/a: cancelled")
        #expect(
            "\(HTTPError(.timedOut(.firstByte), request, "why"))"
                == "cannot GET http://h/a: timed out waiting for the answer: why"
        )
    }
}
