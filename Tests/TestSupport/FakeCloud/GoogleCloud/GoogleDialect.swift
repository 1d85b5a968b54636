/// The Google Cloud Storage JSON API, as far as a client without resumable uploads uses it.
///
/// By https://cloud.google.com/storage/docs/json_api/v1 and the list of status codes there.
struct GoogleDialect {
    let context: CloudContext

    init(_ context: CloudContext) { self.context = context }

    private var request: FakeCloud.Request { context.request }

    // MARK: What is asked for

    /// What a path names.
    enum Resource {
        case upload(bucket: String)
        case bucket(String)
        case list(bucket: String)
        /// - Parameter isMedia: of the path that gives content.
        case object(bucket: String, name: [UInt8], isMedia: Bool)
    }

    /// Nil if it is none, such as one whose object's name is not one encoded part of the path.
    static func resource(_ path: some StringProtocol) -> Resource? {
        let path = String(path)
        for (prefix, isUpload, isMedia) in [
            ("/upload/storage/v1/b/", true, false), ("/download/storage/v1/b/", false, true),
            ("/storage/v1/b/", false, false),
        ] where path.hasPrefix(prefix) {
            let parts = path.dropFirst(prefix.count).split(separator: "/", omittingEmptySubsequences: false)
            guard let bucket = parts.first.flatMap({ PercentText.text($0) }), !bucket.isEmpty else { return nil }
            switch parts.count {
            case 1: return isUpload || isMedia ? nil : .bucket(bucket)
            case 2 where parts[1] == "o" && !isMedia: return isUpload ? .upload(bucket: bucket) : .list(bucket: bucket)
            case 3 where parts[1] == "o" && !isUpload:
                guard let name = PercentText.decode(parts[2]), !name.isEmpty else { return nil }
                return .object(bucket: bucket, name: name, isMedia: isMedia)
            default: return nil
            }
        }
        return nil
    }

    static func classify(_ head: CloudConnection.Head) -> (FakeCloud.Request.Operation, String?) {
        let query = PercentText.pairs(head.target.drop { $0 != "?" }.dropFirst()) ?? []
        switch (head.method, resource(head.path)) {
        // Of a multipart upload the name may stand in the body alone.
        case ("POST", .upload): return (.put, query.first { $0.name == "name" }?.value)
        case ("GET", .list): return (.list, nil)
        case ("GET", .object(_, let name, let isMedia)):
            let isGet = isMedia || query.contains { $0.name == "alt" && $0.value == "media" }
            return (isGet ? .get : .head, String(validating: name, as: UTF8.self))
        case ("DELETE", .object(_, let name, _)): return (.delete, String(validating: name, as: UTF8.self))
        default: return (.other, nil)
        }
    }

    // MARK: Answering

    func answer(_ state: inout CloudState) throws(CloudRefusal) -> CloudAnswer {
        try authenticate(state)
        guard let resource = Self.resource(request.path) else {
            throw CloudRefusal(404, "notFound", "Not Found")
        }
        guard PercentText.pairs(request.query) != nil else { throw CloudRefusal(400, "invalid", "Malformed query") }
        if request.method == "POST" || request.method == "PUT", request.length == nil {
            throw CloudRefusal(411, "required", "POST requests require a Content-length header.")
        }
        switch (request.method, resource) {
        case ("POST", .upload(let bucket)):
            try check(bucket)
            return try upload(&state)
        case ("GET", .bucket(let bucket)):
            try check(bucket)
            return document(200, .object([("kind", .string("storage#bucket")), ("name", .string(bucket))]))
        case ("GET", .list(let bucket)):
            try check(bucket)
            try checkPolicy(nil, "storage.objects.list", state)
            return try list(&state)
        case ("GET", .object(let bucket, let name, let isMedia)):
            try check(bucket)
            try checkPolicy(name, "storage.objects.get", state)
            return try read(try key(name), isMedia: isMedia, state.bucket)
        case ("DELETE", .object(let bucket, let name, _)):
            try check(bucket)
            try checkPolicy(name, "storage.objects.delete", state)
            return try delete(try key(name), &state)
        default: throw CloudRefusal(405, "methodNotAllowed", "Method Not Allowed")
        }
    }

    /// As `roles/storage.objectCreator` with conditions: to overwrite needs the right to delete.
    func checkPolicy(_ name: [UInt8]?, _ right: String, _ state: CloudState) throws(CloudRefusal) {
        let bearer = (request.header("Authorization") ?? "").dropFirst("Bearer ".count)
        guard state.bearers[String(bearer)]?.isRestricted == true else { return }
        func lacking(_ right: String) -> CloudRefusal {
            CloudRefusal(
                403,
                "forbidden",
                "\(FakeCloud.restrictedServiceAccount) does not have \(right) access to the Google Cloud Storage object. "
                    + "Permission '\(right)' denied on resource (or it may not exist)."
            )
        }
        let text = name.map { String(decoding: $0, as: UTF8.self) }
        guard context.isPermitted(text, prefix: request.parameter("prefix")) else { throw lacking(right) }
        if request.operation == .put, let name, state.bucket[CloudKey(name)] != nil {
            throw lacking("storage.objects.delete")
        }
    }

    func key(_ name: [UInt8]) throws(CloudRefusal) -> CloudKey {
        let text = String(validating: name, as: UTF8.self)
        guard let text, name.count <= 1024, !text.contains("\r"), !text.contains("\n"), text != ".", text != ".." else {
            throw CloudRefusal(400, "invalid", "The specified object name is not valid.")
        }
        return CloudKey(name)
    }

    private func check(_ bucket: String) throws(CloudRefusal) {
        guard bucket == FakeCloud.bucket else {
            throw CloudRefusal(404, "notFound", "The specified bucket does not exist.")
        }
    }

    /// Refuses parameters that are not meant for the operation.
    func allowParameters(_ names: Set<String>) throws(CloudRefusal) {
        for (name, _) in request.parameters
        where !names.contains(name) && !["prettyPrint", "userProject"].contains(name) {
            throw CloudRefusal(400, "invalidParameter", "Unknown parameter: \(name)")
        }
    }

    private func authenticate(_ state: CloudState) throws(CloudRefusal) {
        let challenge = [(name: "WWW-Authenticate", value: "Bearer realm=\"https://accounts.google.com/\"")]
        guard let header = request.header("Authorization") else {
            throw CloudRefusal(401, "required", "Anonymous caller does not have storage access.", headers: challenge)
        }
        guard header.hasPrefix("Bearer "), let bearer = state.bearers[String(header.dropFirst(7))],
            context.now < bearer.expiry
        else { throw CloudRefusal(401, "authError", "Invalid Credentials", headers: challenge) }
        let sufficient = ["devstorage.read_write", "devstorage.full_control", "cloud-platform"]
            .map { "https://www.googleapis.com/auth/" + $0 }
        guard !bearer.scopes.isDisjoint(with: sufficient) else {
            throw CloudRefusal(403, "insufficientPermissions", "Insufficient Permission")
        }
    }

    // MARK: Writing

    private static func identification(_ request: FakeCloud.Request) -> [(name: String, value: String)] {
        let id = HexText.encode(WireDigest.md5(Array("\(request.index)".utf8)))
        return [("X-GUploader-UploadID", id), ("Server", "UploadServer")]
    }

    var identification: [(name: String, value: String)] { Self.identification(request) }

    func document(_ status: Int, _ tree: JSONTree) -> CloudAnswer {
        Self.document(status, tree, request)
    }

    static func document(
        _ status: Int,
        _ tree: JSONTree,
        _ request: FakeCloud.Request,
        headers: [(name: String, value: String)] = []
    ) -> CloudAnswer {
        CloudAnswer(
            status: status,
            headers: identification(request) + headers + [("Content-Type", "application/json; charset=UTF-8")],
            body: Array(tree.text.utf8)
        )
    }

    static func render(_ refusal: CloudRefusal, _ request: FakeCloud.Request) -> CloudAnswer {
        var first: [(name: String, value: JSONTree)] = [
            ("message", .string(refusal.message)), ("domain", .string("global")), ("reason", .string(refusal.code)),
        ]
        if refusal.status == 401 {
            first += [("locationType", .string("header")), ("location", .string("Authorization"))]
        }
        let tree = JSONTree.object([
            (
                "error",
                .object([
                    ("code", .number(Int64(refusal.status))), ("message", .string(refusal.message)),
                    ("errors", .list([.object(first)])),
                ])
            )
        ])
        return document(refusal.status, tree, request, headers: refusal.headers)
    }
}
