extension S3Dialect {
    /// ListObjectsV2.
    func list(_ state: inout CloudState) throws(CloudRefusal) -> CloudAnswer {
        let request = context.request
        guard request.parameter("list-type") == "2" else {
            throw CloudRefusal(501, "NotImplemented", "Only ListObjectsV2 is implemented.")
        }
        try allowParameters([
            "list-type", "prefix", "start-after", "continuation-token", "max-keys", "encoding-type", "fetch-owner",
        ])
        guard let most = Int(request.parameter("max-keys") ?? "1000"), most >= 0 else {
            throw CloudRefusal(400, "InvalidArgument", "Provided max-keys not an integer or within integer range")
        }
        let isEncoded: Bool
        switch request.parameter("encoding-type") {
        case nil: isEncoded = false
        case "url": isEncoded = true
        default: throw CloudRefusal(400, "InvalidArgument", "Invalid Encoding Method specified in Request")
        }
        let prefix = request.parameter("prefix") ?? ""
        let startAfter = request.parameter("start-after")
        let token = request.parameter("continuation-token")
        let page = state.bucket.page(
            prefix: Array(prefix.utf8),
            token: token,
            limit: min(most, context.options.pageLimit),
            request: request.index,
            fault: context.fault,
            isAfter: { key in startAfter.map { CloudKey($0) < key } ?? true }
        )
        guard let page else {
            throw CloudRefusal(400, "InvalidArgument", "The continuation token provided is incorrect")
        }
        let next = most == 0 ? nil : page.token  // as AWS has it: a page of none is the last

        func name(_ element: String, _ key: String) -> String {
            XMLText.element(element, isEncoded ? Self.encode(key) : key)
        }
        var text = XMLText.element("Name", FakeCloud.bucket) + name("Prefix", prefix)
        if let startAfter { text += name("StartAfter", startAfter) }
        if let token { text += XMLText.element("ContinuationToken", token) }
        text += XMLText.element("KeyCount", "\(page.objects.count)") + XMLText.element("MaxKeys", "\(most)")
        if isEncoded { text += XMLText.element("EncodingType", "url") }
        text += XMLText.element("IsTruncated", next == nil ? "false" : "true")
        if let next { text += XMLText.element("NextContinuationToken", next) }
        for (key, object) in page.objects {
            let object = context.adjusted(object)
            text += "<Contents>" + name("Key", key.text)
            text += XMLText.element("LastModified", UTCTime(object.modified).extended())
            text += XMLText.element("ETag", "\"\(object.etag)\"") + XMLText.element("Size", "\(object.bytes.count)")
            text += XMLText.element("StorageClass", object.header("x-amz-storage-class") ?? "STANDARD") + "</Contents>"
        }
        return document(
            200,
            "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\(text)</ListBucketResult>"
        )
    }

    /// As S3 encodes names in listings: a space is `+`, and `/` and `*` stay.
    private static func encode(_ key: String) -> String {
        key.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
            .map { PercentText.encode($0, keeping: "/*") }
            .joined(separator: "+")
    }
}
