extension S3Dialect {
    private var request: FakeCloud.Request { context.request }
    private var options: FakeCloud.Options { context.options }

    // MARK: PutObject

    func put(_ key: CloudKey, _ state: inout CloudState) throws(CloudRefusal) -> CloudAnswer {
        let checksum = try checkDigests()
        if options.objectLock, checksum == nil, request.header("content-md5") == nil {
            throw CloudRefusal(
                400,
                "InvalidRequest",
                "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters"
            )
        }
        try checkConditions(key, &state)
        var kept: [(name: String, value: String)] = []
        for (name, value) in request.headers.map({ ($0.name.lowercased(), $0.value) }) {
            let isKept = name.hasPrefix("x-amz-meta-") || Self.keptHeaders.contains(name)
            if isKept { kept.append((name, value)) }
        }
        if let checksum { kept.append(checksum) }
        let object = CloudObject(
            bytes: context.body,
            etag: context.etag(of: context.body),
            modified: context.now,
            generation: state.bucket.nextGeneration(),
            headers: kept
        )
        state.bucket.set(object, at: key, request: request.index)
        var headers = Self.identification(request) + [("ETag", "\"\(context.adjusted(object).etag)\"")]
        headers += encryption(of: object)
        if let checksum { headers += [checksum, ("x-amz-checksum-type", "FULL_OBJECT")] }
        return CloudAnswer(status: 200, headers: headers)
    }

    private static let keptHeaders: Set<String> = [
        "content-type", "content-encoding", "cache-control", "content-disposition", "x-amz-storage-class",
        "x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id",
        "x-amz-server-side-encryption-bucket-key-enabled", "x-amz-object-lock-mode",
        "x-amz-object-lock-retain-until-date",
    ]

    private func checkConditions(_ key: CloudKey, _ state: inout CloudState) throws(CloudRefusal) {
        let failed = CloudRefusal(
            412,
            "PreconditionFailed",
            "At least one of the pre-conditions you specified did not hold",
            details: [("Condition", "If-None-Match")]
        )
        if let value = request.header("if-match") {
            guard let object = state.bucket[key] else { throw Self.noSuchKey(key) }
            guard value == "\"\(object.etag)\"" || value == object.etag else { throw failed }
        }
        guard let value = request.header("if-none-match") else { return }
        guard value == "*" else {
            throw CloudRefusal(
                501,
                "NotImplemented",
                "A header you provided implies functionality that is not implemented"
            )
        }
        switch options.conditional {
        case .ignored: return
        case .notImplemented:
            throw CloudRefusal(
                501,
                "NotImplemented",
                "A header you provided implies functionality that is not implemented"
            )
        case .honoured: break
        case .conflictSometimes:
            state.conditionalPuts += 1
            if state.conditionalPuts % 2 == 1 {
                throw CloudRefusal(409, "ConditionalRequestConflict", "The conditional request cannot succeed now.")
            }
        }
        guard state.bucket[key] == nil else { throw failed }
    }

    // MARK: Checksums

    /// Verifies what the request says of its body.
    ///
    /// - Returns: the checksum header that was verified, to be given back.
    @discardableResult
    func checkDigests() throws(CloudRefusal) -> (name: String, value: String)? {
        if let text = request.header("content-md5") {
            guard let digest = Base64Text.decode(text), digest.count == 16 else {
                throw CloudRefusal(400, "InvalidDigest", "The Content-MD5 you specified is not valid.")
            }
            guard digest == WireDigest.md5(context.body) else {
                throw CloudRefusal(400, "BadDigest", "The Content-MD5 you specified did not match what we received.")
            }
        }
        let prefix = "x-amz-checksum-"
        let stated = request.headers.map { (name: $0.name.lowercased(), value: $0.value) }
            .filter { $0.name.hasPrefix(prefix) && $0.name != "x-amz-checksum-mode" }
        guard stated.count <= 1 else {
            throw CloudRefusal(400, "InvalidRequest", "Expecting a single x-amz-checksum- header")
        }
        guard let header = stated.first else { return nil }
        let name = String(header.name.dropFirst(prefix.count))
        guard let checksum = FakeCloud.Options.Checksum(rawValue: name), checksum != .md5,
            options.checksums.contains(checksum)
        else {
            switch options.unknownChecksum {
            case .ignored: return nil
            case .refused:
                throw CloudRefusal(
                    400,
                    "InvalidRequest",
                    "The algorithm type you specified in \(header.name) is invalid."
                )
            case .notImplemented:
                throw CloudRefusal(
                    501,
                    "NotImplemented",
                    "A header you provided implies functionality that is not implemented",
                    details: [("Header", header.name)]
                )
            }
        }
        let actual = Self.checksum(checksum, of: context.body)
        guard let value = Base64Text.decode(header.value), value.count == actual.count else {
            throw CloudRefusal(400, "InvalidRequest", "Value for \(header.name) header is invalid.")
        }
        guard value == actual else {
            throw CloudRefusal(
                400,
                "BadDigest",
                "The \(name.uppercased()) you specified did not match the calculated checksum."
            )
        }
        return header
    }

    private static func checksum(_ kind: FakeCloud.Options.Checksum, of bytes: [UInt8]) -> [UInt8] {
        switch kind {
        case .md5: WireDigest.md5(bytes)
        case .crc32: WireDigest.crc32(bytes)
        case .crc32c: WireDigest.crc32c(bytes)
        case .crc64nvme: WireDigest.crc64(bytes)
        case .sha1: WireDigest.sha1(bytes)
        case .sha256: WireDigest.sha256(bytes)
        }
    }

    // MARK: GetObject and HeadObject

    func read(_ key: CloudKey, _ bucket: CloudBucket) throws(CloudRefusal) -> CloudAnswer {
        if request.method == "HEAD", options.refusesHead {
            throw CloudRefusal(
                501,
                "NotImplemented",
                "A header you provided implies functionality that is not implemented"
            )
        }
        guard let object = context.object(key, in: bucket) else { throw Self.noSuchKey(key) }
        var headers = Self.identification(request)
        headers += [
            ("Last-Modified", UTCTime(object.modified).http), ("ETag", "\"\(object.etag)\""),
            ("Accept-Ranges", "bytes"), ("Content-Type", object.header("content-type") ?? "binary/octet-stream"),
        ]
        if request.header("x-amz-checksum-mode")?.uppercased() == "ENABLED" {
            headers += object.headers.filter { $0.name.hasPrefix("x-amz-checksum-") }
        }
        headers += encryption(of: object)
        headers += object.headers.filter { $0.name.hasPrefix("x-amz-meta-") || $0.name == "content-encoding" }
        if let storageClass = object.header("x-amz-storage-class"), storageClass != "STANDARD" {
            headers.append(("x-amz-storage-class", storageClass))
        }
        if let wanted = request.header("if-match"), wanted != "\"\(object.etag)\"", wanted != object.etag {
            throw CloudRefusal(
                412,
                "PreconditionFailed",
                "At least one of the pre-conditions you specified did not hold"
            )
        }
        if let several = request.header("range"), several.contains(",") {
            throw CloudRefusal(501, "NotImplemented", "Several ranges are not implemented.")
        }
        let size = object.bytes.count
        let range: Range<Int>?
        do {
            range = try context.range(request.header("range"), of: size)
        } catch {
            throw CloudRefusal(
                416,
                "InvalidRange",
                "The requested range is not satisfiable",
                headers: [("Content-Range", "bytes */\(size)")],
                details: [("RangeRequested", request.header("range") ?? ""), ("ActualObjectSize", "\(size)")]
            )
        }
        var answer = CloudAnswer(status: range == nil ? 200 : 206, headers: headers)
        if let range {
            answer.headers.append(("Content-Range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"))
        }
        if request.method == "HEAD" {
            answer.statedLength = range?.count ?? size
        } else {
            answer.body = range.map { context.cut(object, $0) } ?? object.bytes
        }
        return answer
    }

    private func encryption(of object: CloudObject) -> [(name: String, value: String)] {
        let stated = object.headers.filter { $0.name.hasPrefix("x-amz-server-side-encryption") }
        return stated.isEmpty ? [("x-amz-server-side-encryption", "AES256")] : stated
    }

    private static func noSuchKey(_ key: CloudKey) -> CloudRefusal {
        CloudRefusal(404, "NoSuchKey", "The specified key does not exist.", details: [("Key", key.text)])
    }

    // MARK: DeleteObject

    func delete(_ key: CloudKey, _ state: inout CloudState) throws(CloudRefusal) -> CloudAnswer {
        if isProtected(key, state.bucket) { throw CloudRefusal(403, "AccessDenied", "Access Denied") }
        if state.bucket[key] != nil { state.bucket.set(nil, at: key, request: request.index) }
        return CloudAnswer(status: 204, headers: Self.identification(request))
    }

    private func isProtected(_ key: CloudKey, _ bucket: CloudBucket) -> Bool {
        guard let object = bucket[key] else { return false }
        return options.objectLock || options.keepsEmptyObjects && object.bytes.isEmpty || context.fault == .cannotDelete
    }

    // MARK: DeleteObjects

    func deleteBatch(_ state: inout CloudState) throws(CloudRefusal) -> CloudAnswer {
        try allowParameters(["delete"])
        if options.batchDelete == .notImplemented {
            throw CloudRefusal(501, "NotImplemented", "A header or query you provided is not implemented.")
        }
        let checksum = try checkDigests()
        if options.batchDelete == .needsDigest, checksum == nil, request.header("content-md5") == nil {
            throw CloudRefusal(400, "InvalidRequest", "Missing required header for this request: Content-MD5")
        }
        let malformed = CloudRefusal(
            400,
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published schema"
        )
        guard let root = XMLElement.parse(context.body), root.name == "Delete" else { throw malformed }
        let entries = root.children.filter { $0.name == "Object" }
        let quiet = root.texts(of: "Quiet")
        let isValid =
            (1...1000).contains(entries.count) && entries.count + quiet.count == root.children.count
            && quiet.count <= 1 && quiet.allSatisfy { ["true", "false"].contains($0) }
            && entries.allSatisfy { $0.children.count == 1 && $0.texts(of: "Key").first?.isEmpty == false }
        guard isValid else { throw malformed }
        var text = ""
        for name in entries.flatMap({ $0.texts(of: "Key") }) {
            let key = CloudKey(name)
            let element = XMLText.element("Key", name)
            if isProtected(key, state.bucket) {
                text += "<Error>\(element)<Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
                continue
            }
            if state.bucket[key] != nil { state.bucket.set(nil, at: key, request: request.index) }
            if quiet != ["true"] { text += "<Deleted>\(element)</Deleted>" }
        }
        return document(200, "<DeleteResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\(text)</DeleteResult>")
    }
}
