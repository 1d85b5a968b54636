package import TransferEngine

/// Objects in a bucket of Google Cloud Storage, by its JSON API.
///
/// Each object is one request, checked by the service before it is visible (`GoogleUpload`); listings and reads are
/// strongly consistent. Credentials are found as `GoogleApplicationCredentials` says.
/// https://cloud.google.com/storage/docs/json_api
/// https://cloud.google.com/storage/docs/consistency
package struct GoogleCloudStore: ObjectStore {
    let bucket: BucketLocation
    let endpoint: GoogleEndpoint
    let client: StoreClient<GoogleCloudDialect>
    let upload: GoogleUpload
    private let createOnly: CreateOnly
    let clock: WallClock
    package let location: String

    /// Answers about one object are short: 64 KiB are more than any.
    private static let answerLimit = 64 * 1024
    /// A page of 1,000 names of 1,024 bytes each, every byte as `\u00XX`.
    private static let pageLimit = 8 << 20

    /// Asks nothing of the network yet.
    ///
    /// - Parameter scheme: as the user wrote it: `gs` or `gcp`.
    /// - Throws: `StoreSettingsError`, `CredentialError` for what cannot work.
    package init(_ scheme: String, _ bucket: BucketLocation, _ settings: StoreSettings, io: IOExecutor) throws {
        if settings.account != nil { throw StoreSettingsError("an account is of Azure; Google Cloud Storage has none") }
        if settings.region != nil {
            throw StoreSettingsError("a region is of S3; a bucket of Google Cloud Storage knows its own")
        }
        if settings.addressing != .automatic {
            throw StoreSettingsError("addressing is of S3; Google Cloud Storage has one way")
        }
        self.bucket = bucket
        clock = settings.clock
        location = bucket.url(scheme)
        upload = try GoogleUpload(settings)
        endpoint = try GoogleEndpoint(settings, bucket: bucket.bucket)
        createOnly = CreateOnly(settings.mayOnlyCreate ? .required : endpoint.isGoogle ? .honoured : .unknown)
        let http = HTTPClient(settings.http)
        let context = CredentialContext(settings, http: http, io: io)
        let source = try GoogleApplicationCredentials.find(settings, context, for: endpoint.url)
        let credentials = source.map { CredentialCache($0, clock: settings.clock) }
        client = StoreClient(GoogleCloudDialect(credentials: credentials), http)
    }

    // MARK: Writing

    package func put(
        _ body: borrowing BufferLease,
        at key: ObjectKey,
        _ condition: PutCondition,
        digest: SHA256Digest?
    ) async throws(StoreError) -> PutResult {
        guard condition == .onlyIfAbsent else { return try await write(body, key, isConditional: false) }
        return try await createOnly.put(body.count) { () async throws(StoreError) in
            try await head(key) != nil
        } write: { () async throws(StoreError) in
            try await write(body, key, isConditional: true)
        }
    }

    func write(
        _ body: borrowing BufferLease,
        _ key: ObjectKey,
        isConditional: Bool
    ) async throws(StoreError) -> PutResult {
        let (request, sums) = upload.request(body, bucket.name(of: key), endpoint, isConditional: isConditional)
        let response: HTTPResponse
        do throws(StoreError) {
            response = try await client.answer(
                "put",
                key.description,
                request,
                bodyCount: body.count,
                accepting: isConditional ? [412] : []
            ) { (request) async throws(HTTPError) in
                try await client.http.collect(request, body: body, atMost: Self.answerLimit)
            }
        } catch {
            guard isConditional, GoogleCloudDialect.saysItExists(error) else { throw error }
            return .existed
        }
        if response.status == 412 { return .existed }
        guard let object = GoogleObject(json: response.body), object.size != nil else {
            // Perhaps stored, perhaps not: a repeated put tells.
            throw StoreError(.unavailable, "put", key, cause: GoogleAnswerError.notJSON)
        }
        if !sums.fit(object) { try await withdraw(object, key) }
        return .stored
    }

    /// Removes exactly what was stored with wrong bytes, so that nothing takes it for the right object.
    ///
    /// - Throws: always: `.unavailable` so that the put is repeated, or `.corrupt` if the object stayed.
    private func withdraw(_ object: GoogleObject, _ key: ObjectKey) async throws(StoreError) -> Never {
        guard let generation = object.generation else {
            throw StoreError(.corrupt, "put", key, cause: GoogleAnswerError.wrongBytes("its generation is not told"))
        }
        do throws(StoreError) {
            try await delete(key, [("generation", generation), ("ifGenerationMatch", generation)])
        } catch {
            throw StoreError(.corrupt, "put", key, cause: GoogleAnswerError.wrongBytes("\(error)"))
        }
        let cause = GoogleAnswerError(description: "the store held other bytes than were sent; they were removed")
        throw StoreError(.unavailable, "put", key, cause: cause)
    }

    package func delete(_ key: ObjectKey) async throws(StoreError) { try await delete(key, []) }

    private func delete(_ key: ObjectKey, _ query: [(name: String, value: String)]) async throws(StoreError) {
        let request = HTTPRequest(.delete, endpoint.object(bucket.name(of: key), query))
        // 412: what was to go has been replaced by another.
        let accepted: Set = query.isEmpty ? [404] : [404, 412]
        let response = try await client.answer("delete", key.description, request, accepting: accepted) {
            (request) async throws(HTTPError) in try await client.http.collect(request, atMost: Self.answerLimit)
        }
        if response.status == 404 { try throwIfOfBucket(response, "delete", key) }
    }

    // MARK: Reading

    package func get(
        _ key: ObjectKey,
        range: Range<Int64>?,
        into buffer: inout BufferLease
    ) async throws(StoreError) -> ObjectInfo {
        if let range, range.isEmpty { return try await nothing(of: key, at: range.lowerBound) }
        let read = RangedRead(range: range)
        let filled = buffer.count
        // Else an object whose metadata say gzip would come decompressed, and whole.
        // https://cloud.google.com/storage/docs/transcoding
        let request = HTTPRequest(
            .get,
            endpoint.object(bucket.name(of: key), [("alt", "media")]),
            headers: read.headers + [("Accept-Encoding", "gzip")]
        )
        let response = try await client.answer("get", key.description, request, accepting: [416]) {
            (request) async throws(HTTPError) in try await client.http.send(request, into: &buffer)
        }
        // Of a range from the very end on, which HTTP cannot satisfy and the emulator does with no bytes.
        if response.status == 416 || (response.status == 206 && buffer.count == filled) {
            let info = try await nothing(of: key, at: range?.lowerBound ?? 0)
            guard range.map({ $0.lowerBound == info.size }) ?? false else {
                throw StoreError(.unavailable, "get", key, cause: GoogleAnswerError.lacking)
            }
            return info
        }
        do {
            let size = try read.size(response, received: buffer.count - filled)
            try Self.checkEncoding(response, size: size)
            if buffer.count - filled == Int(size) {
                try Self.checkSum(buffer.bytes.extracting(filled...), response, isNeeded: endpoint.isGoogle)
            }
            let modified = StoreTime.seconds(ofHTTPDate: response.headers["Last-Modified"])
            return ObjectInfo(key: key, size: size, modified: modified)
        } catch let error as GoogleSumError {
            buffer.truncate(to: filled)
            throw StoreError(.unavailable, "get", key, cause: error)  // the next copy may be whole
        } catch {
            buffer.truncate(to: filled)
            throw StoreError(.corrupt, "get", key, cause: error)
        }
    }

    /// Whether the bytes are sent as they are stored, neither decompressed nor compressed on their way.
    private static func checkEncoding(_ response: HTTPResponse, size: Int64) throws(GoogleAnswerError) {
        let sent = response.headers["Content-Encoding"] ?? "identity"
        let stored = response.headers["X-Goog-Stored-Content-Encoding"] ?? sent
        let length = response.headers["X-Goog-Stored-Content-Length"].flatMap { Int64($0) } ?? size
        guard (sent == "gzip") == (stored == "gzip"), length == size else {
            throw GoogleAnswerError(
                description: "the object is stored as \(length) bytes (\(stored)) and was sent as \(size) (\(sent))"
            )
        }
    }

    /// Compares a whole object with `x-goog-hash: crc32c=n03x6A==,md5=…`, one header or several.
    ///
    /// https://cloud.google.com/storage/docs/xml-api/reference-headers#xgooghash
    ///
    /// - Parameter isNeeded: Google always tells it; others may not.
    private static func checkSum(
        _ bytes: Span<UInt8>,
        _ response: HTTPResponse,
        isNeeded: Bool
    ) throws(GoogleSumError) {
        let values = response.headers.values(of: "x-goog-hash").flatMap { $0.split(separator: ",") }
        let sums = values.map { $0.drop { $0 == " " } }.filter { $0.hasPrefix("crc32c=") }
        guard let stored = sums.first?.dropFirst("crc32c=".count) else {
            if isNeeded { throw GoogleSumError(description: "the answer lacks the object's crc32c") }
            return
        }
        guard stored == GoogleUpload.Sums.crc32c(of: bytes) else {
            throw GoogleSumError(
                description: "the bytes that came do not have the crc32c that the store tells for the object"
            )
        }
    }

    package func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? {
        let url = endpoint.object(bucket.name(of: key), [("fields", GoogleObject.infoFields)])
        let response = try await client.answer("look at", key.description, HTTPRequest(.get, url), accepting: [404]) {
            (request) async throws(HTTPError) in try await client.http.collect(request, atMost: Self.answerLimit)
        }
        if response.status == 404 {
            try throwIfOfBucket(response, "look at", key)
            return nil
        }
        guard let info = GoogleObject(json: response.body)?.info(key) else {
            throw StoreError(.unavailable, "look at", key, cause: GoogleAnswerError.notJSON)
        }
        return info
    }

    /// A missing bucket is no missing object.
    private func throwIfOfBucket(
        _ response: HTTPResponse,
        _ operation: String,
        _ key: ObjectKey
    ) throws(StoreError) {
        guard GoogleErrorBody(response).isOfBucket else { return }
        throw StoreError(.noBucket, operation, key, cause: client.dialect.refusal(response))
    }

    // MARK: Listing

    /// A page may hold more than `limit` objects only if the store leaves the limit out of account and gives all at once:
    /// what it gave is not thrown away.
    package func list(prefix: String, from cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        var query = [
            (name: "prefix", value: bucket.name(ofPrefix: prefix)),
            (name: "maxResults", value: "\(max(1, min(limit, 1000)))"),
            (name: "fields", value: GoogleListing.fields),
        ]
        if let cursor { query.append(("pageToken", cursor.text)) }
        let subject = "\(location)/\(prefix)"
        let request = HTTPRequest(.get, endpoint.objects(query))
        let response = try await client.answer("list", subject, request) { (request) async throws(HTTPError) in
            try await client.http.collect(request, atMost: Self.pageLimit)
        }
        guard let listing = GoogleListing(json: response.body) else {
            throw StoreError(.unavailable, "list", subject, cause: GoogleAnswerError.notJSON)
        }
        var objects: [ObjectInfo] = []
        for item in listing.items ?? [] {
            guard let name = item.name else {
                throw StoreError(.unavailable, "list", subject, cause: GoogleAnswerError.notJSON)
            }
            guard let key = bucket.key(ofName: name), key.description.utf8.starts(with: prefix.utf8) else { continue }
            guard let info = item.info(key) else {
                throw StoreError(.unavailable, "list", subject, cause: GoogleAnswerError.notJSON)
            }
            objects.append(info)
        }
        let next = listing.nextPageToken.flatMap { $0.isEmpty ? nil : ListCursor($0) }
        return ListPage(objects: objects, next: next)
    }
}

/// It is not shown that the bytes of a whole object are those that the service keeps.
struct GoogleSumError: Error, CustomStringConvertible {
    let description: String
}
