internal import CLoopback
internal import ObjectStorage
internal import TransferEngine

/// An operation is one request.
extension Stage {
    /// Requests under way at a time.
    private static let concurrency = 8

    static var requests: [Stage] { [sign, get, put] }

    private static var sign: Stage {
        Stage("SigV4", .items, operations: 1000) {
            let signer = SigV4(region: "eu-central-1", service: "s3")
            let keys = AWSKeys(id: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
            let url = "https://backups.s3.eu-central-1.amazonaws.com/prod/blobs/4f/4f0b0e6a2c1d4e5f8a9b0c1d2e3f4a5b.zst"
            return { operations in
                for index in 0..<operations {
                    var request = HTTPRequest(
                        .put,
                        url,
                        headers: [
                            (SigV4.payloadHeader, SigV4.unsignedPayload), ("x-amz-checksum-crc32c", "yZRlqg=="),
                            ("If-None-Match", "*"),
                        ]
                    )
                    signer.sign(
                        &request,
                        payload: SigV4.unsignedPayload,
                        keys: keys,
                        now: 1_795_143_600 + Int64(index)
                    )
                    guard request.headers.count == 5 else { throw StageError("not signed") }
                }
            }
        }
    }

    private static var get: Stage {
        Stage("HTTP-get", .items, operations: 2000, isNetwork: true) {
            let (client, url) = try makeClient()
            return { operations in
                try await concurrently(operations) { count in
                    for _ in 0..<count {
                        guard try await client.send(HTTPRequest(.get, url)).isSuccess else {
                            throw StageError("refused")
                        }
                    }
                }
            }
        }
    }

    private static var put: Stage {
        Stage("HTTP-put-1MiB", .bytes(1 << 20), operations: 160, isNetwork: true) {
            let (client, url) = try makeClient()
            let sample = try await Sample.bytes(1 << 20)
            return { operations in
                try await concurrently(operations) { count in
                    let body = BufferLease(copying: sample)
                    for _ in 0..<count {
                        let answer = try await client.send(HTTPRequest(.put, url), body: body)
                        guard answer.isSuccess else { throw StageError("refused") }
                    }
                }
            }
        }
    }

    private static func makeClient() throws -> (HTTPClient, String) {
        let port = cloopback_start()
        guard port != 0 else { throw StageError("no server on loopback") }
        return (HTTPClient(), "http://127.0.0.1:\(port)/bucket/blobs/4f/4f0b0e6a2c1d4e5f8a9b0c1d2e3f4a5b")
    }

    /// Splits operations among as many tasks as there are connections.
    private static func concurrently(
        _ operations: Int,
        _ body: @escaping @Sendable (_ count: Int) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup { group in
            for _ in 0..<concurrency { group.addTask { try await body(operations / concurrency) } }
            try await group.waitForAll()
        }
    }
}
