internal import FoundationEssentials

extension GoogleDialect {
    private var request: FakeCloud.Request { context.request }
    private var options: FakeCloud.Options { context.options }

    /// What the metadata of an upload may say; other members are passed over, as Google does.
    private struct Metadata: Decodable {
        var name: String?
        var crc32c: String?
        var md5Hash: String?
        var contentType: String?
        var storageClass: String?
        var metadata: [String: String]?
    }

    // MARK: insert

    func upload(_ state: inout CloudState) throws(CloudRefusal) -> CloudAnswer {
        try allowParameters(["uploadType", "name", "ifGenerationMatch", "fields", "kmsKeyName", "contentEncoding"])
        var metadata = Metadata()
        var content = context.body
        var type = request.header("Content-Type")
        switch request.parameter("uploadType") {
        case "media": break
        case "multipart":
            let (document, partType, bytes) = try parts()
            guard let decoded = try? JSONDecoder().decode(Metadata.self, from: Data(document)) else {
                throw CloudRefusal(400, "parseError", "Parse Error")
            }
            metadata = decoded
            content = bytes
            type = partType
        default: throw CloudRefusal(400, "invalid", "Upload type is not known.")
        }
        guard let name = metadata.name ?? request.parameter("name"), !name.isEmpty else {
            throw CloudRefusal(400, "required", "Required parameter: name")
        }
        if let stated = metadata.name, let other = request.parameter("name"), stated != other {
            throw CloudRefusal(400, "invalid", "Value '\(stated)' in content does not agree with value '\(other)'.")
        }
        let key = try key(Array(name.utf8))
        state.requests[request.index].key = name
        try checkPolicy(Array(name.utf8), "storage.objects.create", state)
        try verify(content, metadata)
        try checkGeneration(of: state.bucket[key])
        if options.objectLock, state.bucket[key] != nil { throw Self.retained(key) }
        var headers = [(name: "content-type", value: metadata.contentType ?? type ?? "application/octet-stream")]
        if let storageClass = metadata.storageClass { headers.append(("x-goog-storage-class", storageClass)) }
        if let key = request.parameter("kmsKeyName") { headers.append(("x-goog-encryption-kms-key-name", key)) }
        headers += (metadata.metadata ?? [:]).sorted { $0.key < $1.key }.map { ("x-goog-meta-\($0.key)", $0.value) }
        headers += [
            ("crc32c", Base64Text.encode(WireDigest.crc32c(content))),
            ("md5", Base64Text.encode(WireDigest.md5(content))),
        ]
        let generation = state.bucket.nextGeneration()
        let object = CloudObject(
            bytes: content,
            etag: Base64Text.encode(Array("\(generation)".utf8).suffix(9)),
            modified: context.now,
            generation: generation,
            headers: headers
        )
        state.bucket.set(object, at: key, request: request.index)
        return try selected(resource(key, context.adjusted(object)))
    }

    /// The metadata, the content's type and the content of a multipart/related body.
    private func parts() throws(CloudRefusal) -> (document: [UInt8], type: String?, content: [UInt8]) {
        let malformed = CloudRefusal(400, "badContent", "Malformed multipart body.")
        let type = request.header("Content-Type") ?? ""
        guard type.lowercased().hasPrefix("multipart/related;"),
            let place = type.firstRange(of: "boundary=")
        else { throw malformed }
        let quoted = type[place.upperBound...].prefix { $0 != ";" }
        let boundary = quoted.hasPrefix("\"") ? quoted.dropFirst().prefix { $0 != "\"" } : quoted
        let body = context.body
        let opening = Array("--\(boundary)\r\n".utf8)
        let between = Array("\r\n--\(boundary)\r\n".utf8)
        let closing = Array("\r\n--\(boundary)--".utf8)
        // The content is looked at from its ends alone: it may be large, and may hold anything.
        guard !boundary.isEmpty, body.starts(with: opening),
            let middle = Self.place(of: between, in: body[...], from: opening.count)
        else { throw malformed }
        let tail = Array(body.suffix(closing.count + 2))
        let isClosedByLine = tail.starts(with: closing) && tail.suffix(2).elementsEqual("\r\n".utf8)
        guard isClosedByLine || body.suffix(closing.count).elementsEqual(closing) else { throw malformed }
        let end = body.count - closing.count - (isClosedByLine ? 2 : 0)
        let start = middle + between.count
        guard start <= end else { throw malformed }
        let first = try part(body[opening.count..<middle])
        let second = try part(body[start..<end])
        guard first.type?.hasPrefix("application/json") == true else { throw malformed }
        return (Array(first.content), second.type, Array(second.content))
    }

    private func part(_ bytes: ArraySlice<UInt8>) throws(CloudRefusal) -> (type: String?, content: ArraySlice<UInt8>) {
        let malformed = CloudRefusal(400, "badContent", "Malformed multipart body.")
        if bytes.starts(with: "\r\n".utf8) { return (nil, bytes.dropFirst(2)) }
        guard let end = Self.place(of: Array("\r\n\r\n".utf8), in: bytes, from: bytes.startIndex) else {
            throw malformed
        }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
        let type = lines.first { $0.lowercased().hasPrefix("content-type:") }
        return (type.map { String($0.dropFirst(13).drop { $0 == " " }) }, bytes[(end + 4)...])
    }

    private static func place(of sought: [UInt8], in bytes: ArraySlice<UInt8>, from start: Int) -> Int? {
        var from = start
        while let first = bytes[from...].firstIndex(of: sought[0]), bytes.endIndex - first >= sought.count {
            if bytes[first..<(first + sought.count)].elementsEqual(sought) { return first }
            from = first + 1
        }
        return nil
    }

    private func verify(_ content: [UInt8], _ metadata: Metadata) throws(CloudRefusal) {
        let crc32c = Base64Text.encode(WireDigest.crc32c(content))
        let md5 = Base64Text.encode(WireDigest.md5(content))
        var stated = [("CRC32C", metadata.crc32c, crc32c), ("MD5 hash", metadata.md5Hash, md5)]
        for (_, value) in request.headers.filter({ $0.name.lowercased() == "x-goog-hash" }) {
            for part in value.split(separator: ",").map({ $0.drop { $0 == " " } }) {
                switch part.prefix(while: { $0 != "=" }) {
                case "crc32c": stated.append(("CRC32C", String(part.dropFirst(7)), crc32c))
                case "md5": stated.append(("MD5 hash", String(part.dropFirst(4)), md5))
                default: throw CloudRefusal(400, "invalid", "Invalid X-Goog-Hash header: \(value)")
                }
            }
        }
        if let header = request.header("Content-MD5") { stated.append(("MD5 hash", header, md5)) }
        for case (let kind, .some(let claim), let actual) in stated where claim != actual {
            throw CloudRefusal(
                400,
                "invalid",
                "Provided \(kind) \"\(claim)\" doesn't match calculated \(kind) \"\(actual)\"."
            )
        }
    }

    private func checkGeneration(of object: CloudObject?) throws(CloudRefusal) {
        guard let text = request.parameter("ifGenerationMatch"), options.conditional != .ignored else { return }
        guard let wanted = Int64(text) else { throw CloudRefusal(400, "invalid", "Invalid value: \(text)") }
        guard wanted == object?.generation ?? 0 else {
            throw CloudRefusal(
                412,
                "conditionNotMet",
                "At least one of the pre-conditions you specified did not hold."
            )
        }
    }

    // MARK: get

    func read(_ key: CloudKey, isMedia: Bool, _ bucket: CloudBucket) throws(CloudRefusal) -> CloudAnswer {
        try allowParameters(["alt", "fields", "projection", "generation", "ifGenerationMatch"])
        guard let object = context.object(key, in: bucket) else { throw Self.notFound(key) }
        if let generation = request.parameter("generation"), generation != "\(object.generation)" {
            throw Self.notFound(key)
        }
        try checkGeneration(of: object)
        guard isMedia || request.parameter("alt") == "media" else { return try selected(resource(key, object)) }
        let size = object.bytes.count
        let range: Range<Int>?
        do {
            range = try context.range(request.header("range"), of: size)
        } catch {
            throw CloudRefusal(
                416,
                "requestedRangeNotSatisfiable",
                "Request range not satisfiable",
                headers: [("Content-Range", "bytes */\(size)")]
            )
        }
        var answer = CloudAnswer(
            status: range == nil ? 200 : 206,
            headers: identification + [
                ("Content-Type", object.header("content-type") ?? "application/octet-stream"),
                ("ETag", object.etag), ("Last-Modified", UTCTime(object.modified).http),
                ("X-Goog-Generation", "\(object.generation)"), ("X-Goog-Metageneration", "1"),
                ("X-Goog-Hash", "crc32c=\(digests(object).crc32c),md5=\(digests(object).md5)"),
                ("X-Goog-Stored-Content-Encoding", "identity"), ("X-Goog-Stored-Content-Length", "\(size)"),
                ("X-Goog-Storage-Class", object.header("x-goog-storage-class") ?? "STANDARD"),
            ]
        )
        answer.body = range.map { context.cut(object, $0) } ?? object.bytes
        if let range {
            answer.headers.append(("Content-Range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"))
        }
        return answer
    }

    private func digests(_ object: CloudObject) -> (crc32c: String, md5: String) {
        (
            object.header("crc32c") ?? Base64Text.encode(WireDigest.crc32c(object.bytes)),
            object.header("md5") ?? Base64Text.encode(WireDigest.md5(object.bytes))
        )
    }

    /// An object's metadata.
    private func resource(_ key: CloudKey, _ object: CloudObject) -> JSONTree {
        let time = UTCTime(object.modified).extended()
        let bucket = FakeCloud.bucket
        return .object([
            ("kind", .string("storage#object")), ("id", .string("\(bucket)/\(key.text)/\(object.generation)")),
            ("name", .string(key.text)), ("bucket", .string(bucket)), ("generation", .string("\(object.generation)")),
            ("metageneration", .string("1")), ("contentType", .string(object.header("content-type") ?? "")),
            ("storageClass", .string(object.header("x-goog-storage-class") ?? "STANDARD")),
            ("size", .string("\(object.bytes.count)")), ("md5Hash", .string(digests(object).md5)),
            ("crc32c", .string(digests(object).crc32c)), ("etag", .string(object.etag)),
            ("timeCreated", .string(time)), ("updated", .string(time)),
        ])
    }

    private func selected(_ tree: JSONTree) throws(CloudRefusal) -> CloudAnswer {
        guard let fields = request.parameter("fields") else { return document(200, tree) }
        guard let part = tree.selecting(fields) else {
            throw CloudRefusal(400, "invalidParameter", "Invalid field selection \(fields)")
        }
        return document(200, part)
    }

    private static func notFound(_ key: CloudKey) -> CloudRefusal {
        CloudRefusal(404, "notFound", "No such object: \(FakeCloud.bucket)/\(key.text)")
    }

    private static func retained(_ key: CloudKey) -> CloudRefusal {
        CloudRefusal(403, "retentionPolicyNotMet", "Object '\(key.text)' is subject to bucket's retention policy.")
    }

    // MARK: delete

    func delete(_ key: CloudKey, _ state: inout CloudState) throws(CloudRefusal) -> CloudAnswer {
        try allowParameters(["generation", "ifGenerationMatch"])
        guard let object = state.bucket[key] else { throw Self.notFound(key) }
        if let generation = request.parameter("generation"), generation != "\(object.generation)" {
            throw Self.notFound(key)
        }
        try checkGeneration(of: object)
        if options.objectLock { throw Self.retained(key) }
        if options.keepsEmptyObjects, object.bytes.isEmpty { throw CloudRefusal(403, "forbidden", "Forbidden") }
        state.bucket.set(nil, at: key, request: request.index)
        return CloudAnswer(status: 204, headers: identification)
    }

    // MARK: list

    func list(_ state: inout CloudState) throws(CloudRefusal) -> CloudAnswer {
        try allowParameters(["prefix", "maxResults", "pageToken", "startOffset", "fields", "projection", "versions"])
        guard let most = Int(request.parameter("maxResults") ?? "1000"), most > 0 else {
            throw CloudRefusal(400, "invalid", "Invalid value for maxResults")
        }
        let startOffset = request.parameter("startOffset")
        let page = state.bucket.page(
            prefix: Array((request.parameter("prefix") ?? "").utf8),
            token: request.parameter("pageToken"),
            limit: min(most, 1000, options.pageLimit),
            request: request.index,
            fault: context.fault,
            isAfter: { key in startOffset.map { !(key < CloudKey($0)) } ?? true }
        )
        guard let page else { throw CloudRefusal(400, "invalid", "Invalid value for: Invalid format of pageToken") }
        var members: [(name: String, value: JSONTree)] = [("kind", .string("storage#objects"))]
        if let token = page.token { members.append(("nextPageToken", .string(token))) }
        if !page.objects.isEmpty {
            members.append(("items", .list(page.objects.map { resource($0.key, context.adjusted($0.object)) })))
        }
        return try selected(.object(members))
    }
}
