import TestSupport
import Testing
import TransferEngine

@testable import ObjectStorage

@Suite(.timeLimit(.minutes(5))) struct `An upload to Google Cloud` {
    /// The request of a put of `bytes`, and the text in front of them.
    private static func request(
        _ bytes: [UInt8],
        _ change: (inout StoreSettings) -> Void = { _ in }
    ) throws -> (url: String, head: String, tail: String) {
        var settings = StoreSettings()
        change(&settings)
        let endpoint = try GoogleEndpoint(settings, bucket: "bucket")
        let body = BufferLease(holding: bytes)
        let (request, _) = try GoogleUpload(settings).request(body, "a/b", endpoint, isConditional: true)
        let frame = try #require(request.frame)
        return (
            request.url, String(decoding: frame.before, as: UTF8.self), String(decoding: frame.behind, as: UTF8.self)
        )
    }

    /// Checksums by RFC 3720, B.4 and RFC 1321, A.5, in base64 as `openssl` and `xxd` give them.
    @Test(arguments: [
        (ContentChecksum.automatic, #"{"contentType":"application/octet-stream","crc32c":"4waSgw=="}"#),
        (.crc32c, #"{"contentType":"application/octet-stream","crc32c":"4waSgw=="}"#),
        (.md5, #"{"contentType":"application/octet-stream","md5Hash":"JfnnlDI7RTiF9RgfG2JNCw=="}"#),
        (.none, #"{"contentType":"application/octet-stream"}"#),
    ])
    func `carries what its bytes are to be compared with`(checksum: ContentChecksum, metadata: String) throws {
        let (_, head, tail) = try Self.request(Array("123456789".utf8)) { $0.checksum = checksum }
        let lines = head.split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.count == 9)
        #expect(lines[3] == metadata)
        #expect(lines[0].hasPrefix("--ringvault-"))
        #expect(lines[0] == lines[4])
        #expect(lines[7].isEmpty && lines[8].isEmpty)
        #expect(tail == "\r\n\(lines[0])--\r\n")
    }

    @Test func `says the name, the condition and the key in the address`() throws {
        let key = "projects/p/locations/l/keyRings/r/cryptoKeys/k"
        let (url, head, _) = try Self.request([]) {
            $0.encryption = .key(key)
            $0.storageClass = "nearline"
        }
        #expect(
            url == "https://storage.googleapis.com/upload/storage/v1/b/bucket/o?uploadType=multipart&name=a%2Fb"
                + "&fields=generation%2Csize%2Ccrc32c%2Cmd5Hash&ifGenerationMatch=0"
                + "&kmsKeyName=projects%2Fp%2Flocations%2Fl%2FkeyRings%2Fr%2FcryptoKeys%2Fk"
        )
        #expect(head.contains(#""storageClass":"NEARLINE""#))
    }

    @Test func `arrives with its class and key, whatever its bytes are`() async throws {
        var settings = StoreSettings()
        settings.storageClass = "COLDLINE"
        settings.encryption = .key("projects/p/locations/l/keyRings/r/cryptoKeys/k")
        try await `A Google Cloud store`.withStore(prefix: "", settings: settings) { store, cloud in
            for bytes in [[], [0], Array("\r\n--ringvault-1--\r\n".utf8), Array("--".utf8), Content.random(700_001)] {
                #expect(try await store.put(bytes, .of("a")) == .stored)
                #expect(cloud["a"] == bytes)
                let headers = try #require(cloud.headers(of: "a"))
                #expect(headers["content-type"] == "application/octet-stream")
                #expect(headers["x-goog-storage-class"] == "COLDLINE")
                #expect(headers["x-goog-encryption-kms-key-name"] == "projects/p/locations/l/keyRings/r/cryptoKeys/k")
            }
        }
    }

    @Test(arguments: [ContentChecksum.automatic, .crc32c, .md5, .none])
    func `is stored with every checksum there is`(checksum: ContentChecksum) async throws {
        var settings = StoreSettings()
        settings.checksum = checksum
        try await `A Google Cloud store`.withStore(settings: settings) { store, _ in
            let key = try ObjectKey("a")
            let bytes = Content.random(10_000)
            #expect(try await store.put(bytes, key, .onlyIfAbsent) == .stored)
            #expect(try await store.bytes(key) == bytes)
        }
    }

    // MARK: A store that has stored something else

    private static let wrong =
        #"{"generation": "7", "size": "3", "crc32c": "AAAAAA==", "md5Hash": "AAAAAAAAAAAAAAAAAAAAAA=="}"#

    private static func put(
        answer: String,
        checksum: ContentChecksum = .crc32c,
        deleting: HTTPFaultScript = .answer(204)
    ) async throws -> (error: StoreError?, deleted: [String]) {
        let server = HTTPFaultServer([
            "/upload/storage/v1/b/b/o": .answer(200, body: Array(answer.utf8)),
            "/storage/v1/b/b/o/": deleting,
        ])
        defer { server.stop() }
        var settings = StoreSettings()
        settings.endpoint = server.url("")
        settings.checksum = checksum
        let store = try GoogleCloudStore("gs", BucketLocation("b", of: ""), settings, io: IOExecutor(threads: 1))
        var error: StoreError?
        do throws(StoreError) {
            #expect(try await store.put([1, 2, 3], .of("a")) == .stored)
        } catch let caught {
            error = caught
        }
        return (error, server.seen.filter { $0.method == "DELETE" }.map(\.target))
    }

    @Test(arguments: [ContentChecksum.crc32c, .md5])
    func `that was stored with wrong bytes is removed, just it, and made again`(checksum: ContentChecksum) async throws
    {
        let (error, deleted) = try await Self.put(answer: Self.wrong, checksum: checksum)
        #expect(error?.code == .unavailable, "\(String(describing: error))")
        #expect(error?.isTransient == true)
        #expect(deleted == ["/storage/v1/b/b/o/a?generation=7&ifGenerationMatch=7"])
    }

    @Test func `of another size is removed also without checksums`() async throws {
        let (error, deleted) = try await Self.put(answer: #"{"generation": "8", "size": "2"}"#, checksum: .none)
        #expect(error?.code == .unavailable)
        #expect(deleted == ["/storage/v1/b/b/o/a?generation=8&ifGenerationMatch=8"])
    }

    @Test(arguments: [403, 500])
    func `whose wrong bytes stay is an error that nobody repeats`(status: Int) async throws {
        let (error, _) = try await Self.put(answer: Self.wrong, deleting: .answer(status))
        #expect(error?.code == .corrupt)
        #expect(error?.isTransient == false)
        let line = try #require(error?.description)
        #expect(line.contains("delete the object"))
    }

    @Test func `whose generation is not told is left there, and is an error`() async throws {
        let (error, deleted) = try await Self.put(answer: #"{"size": "2"}"#)
        #expect(error?.code == .corrupt)
        #expect(deleted.isEmpty)
    }

    @Test(arguments: ["", "<html>", "[]", "null", "{}", #"{"error": {"code": 500, "message": "No."}}"#])
    func `that is answered with something else may be stored, and is made again`(answer: String) async throws {
        let (error, deleted) = try await Self.put(answer: answer)
        #expect(error?.code == .unavailable)
        #expect(deleted.isEmpty)
    }

    @Test func `that was damaged on its way is made again`() async throws {
        let message = #"Provided CRC32C \"a\" doesn't match calculated CRC32C \"b\"."#
        let body = #"{"error": {"code": 400, "message": "\#(message)", "errors": [{"reason": "invalid"}]}}"#
        let server = HTTPFaultServer(["/upload/storage/v1/b/b/o": .answer(400, body: Array(body.utf8))])
        defer { server.stop() }
        var settings = StoreSettings()
        settings.endpoint = server.url("")
        let store = try GoogleCloudStore("gs", BucketLocation("b", of: ""), settings, io: IOExecutor(threads: 1))
        await expectError(.unavailable) { _ = try await store.put([1], .of("a")) }
    }
}
