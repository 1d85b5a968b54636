internal import TransferEngine

extension S3Store: StoreProbe {
    package var probe: (any StoreProbe)? { self }

    package var transport: StoreTransport { StoreTransport(url: endpoint.origin) }

    package var deletesInBatches: Bool { removal.isOffered }

    package func putOnlyIfAbsent(_ bytes: [UInt8], at key: ObjectKey) async throws(StoreError) -> PutResult? {
        let body = BufferLease(copying: bytes)
        let result = try await write(body, key, isConditional: true, digest: nil)
        return upload.createOnly.isAsked ? result : nil
    }

    package func uploadChecks(at key: ObjectKey) async throws(StoreError) -> [UploadCheck] {
        let sent = BufferLease(copying: "the bytes that are sent".utf8)
        let meant = BufferLease(copying: "the bytes that we meant".utf8)
        let kind = upload.way.checksum
        let right = upload.headers(sent, kind, digest: nil, isTLS: endpoint.isTLS)
        let wrong = upload.headers(meant, kind, digest: nil, isTLS: endpoint.isTLS)
        let isPayload = { (field: HTTPHeaders.Field) in field.name == SigV4.payloadHeader }
        var checks: [UploadCheck] = []
        var mayBeThere = false
        if kind != .none {
            let headers = right.filter(isPayload) + wrong.filter { !isPayload($0) }
            let isEnforced = try await refuses(sent, headers, key, &mayBeThere)
            checks.append(UploadCheck(name: kind.rawValue, isEnforced: isEnforced))
        }
        if !right.contains(where: { isPayload($0) && $0.value == SigV4.unsignedPayload }) {
            let headers = wrong.filter(isPayload) + right.filter { !isPayload($0) }
            let isEnforced = try await refuses(sent, headers, key, &mayBeThere)
            checks.append(UploadCheck(name: "signed SHA-256", isEnforced: isEnforced))
        }
        return checks
    }

    /// - Parameter mayBeThere: whether an earlier body was taken, so that a look at the object tells nothing.
    private func refuses(
        _ body: borrowing BufferLease,
        _ headers: [HTTPHeaders.Field],
        _ key: ObjectKey,
        _ mayBeThere: inout Bool
    ) async throws(StoreError) -> Bool {
        let request = HTTPRequest(.put, url(key), headers: headers + objectHeaders)
        var isRefused = try await client.refuses(request, body, at: key)
        // Some refuse and keep it all the same.
        if isRefused, !mayBeThere, try await head(key) != nil { isRefused = false }
        if !isRefused { mayBeThere = true }
        return isRefused
    }

    package func clockDifference(askingFor key: ObjectKey) async throws(StoreError) -> Int64? {
        try await client.clockDifference(HTTPRequest(.head, url(key)), client.dialect.clock)
    }
}
