extension AzureDialect {
    private var request: FakeCloud.Request { context.request }
    private var options: FakeCloud.Options { context.options }

    // MARK: Put Blob

    func put(_ key: CloudKey, _ state: inout CloudState) throws(CloudRefusal) -> CloudAnswer {
        guard let kind = request.header("x-ms-blob-type") else {
            throw CloudRefusal(
                400,
                "MissingRequiredHeader",
                "A mandatory header is missing.",
                details: [("HeaderName", "x-ms-blob-type")]
            )
        }
        guard kind == "BlockBlob" else {
            throw CloudRefusal(400, "InvalidHeaderValue", "The value for one of the HTTP headers is not valid.")
        }
        try checkDigests()
        // A signature with `c` and without `w` creates, and does not overwrite.
        if request.parameter("sig") != nil, request.parameter("sp")?.contains("w") == false, state.bucket[key] != nil {
            throw Self.mayNotOverwrite
        }
        try checkConditions(key, state.bucket)
        let kept = request.headers.map { (name: $0.name.lowercased(), value: $0.value) }
            .filter { $0.name.hasPrefix("x-ms-meta-") || Self.keptHeaders.contains($0.name) }
        let object = CloudObject(
            bytes: context.body,
            etag: "0x8D" + context.etag(of: context.body).prefix(14).uppercased(),
            modified: context.now,
            generation: state.bucket.nextGeneration(),
            headers: kept + [("content-md5", Base64Text.encode(WireDigest.md5(context.body)))]
        )
        state.bucket.set(object, at: key, request: request.index)
        let told = context.adjusted(object)
        var headers = identification
        headers += [
            ("ETag", "\"\(told.etag)\""), ("Last-Modified", UTCTime(told.modified).http),
            ("Content-MD5", object.header("content-md5") ?? ""), ("x-ms-request-server-encrypted", "true"),
        ]
        // Azure tells it always; computed without optimisation it costs seconds for megabytes.
        if let sum = request.header("x-ms-content-crc64") { headers.append(("x-ms-content-crc64", sum)) }
        return CloudAnswer(status: 201, headers: headers)
    }

    private static let keptHeaders: Set<String> = [
        "content-type", "x-ms-blob-content-type", "x-ms-access-tier", "x-ms-encryption-scope", "content-encoding",
    ]

    private func checkDigests() throws(CloudRefusal) {
        let md5 = request.header("content-md5")
        let crc64 = request.header("x-ms-content-crc64")
        if md5 != nil, crc64 != nil {
            throw CloudRefusal(400, "InvalidInput", "Only one of Content-MD5 and x-ms-content-crc64 may be there.")
        }
        if let md5 {
            guard let digest = Base64Text.decode(md5), digest.count == 16 else {
                throw CloudRefusal(400, "InvalidMd5", "The MD5 value specified in the request is invalid.")
            }
            guard digest == WireDigest.md5(context.body) else {
                throw CloudRefusal(
                    400,
                    "Md5Mismatch",
                    "The MD5 value specified in the request did not match with the MD5 value calculated by the server."
                )
            }
        }
        if let crc64 {
            guard let sum = Base64Text.decode(crc64), sum.count == 8 else {
                throw CloudRefusal(400, "InvalidHeaderValue", "The value for one of the HTTP headers is not valid.")
            }
            guard sum == WireDigest.crc64(context.body).reversed() else {
                throw CloudRefusal(
                    400,
                    "Crc64Mismatch",
                    "The CRC64 value specified in the request did not match with the CRC64 value calculated by the server."
                )
            }
        }
    }

    private func checkConditions(_ key: CloudKey, _ bucket: CloudBucket) throws(CloudRefusal) {
        let object = bucket[key]
        let failed = CloudRefusal(
            412,
            "ConditionNotMet",
            "The condition specified using HTTP conditional header(s) is not met."
        )
        if let wanted = request.header("if-match") {
            guard let object, wanted == "*" || wanted == "\"\(object.etag)\"" else { throw failed }
        }
        guard let unwanted = request.header("if-none-match"), let object, options.conditional != .ignored else {
            return
        }
        if unwanted == "*" { throw CloudRefusal(409, "BlobAlreadyExists", "The specified blob already exists.") }
        if unwanted == "\"\(object.etag)\"" { throw failed }
    }

    // MARK: Get Blob and Get Blob Properties

    func read(_ key: CloudKey, _ bucket: CloudBucket) throws(CloudRefusal) -> CloudAnswer {
        guard let object = context.object(key, in: bucket) else { throw Self.notFound }
        if let wanted = request.header("if-match"), wanted != "*", wanted != "\"\(object.etag)\"" {
            throw CloudRefusal(412, "ConditionNotMet", "The condition specified is not met.")
        }
        let size = object.bytes.count
        let asked = request.header("x-ms-range") ?? request.header("range")
        if let asked, asked.hasPrefix("bytes=-") || asked.contains(",") {
            throw CloudRefusal(400, "InvalidHeaderValue", "The value for one of the HTTP headers is not valid.")
        }
        var range: Range<Int>?
        do {
            // Get Blob Properties knows no ranges.
            range = request.method == "HEAD" ? nil : try context.range(asked, of: size)
        } catch {
            throw CloudRefusal(
                416,
                "InvalidRange",
                "The range specified is invalid for the current size of the resource.",
                headers: [("Content-Range", "bytes */\(size)")]
            )
        }
        let type = object.header("x-ms-blob-content-type") ?? object.header("content-type")
        var headers =
            identification + [
                ("Last-Modified", UTCTime(object.modified).http), ("ETag", "\"\(object.etag)\""),
                ("Content-Type", type ?? "application/octet-stream"), ("Accept-Ranges", "bytes"),
                ("x-ms-creation-time", UTCTime(object.modified).http), ("x-ms-blob-type", "BlockBlob"),
                ("x-ms-lease-status", "unlocked"), ("x-ms-lease-state", "available"), ("x-ms-server-encrypted", "true"),
            ]
        let whole = object.header("content-md5") ?? Base64Text.encode(WireDigest.md5(object.bytes))
        headers.append((range == nil ? "Content-MD5" : "x-ms-blob-content-md5", whole))
        headers += object.headers.filter { $0.name.hasPrefix("x-ms-meta-") || $0.name == "x-ms-access-tier" }
        var answer = CloudAnswer(status: range == nil ? 200 : 206, headers: headers)
        if request.method == "HEAD" {
            answer.statedLength = size
        } else if let range {
            answer.body = context.cut(object, range)
            answer.headers.append(("Content-Range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"))
            if request.header("x-ms-range-get-content-md5") == "true", range.count <= 4 << 20 {
                answer.headers.append(("Content-MD5", Base64Text.encode(WireDigest.md5(answer.body))))
            }
            if request.header("x-ms-range-get-content-crc64") == "true", range.count <= 4 << 20 {
                let sum = Base64Text.encode(WireDigest.crc64(answer.body).reversed())
                answer.headers.append(("x-ms-content-crc64", sum))
            }
        } else {
            answer.body = object.bytes
        }
        return answer
    }

    private static let notFound = CloudRefusal(404, "BlobNotFound", "The specified blob does not exist.")

    // MARK: Delete Blob

    func delete(_ key: CloudKey, _ state: inout CloudState) throws(CloudRefusal) -> CloudAnswer {
        guard let object = state.bucket[key] else { throw Self.notFound }
        if options.objectLock {
            throw CloudRefusal(
                409,
                "BlobImmutableDueToPolicy",
                "This operation is not permitted as the blob is immutable."
            )
        }
        if options.keepsEmptyObjects, object.bytes.isEmpty {
            throw CloudRefusal(403, "AuthorizationPermissionMismatch", "This request is not authorized.")
        }
        state.bucket.set(nil, at: key, request: request.index)
        return CloudAnswer(status: 202, headers: identification + [("x-ms-delete-type-permanent", "true")])
    }

    // MARK: List Blobs

    func list(_ state: inout CloudState) throws(CloudRefusal) -> CloudAnswer {
        try allowParameters(["restype", "comp", "prefix", "marker", "maxresults", "include", "timeout"])
        let most = Int(request.parameter("maxresults") ?? "5000")
        guard let most, most > 0 else {
            throw CloudRefusal(
                400,
                "OutOfRangeQueryParameterValue",
                "One of the query parameters specified in the request URI is outside the permissible range."
            )
        }
        let prefix = request.parameter("prefix") ?? ""
        let marker = request.parameter("marker").flatMap { $0.isEmpty ? nil : $0 }
        let page = state.bucket.page(
            prefix: Array(prefix.utf8),
            token: marker,
            limit: min(most, 5000, options.pageLimit),
            request: request.index,
            fault: context.fault,
            isAfter: { _ in true }
        )
        guard let page else {
            throw CloudRefusal(400, "InvalidQueryParameterValue", "Value for one of the query parameters is invalid.")
        }
        var text = ""
        if !prefix.isEmpty { text += Self.name("Prefix", prefix) }
        if let marker { text += XMLText.element("Marker", marker) }
        if request.parameter("maxresults") != nil { text += XMLText.element("MaxResults", "\(most)") }
        text += "<Blobs>"
        for (key, object) in page.objects {
            let object = context.adjusted(object)
            let time = UTCTime(object.modified).http
            text += "<Blob>" + Self.name("Name", key.text) + "<Properties>" + XMLText.element("Creation-Time", time)
            text += XMLText.element("Last-Modified", time) + XMLText.element("Etag", object.etag)
            text += XMLText.element("Content-Length", "\(object.bytes.count)")
            text += XMLText.element("Content-Type", object.header("content-type") ?? "application/octet-stream")
            text += "<Content-Encoding /><Content-Language /><Content-CRC64 />"
            text += XMLText.element("Content-MD5", object.header("content-md5") ?? "")
            text += "<BlobType>BlockBlob</BlobType><AccessTier>Hot</AccessTier><LeaseStatus>unlocked</LeaseStatus>"
            text += "<ServerEncrypted>true</ServerEncrypted></Properties><OrMetadata /></Blob>"
        }
        text += "</Blobs>" + (page.token.map { XMLText.element("NextMarker", $0) } ?? "<NextMarker />")
        let place =
            "ServiceEndpoint=\"\(context.endpoint)/\(FakeCloud.account)/\" ContainerName=\"\(FakeCloud.bucket)\""
        return document("<EnumerationResults \(place)>\(text)</EnumerationResults>")
    }

    /// Percent-encoded, and so marked, if XML cannot hold it.
    private static func name(_ element: String, _ text: String) -> String {
        let isFit = text.unicodeScalars.allSatisfy {
            $0.value >= 0x20 && $0.value != 0xFFFE && $0.value != 0xFFFF || [0x9, 0xA, 0xD].contains($0.value)
        }
        if isFit { return XMLText.element(element, text) }
        return "<\(element) Encoded=\"true\">\(PercentText.encode(text.utf8, keeping: "/"))</\(element)>"
    }
}
