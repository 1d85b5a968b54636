import TestSupport
import Testing

@testable import ObjectStorage
@testable import TransferEngine

/// Stores that tell, after a put, a checksum of other bytes than were sent.
@Suite(.timeLimit(.minutes(5))) struct `A store that tells another checksum` {
    /// A store that asks for the checksum which its provider tells.
    private static func store(_ provider: CloudProvider, _ cloud: FakeCloud) throws -> any ObjectStore {
        let base = try provider.store(on: cloud) { if provider == .s3 { $0.checksum = .crc32c } }
        return RetryingStore(base, clock: ManualClock(advancesItself: true))
    }

    @Test(arguments: [CloudProvider.s3, .azure])
    func `has the object removed and put again`(provider: CloudProvider) async throws {
        let puts = ThreadLock(0)
        let cloud = FakeCloud(provider.dialect) { request in
            guard request.operation == .put else { return nil }
            let count = puts.withLock { puts in
                puts += 1
                return puts
            }
            return count == 1 ? .wrongSum : nil
        }
        defer { cloud.stop() }
        let bytes = Content.random(5000)
        #expect(try await Self.store(provider, cloud).put(bytes, try ObjectKey("a"), .onlyIfAbsent) == .stored)
        #expect(cloud["backups/a"] == bytes)
        #expect(cloud.requests.filter { $0.operation == .put }.count == 2)
        #expect(cloud.requests.filter { $0.operation == .delete }.count == 1)
    }

    @Test(arguments: [CloudProvider.s3, .azure])
    func `is never taken for a success where the object cannot be removed`(provider: CloudProvider) async throws {
        var options = FakeCloud.Options()
        options.objectLock = true
        let cloud = FakeCloud(provider.dialect, options) { $0.operation == .put ? .wrongSum : nil }
        defer { cloud.stop() }
        do {
            let result = try await Self.store(provider, cloud).put([1, 2, 3], try ObjectKey("a"), .onlyIfAbsent)
            Issue.record("\(result) although the bytes are wrong")
        } catch let error as StoreError {
            #expect(error.code == .corrupt)
            #expect("\(error)".contains("could not be removed"))
        }
        #expect(cloud.requests.filter { $0.operation == .put }.count == 1)
    }
}

@Suite struct `What an S3 upload is checked against` {
    private static func payload(_ upload: S3Upload, isTLS: Bool) -> String {
        let body = BufferLease(copying: Array("body".utf8))
        return upload.headers(body, upload.way.checksum, digest: nil, isTLS: isTLS)
            .first { $0.name == SigV4.payloadHeader }?.value ?? ""
    }

    private static func answer(_ headers: [HTTPHeaders.Field]) -> HTTPResponse {
        var fields = HTTPHeaders()
        for (name, value) in headers { fields.append(name, value) }
        return HTTPResponse(
            status: 200,
            headers: fields,
            bodyCount: 0,
            body: [],
            errorBody: [],
            isOnReusedConnection: false
        )
    }

    @Test func `by TLS is the signed digest until the store has told a CRC of its own`() throws {
        let upload = try S3Upload(.automatic, isTLS: true, createOnly: CreateOnly(.honoured))
        let body = BufferLease(copying: Array("body".utf8))
        let digest = "\(SHA256.digest(of: body.bytes))"
        let sums = upload.headers(body, upload.way.checksum, digest: nil, isTLS: true)
        #expect(sums.contains { $0.name == "x-amz-checksum-crc32c" })
        #expect(Self.payload(upload, isTLS: true) == digest)
        #expect(upload.agrees(Self.answer([]), sums))
        #expect(Self.payload(upload, isTLS: true) == digest, "a store that tells nothing looks at nothing")
        #expect(!upload.agrees(Self.answer([("x-amz-checksum-crc32c", "AAAAAA==")]), sums))
        #expect(Self.payload(upload, isTLS: true) == digest)
        #expect(upload.agrees(Self.answer(sums.filter { $0.name == "x-amz-checksum-crc32c" }), sums))
        #expect(Self.payload(upload, isTLS: true) == SigV4.unsignedPayload)
    }

    @Test func `by HTTP is always the signed digest`() throws {
        for wanted in [ContentChecksum.automatic, .crc32c, .sha256, .md5, .none] {
            let upload = try S3Upload(wanted, isTLS: false, createOnly: CreateOnly(.honoured))
            #expect(Self.payload(upload, isTLS: false).utf8.count == 64)
        }
    }

    @Test(
        arguments: [
            ([("x-amz-checksum-crc32c", "AAAAAQ==")], 1), ([("X-Amz-Checksum-Crc32c", "/////w==")], .max), ([], nil),
            ([("x-amz-checksum-crc32c", "AAAAAQ=="), ("x-amz-checksum-type", "FULL_OBJECT")], 1),
            ([("x-amz-checksum-crc32c", "AAAAAQ=="), ("x-amz-checksum-type", "COMPOSITE")], nil),
            ([("x-amz-checksum-crc32c", "AAAAAQ==-2")], nil), ([("x-amz-checksum-crc32c", "AAAA")], nil),
            ([("x-amz-checksum-crc32", "AAAAAQ==")], nil),
        ] as [([(String, String)], UInt32?)]
    )
    func `of an object as a whole is told by a look: sums of parts are not believed`(
        fields: [(String, String)],
        sum: UInt32?
    ) {
        var headers = HTTPHeaders()
        for (name, value) in fields { headers.append(name, value) }
        #expect(S3Upload.crc32c(headers) == sum)
    }
}
