internal import TransferEngine

extension AzureStore: StoreProbe {
    package var probe: (any StoreProbe)? { self }

    package var transport: StoreTransport { StoreTransport(url: endpoint.root) }

    package var deletesInBatches: Bool { false }

    package func putOnlyIfAbsent(_ bytes: [UInt8], at key: ObjectKey) async throws(StoreError) -> PutResult? {
        try await put(document: bytes, at: key, .onlyIfAbsent)
    }

    package func uploadChecks(at key: ObjectKey) async throws(StoreError) -> [UploadCheck] {
        let kind = checksum.kind
        let sent = BufferLease(copying: "the bytes that are sent".utf8)
        let meant = BufferLease(copying: "the bytes that we meant".utf8)
        let wrong = AzureChecksum.headers(meant, kind)
        guard !wrong.isEmpty else { return [] }
        let request = HTTPRequest(.put, try url(key, "put"), headers: objectHeaders + wrong)
        return [UploadCheck(name: kind.rawValue, isEnforced: try await client.refuses(request, sent, at: key))]
    }

    package func clockDifference(askingFor key: ObjectKey) async throws(StoreError) -> Int64? {
        try await client.clockDifference(HTTPRequest(.head, try url(key, "look at")), client.dialect.clock)
    }
}
