package import TransferEngine

/// Block blobs in a container of Azure Blob Storage.
///
/// Each object is one Put Blob with a checksum in a header: no blocks, and with them no limit of blocks and no two writers
/// whose blocks mix. Accounts with a flat and with a hierarchical namespace; the emulator too.
/// https://learn.microsoft.com/rest/api/storageservices/blob-service-rest-api
package struct AzureStore: ObjectStore {
    private let container: BucketLocation
    let endpoint: AzureEndpoint
    let client: StoreClient<AzureDialect>
    let checksum: AzureChecksum
    private let listing: AzureListing
    /// What every blob is put with: tier, encryption scope.
    let objectHeaders: [HTTPHeaders.Field]
    package let location: String

    /// Where credentials come from, in words: `the managed identity`.
    package let identity: String

    /// Answers without an object in them are short: 64 KiB are more than any.
    private static let answerLimit = 64 * 1024
    /// A page of 5,000 blobs with names of 1,024 characters and all their properties.
    private static let pageLimit = 32 << 20

    /// Asks nothing of the network yet; reads the secret's file, if there is one, for the account's name.
    ///
    /// - Throws: `StoreSettingsError`, `CredentialError` for what cannot work.
    package init(_ container: BucketLocation, _ settings: StoreSettings, io: IOExecutor) throws {
        try Self.check(container)
        if settings.region != nil { throw StoreSettingsError("a region is of S3; Azure has none") }
        if settings.addressing != .automatic { throw StoreSettingsError("addressing is of S3; Azure has none") }
        let http = HTTPClient(settings.http)
        let access = try AzureAccess(settings, CredentialContext(settings, http: http, io: io))
        endpoint = access.endpoint
        objectHeaders = try Self.objectHeaders(settings)
        checksum = try AzureChecksum(settings.checksum)
        self.container = container
        location = container.url("azure")
        identity = access.source.name
        let credentials = CredentialCache(access.source, clock: settings.clock)
        let client = StoreClient(AzureDialect(credentials, container.bucket, clock: settings.clock), http)
        self.client = client
        let (endpoint, location) = (access.endpoint, location)
        listing = AzureListing(container) { (query) async throws(StoreError) -> AzurePage in
            let request = HTTPRequest(.get, endpoint.url(container.bucket, query: query.parameters))
            let subject = "\(location)/\(query.asked)"
            let response = try await client.answer("list", subject, request) { (request) async throws(HTTPError) in
                try await client.http.collect(request, atMost: Self.pageLimit)
            }
            do throws(XMLError) {
                return try AzurePage(response.body)
            } catch {
                // Cut or mixed up; the next one may be whole.
                throw StoreError(.unavailable, "list", subject, cause: error)
            }
        }
    }

    // MARK: Writing

    package func put(
        _ body: borrowing BufferLease,
        at key: ObjectKey,
        _ condition: PutCondition,
        digest: SHA256Digest?
    ) async throws(StoreError) -> PutResult {
        let url = try url(key, "put")
        var kind = checksum.kind
        while true {
            let sums = AzureChecksum.headers(body, kind)
            var request = HTTPRequest(.put, url, headers: objectHeaders + sums)
            if condition == .onlyIfAbsent { request.headers.append(("If-None-Match", "*")) }
            let response: HTTPResponse
            do throws(StoreError) {
                response = try await client.answer("put", key.description, request, bodyCount: body.count) {
                    (request) async throws(HTTPError) in
                    try await client.http.collect(request, body: body, atMost: Self.answerLimit)
                }
            } catch {
                guard let refusal = error.cause as? StoreRefusal else { throw error }
                if condition == .onlyIfAbsent, AzureDialect.saysItExists(refusal) { return .existed }
                guard !body.hasLeft, let lesser = checksum.lesser(than: kind, after: refusal) else { throw error }
                kind = lesser
                continue
            }
            try expect(201, response, "put", key)
            checksum.learn(kind, response)
            guard AzureChecksum.agrees(response, sums) else { throw await damaged(response, key, url) }
            return .stored
        }
    }

    /// The error of a put after which the store holds other bytes.
    private func damaged(_ response: HTTPResponse, _ key: ObjectKey, _ url: String) async -> StoreError {
        // Else a create-only put that is repeated would take it for the right object. That very one: another writer's
        // has another ETag.
        var request = HTTPRequest(.delete, url)
        if let tag = response.headers["ETag"] { request.headers.append(("If-Match", tag)) }
        do throws(StoreError) {
            _ = try await client.answer("delete", key.description, request, accepting: [404, 412]) {
                (request) async throws(HTTPError) in try await client.http.send(request)
            }
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
        let request = HTTPRequest(.get, try url(key, "get"), headers: read.headers)
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
        guard !Self.isDirectory(response) else {
            buffer.truncate(to: filled)
            throw StoreError(.notFound, "get", key)
        }
        if let encoding = response.headers["Content-Encoding"], !encoding.isEmpty, encoding != "identity" {
            buffer.truncate(to: filled)
            throw StoreError(
                .corrupt,
                "get",
                key,
                cause: StoreRefusal(.corrupt, response, message: "the bytes came in another encoding than was stored")
            )
        }
        do throws(RangedReadError) {
            return info(key, try read.size(response, received: buffer.count - filled), response)
        } catch {
            buffer.truncate(to: filled)
            throw StoreError(.corrupt, "get", key, cause: error)
        }
    }

    package func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? {
        let request = HTTPRequest(.head, try url(key, "look at"))
        let response = try await client.answer("look at", key.description, request, accepting: [404]) {
            (request) async throws(HTTPError) in try await client.http.send(request)
        }
        if try isMissing(response, "look at", key) || Self.isDirectory(response) { return nil }
        guard let size = response.headers["Content-Length"].flatMap({ Int64($0) }), size >= 0 else {
            throw unexpected("the answer tells no size", response, "look at", key)
        }
        return info(key, size, response)
    }

    /// A directory of an account with a hierarchical namespace; to such a request it is a blob of no bytes.
    private static func isDirectory(_ response: HTTPResponse) -> Bool {
        response.headers["x-ms-resource-type"]?.lowercased() == "directory"
            || response.headers["x-ms-meta-hdi_isfolder"]?.lowercased() == "true"
    }

    private func info(_ key: ObjectKey, _ size: Int64, _ response: HTTPResponse) -> ObjectInfo {
        ObjectInfo(key: key, size: size, modified: StoreTime.seconds(ofHTTPDate: response.headers["Last-Modified"]))
    }

    // MARK: Listing and removing

    package func list(prefix: String, from cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        try await listing.page(prefix: prefix, from: cursor, limit: limit)
    }

    package func delete(_ key: ObjectKey) async throws(StoreError) {
        let request = HTTPRequest(.delete, try url(key, "delete"))
        let response = try await client.answer("delete", key.description, request, accepting: [404]) {
            (request) async throws(HTTPError) in try await client.http.send(request)
        }
        if try isMissing(response, "delete", key) { return }
        try expect(202, response, "delete", key)
    }

    // MARK: Answers

    /// - Throws: if it is the container that is missing.
    private func isMissing(
        _ response: HTTPResponse,
        _ operation: String,
        _ key: ObjectKey
    ) throws(StoreError) -> Bool {
        guard response.status == 404 else { return false }
        if let refusal = client.dialect.refusal(response), refusal.meaning == .noBucket {
            throw StoreError(refusal.meaning, operation, key, cause: refusal)
        }
        return true
    }

    /// A success of another kind than Azure has for an operation is some box's between, or says that nothing was done.
    private func expect(
        _ status: Int,
        _ response: HTTPResponse,
        _ operation: String,
        _ key: ObjectKey
    ) throws(StoreError) {
        guard response.status != status else { return }
        throw unexpected("the answer should be \(status)", response, operation, key)
    }

    private func unexpected(
        _ words: String,
        _ response: HTTPResponse,
        _ operation: String,
        _ key: ObjectKey
    ) -> StoreError {
        StoreError(.unavailable, operation, key, cause: StoreRefusal(.unavailable, response, message: words))
    }

    /// - Throws: `.refused` for a key that Azure would take for another: it drops a dot at the end of a segment.
    func url(_ key: ObjectKey, _ operation: String) throws(StoreError) -> String {
        let name = container.name(of: key)
        // Emulators keep such dots.
        if !endpoint.hasAccountInPath, name.utf8.contains(UInt8(ascii: ".")),
            name.utf8.split(separator: UInt8(ascii: "/")).contains(where: { $0.last == UInt8(ascii: ".") })
        {
            throw StoreError(.refused, operation, key, cause: AzureNameError())
        }
        return endpoint.url(container.bucket, name: name)
    }
}

/// A key cannot be the name of a blob.
///
/// "No path segments should end with a dot": the service keeps `a./b` as `a/b`.
/// https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata
struct AzureNameError: Error, CustomStringConvertible {
    var description: String { "Azure drops the dot at the end of a part of a name, which makes it another object's" }
}
