internal import TransferEngine

/// DeleteObjects: up to 1,000 objects in one request, each with its own answer.
///
/// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
final class S3BatchDelete: Sendable {
    static let limit = 1000

    private let offered = ThreadLock(true)

    /// Whether the store has not refused it so far.
    var isOffered: Bool { offered.withLock { $0 } }

    /// Whether this error says that the store knows no such request; it is not asked again then.
    func learn(_ error: StoreError) -> Bool {
        guard let refusal = error.cause as? StoreRefusal, refusal.meaning == .refused || refusal.meaning == .notFound,
            [400, 404, 405, 501].contains(refusal.status), refusal.name != "NoSuchBucket"
        else { return false }
        offered.withLock { $0 = false }
        return true
    }

    /// Not `Quiet`: that an object is gone is told for each, and not concluded from silence.
    static func document(_ names: [String]) -> [UInt8] {
        let objects = names.map { "<Object><Key>\(escaped($0))</Key></Object>" }.joined()
        let namespace = "http://s3.amazonaws.com/doc/2006-03-01/"
        return Array(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Delete xmlns=\"\(namespace)\">\(objects)</Delete>".utf8
        )
    }

    /// Which of `keys` the answer does not say to be gone.
    func failures(_ keys: [ObjectKey], _ response: HTTPResponse, _ bucket: BucketLocation) -> [DeleteFailure] {
        let root: XMLElement
        do throws(XMLError) {
            root = try XMLElement.parse(response.body)
        } catch {
            return keys.map { DeleteFailure(key: $0, error: StoreError(.unavailable, "delete", $0, cause: error)) }
        }
        var open = Set(keys)
        for entry in root.all("Deleted") {
            if let key = entry.text("Key").flatMap({ bucket.key(ofName: $0) }) { open.remove(key) }
        }
        var failures: [DeleteFailure] = []
        for entry in root.all("Error") {
            guard let key = entry.text("Key").flatMap({ bucket.key(ofName: $0) }), open.remove(key) != nil else {
                continue
            }
            let name = entry.text("Code") ?? ""
            if name == "NoSuchKey" { continue }
            let refusal = StoreRefusal(
                S3Dialect.meaning(of: name),
                response,
                name: name,
                message: entry.text("Message") ?? "",
                requestID: response.headers["x-amz-request-id"] ?? ""
            )
            failures.append(DeleteFailure(key: key, error: StoreError(refusal.meaning, "delete", key, cause: refusal)))
        }
        // Not a word about these.
        return failures
            + open.map { key in
                let refusal = StoreRefusal(.unavailable, response, message: "the store does not say that it is gone")
                return DeleteFailure(key: key, error: StoreError(.unavailable, "delete", key, cause: refusal))
            }
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
