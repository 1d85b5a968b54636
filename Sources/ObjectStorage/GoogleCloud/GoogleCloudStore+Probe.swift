internal import TransferEngine

extension GoogleCloudStore: StoreProbe {
    package var probe: (any StoreProbe)? { self }

    package var transport: StoreTransport { StoreTransport(url: endpoint.url.text) }

    package var deletesInBatches: Bool { false }

    package func putOnlyIfAbsent(_ bytes: [UInt8], at key: ObjectKey) async throws(StoreError) -> PutResult? {
        let body = BufferLease(copying: bytes)
        return try await write(body, key, isConditional: true)
    }

    package func uploadChecks(at key: ObjectKey) async throws(StoreError) -> [UploadCheck] {
        let sent = BufferLease(copying: "the bytes that are sent".utf8)
        let meant = BufferLease(copying: "the bytes that we meant".utf8)
        let (request, sums) = upload.request(meant, bucket.name(of: key), endpoint, isConditional: false)
        guard let name = sums.crc32c != nil ? "crc32c" : sums.md5 != nil ? "md5" : nil else { return [] }
        return [UploadCheck(name: name, isEnforced: try await client.refuses(request, sent, at: key))]
    }

    package func clockDifference(askingFor key: ObjectKey) async throws(StoreError) -> Int64? {
        let request = HTTPRequest(.get, endpoint.object(bucket.name(of: key), [("fields", "size")]))
        return try await client.clockDifference(request, clock)
    }
}
