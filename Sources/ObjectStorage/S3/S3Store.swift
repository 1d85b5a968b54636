package import TransferEngine

/// Objects in a bucket of Amazon S3, or of a store that speaks as S3 does.
///
/// Each object is one PUT, with a checksum in a header and a plain body: no multipart upload and no `aws-chunked`, which
/// half of the compatible stores get wrong. ETags mean nothing here.
/// https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html
package struct S3Store: ObjectStore {
    private let bucket: BucketLocation
    let endpoint: S3Endpoint
    let client: StoreClient<S3Dialect>
    let upload: S3Upload
    let removal: S3BatchDelete
    let objectHeaders: [HTTPHeaders.Field]
    package let location: String

    /// Answers without an object in them are short: 64 KiB are more than any.
    private static let answerLimit = 64 * 1024
    /// A page of 1,000 keys of 1,024 bytes each, every byte as `%XX`, with its tags.
    private static let pageLimit = 8 << 20

    /// Asks nothing of the network yet.
    ///
    /// - Throws: `StoreSettingsError`, `CredentialError` for what cannot work.
    package init(_ scheme: S3Scheme, _ bucket: BucketLocation, _ settings: StoreSettings, io: IOExecutor) throws {
        let http = HTTPClient(settings.http)
        let context = CredentialContext(settings, http: http, io: io)
        let found = try AWSCredentials.find(settings, context)
        let endpoint = try S3Endpoint(
            scheme,
            bucket: bucket.bucket,
            endpoint: settings.endpoint ?? found.endpoint,
            region: settings.region ?? found.region,
            addressing: settings.addressing
        )
        if settings.account != nil { throw StoreSettingsError("an account is of Azure; S3 has none") }
        self.bucket = bucket
        self.endpoint = endpoint
        location = bucket.url(scheme.rawValue)
        let credentials = CredentialCache(found.source, clock: settings.clock)
        let dialect = S3Dialect(region: endpoint.region, credentials: credentials, clock: settings.clock)
        client = StoreClient(dialect, http)
        upload = try S3Upload(
            settings.checksum,
            isTLS: endpoint.isTLS,
            createOnly: CreateOnly(settings.mayOnlyCreate ? .required : endpoint.isAmazon ? .honoured : .unknown)
        )
        removal = S3BatchDelete()
        var headers: [HTTPHeaders.Field] = []
        switch settings.encryption {
        case .storeDefault: break
        case .managed: headers.append(("x-amz-server-side-encryption", "AES256"))
        case .key(let id):
            headers.append(("x-amz-server-side-encryption", "aws:kms"))
            if let id { headers.append(("x-amz-server-side-encryption-aws-kms-key-id", id)) }
        }
        if let storageClass = settings.storageClass { headers.append(("x-amz-storage-class", storageClass)) }
        objectHeaders = headers
    }

    // MARK: Writing

    package func put(
        _ body: borrowing BufferLease,
        at key: ObjectKey,
        _ condition: PutCondition,
        digest: SHA256Digest?
    ) async throws(StoreError) -> PutResult {
        guard condition == .onlyIfAbsent else {
            return try await write(body, key, isConditional: false, digest: digest)
        }
        return try await upload.createOnly.put(body.count) { () async throws(StoreError) in
            try await head(key) != nil
        } write: { () async throws(StoreError) in
            try await write(body, key, isConditional: true, digest: digest)
        }
    }

    func write(
        _ body: borrowing BufferLease,
        _ key: ObjectKey,
        isConditional: Bool,
        digest: SHA256Digest?
    ) async throws(StoreError) -> PutResult {
        var way = upload.way
        while true {
            let sums = upload.headers(body, way.checksum, digest: digest, isTLS: endpoint.isTLS)
            var request = HTTPRequest(.put, url(key), headers: sums + objectHeaders)
            if isConditional, way.hasCondition { request.headers.append(("If-None-Match", "*")) }
            let response: HTTPResponse
            do throws(StoreError) {
                response = try await client.answer(
                    "put",
                    key.description,
                    request,
                    bodyCount: body.count,
                    accepting: isConditional && way.hasCondition ? [412] : []
                ) { (request) async throws(HTTPError) in
                    try await client.http.collect(request, body: body, atMost: Self.answerLimit)
                }
            } catch {
                guard !body.hasLeft, let refusal = error.cause as? StoreRefusal,
                    let other = upload.other(than: way, after: refusal, isConditional: isConditional)
                else { throw error }
                way = other
                continue
            }
            if response.status == 412 { return .existed }
            upload.learn(way, isConditional: isConditional)
            guard upload.agrees(response, sums) else { throw await damaged(response, key) }
            return .stored
        }
    }

    /// The error of a put after which the store holds other bytes.
    private func damaged(_ response: HTTPResponse, _ key: ObjectKey) async -> StoreError {
        do throws(StoreError) {
            try await delete(key)
        } catch {
            return StoreError(.corrupt, "put", key, cause: WrongBytesStored(left: error))
        }
        return StoreError(.unavailable, "put", key, cause: WrongBytesStored(left: nil))
    }

    // MARK: Reading

    package func get(
        _ key: ObjectKey,
        range: Range<Int64>?,
        into buffer: inout BufferLease
    ) async throws(StoreError) -> ObjectInfo {
        if let range, range.isEmpty {
            return try await nothing(of: key, at: range.lowerBound)
        }
        let read = RangedRead(range: range)
        let filled = buffer.count
        let request = HTTPRequest(.get, url(key), headers: read.headers)
        let response = try await client.answer("get", key.description, request, accepting: [416]) {
            (request) async throws(HTTPError) in
            try await client.http.send(request, into: &buffer)
        }
        if response.status == 416 {
            let info = try await nothing(of: key, at: range?.lowerBound ?? 0)
            guard info.size == range?.lowerBound else {
                throw StoreError(.badRange, "get", key, cause: client.dialect.refusal(response))
            }
            return info
        }
        do throws(RangedReadError) {
            return info(key, try read.size(response, received: buffer.count - filled), response)
        } catch {
            buffer.truncate(to: filled)
            throw StoreError(.corrupt, "get", key, cause: error)
        }
    }

    package func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? {
        let response: HTTPResponse
        do throws(StoreError) {
            response = try await look(key)
        } catch {
            // A HEAD cannot tell why: ask for a byte, and the store says it in words.
            guard let refusal = error.cause as? StoreRefusal, refusal.name.isEmpty, !error.isTransient else {
                throw error
            }
            return try await headByGet(key)
        }
        switch response.status {
        case 404: return nil
        case 405, 501: return try await headByGet(key)
        default:
            guard let size = response.headers["Content-Length"].flatMap({ Int64($0) }), size >= 0 else {
                throw StoreError(
                    .unavailable,
                    "look at",
                    key,
                    cause: StoreRefusal(.unavailable, response, message: "the answer tells no size")
                )
            }
            return info(key, size, response)
        }
    }

    private func look(_ key: ObjectKey) async throws(StoreError) -> HTTPResponse {
        func answer(_ headers: [HTTPHeaders.Field]) async throws(StoreError) -> HTTPResponse {
            let request = HTTPRequest(.head, url(key), headers: headers)
            return try await client.answer("look at", key.description, request, accepting: [404, 405, 501]) {
                (request) async throws(HTTPError) in try await client.http.send(request)
            }
        }
        let headers = upload.lookHeaders
        do throws(StoreError) {
            return try await answer(headers)
        } catch {
            guard let refusal = error.cause as? StoreRefusal, refusal.status == 400 || refusal.status == 403,
                !headers.isEmpty
            else { throw error }
            let response = try await answer([])
            upload.learnNoSum()
            return response
        }
    }

    /// For stores that answer 501 to HEAD at times, and for refusals without a reason: the first byte tells as much.
    private func headByGet(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? {
        let request = HTTPRequest(.get, url(key), headers: RangedRead(range: 0..<1).headers)
        let response = try await client.answer("look at", key.description, request, accepting: [404, 416]) {
            (request) async throws(HTTPError) in
            // A store that sends all of it is stopped at the limit.
            try await client.http.collect(request, atMost: Self.answerLimit)
        }
        switch response.status {
        case 404:
            // A missing bucket is no missing object.
            if let refusal = client.dialect.refusal(response), refusal.meaning == .noBucket {
                throw StoreError(.noBucket, "look at", key, cause: refusal)
            }
            return nil
        case 416: return info(key, 0, response)
        default:
            let size = RangedRead.contentRange(response.headers["Content-Range"])?.size ?? Int64(response.body.count)
            return info(key, size, response)
        }
    }

    private func info(_ key: ObjectKey, _ size: Int64, _ response: HTTPResponse) -> ObjectInfo {
        ObjectInfo(
            key: key,
            size: size,
            modified: StoreTime.seconds(ofHTTPDate: response.headers["Last-Modified"]),
            crc32c: S3Upload.crc32c(response.headers)
        )
    }

    // MARK: Listing and removing

    package func list(prefix: String, from cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        var query: [(name: String, value: String)] = [
            ("encoding-type", "url"), ("list-type", "2"), ("max-keys", "\(max(1, min(limit, 1000)))"),
            ("prefix", bucket.name(ofPrefix: prefix)),
        ]
        if let cursor { query.append(("continuation-token", cursor.text)) }
        let request = HTTPRequest(.get, endpoint.url(query: query))
        let subject = "\(location)/\(prefix)"
        let response = try await client.answer("list", subject, request) { (request) async throws(HTTPError) in
            try await client.http.collect(request, atMost: Self.pageLimit)
        }
        do {
            return try S3Listing.page(response.body, bucket, prefix: prefix)
        } catch let error as XMLError {
            throw StoreError(.unavailable, "list", subject, cause: error)  // cut or mixed up; the next one may be whole
        } catch {
            throw StoreError(.corrupt, "list", subject, cause: error)
        }
    }

    package func delete(_ key: ObjectKey) async throws(StoreError) {
        let request = HTTPRequest(.delete, url(key))
        let response = try await client.answer("delete", key.description, request, accepting: [404]) {
            (request) async throws(HTTPError) in try await client.http.collect(request, atMost: Self.answerLimit)
        }
        guard response.status == 404, let refusal = client.dialect.refusal(response) else { return }
        if refusal.meaning == .noBucket { throw StoreError(.noBucket, "delete", key, cause: refusal) }
    }

    package func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [DeleteFailure] {
        var failures: [DeleteFailure] = []
        for start in stride(from: 0, to: keys.count, by: S3BatchDelete.limit) {
            let part = Array(keys[start..<min(start + S3BatchDelete.limit, keys.count)])
            guard removal.isOffered else {
                failures += try await deleteEach(part)
                continue
            }
            let body = BufferLease(copying: S3BatchDelete.document(part.map { bucket.name(of: $0) }))
            let headers: [HTTPHeaders.Field] = [
                ("Content-Type", "application/xml"), (SigV4.payloadHeader, "\(SHA256.digest(of: body.bytes))"),
                // All of them know this one, and many insist on it here.
                ("Content-MD5", Base64.text(of: MD5.digest(of: body.bytes))),
            ]
            let request = HTTPRequest(.post, endpoint.url(query: [("delete", "")]), headers: headers)
            let response: HTTPResponse
            do throws(StoreError) {
                response = try await client.answer("delete objects in", location, request, bodyCount: body.count) {
                    (request) async throws(HTTPError) in
                    try await client.http.collect(request, body: body, atMost: Self.pageLimit)
                }
            } catch {
                guard removal.learn(error) else { throw error }
                failures += try await deleteEach(part)
                continue
            }
            failures += removal.failures(part, response, bucket)
        }
        return failures
    }

    func url(_ key: ObjectKey) -> String { endpoint.url(ofName: bucket.name(of: key)) }
}
