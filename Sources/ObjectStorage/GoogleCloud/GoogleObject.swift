internal import FoundationEssentials
internal import TransferEngine

/// What the service says of an object; only what was asked for by `fields` is there.
///
/// https://cloud.google.com/storage/docs/json_api/v1/objects#resource
struct GoogleObject: Decodable, Sendable {
    let name: String?
    /// 64-bit numbers are texts in Google's JSON.
    let size: String?
    let updated: String?
    let generation: String?
    let crc32c: String?
    let md5Hash: String?

    /// For `fields`, of what `info` needs.
    static let infoFields = "name,size,updated,crc32c"

    /// Nil if it has no size.
    func info(_ key: ObjectKey) -> ObjectInfo? {
        guard let size = size.flatMap({ Int64($0) }), size >= 0 else { return nil }
        return ObjectInfo(
            key: key,
            size: size,
            modified: StoreTime.seconds(ofISODate: updated),
            crc32c: crc32c.flatMap { CRC32C.value(base64: $0) }
        )
    }
}

/// A page of a listing.
///
/// https://cloud.google.com/storage/docs/json_api/v1/objects/list#response
struct GoogleListing: Decodable, Sendable {
    let nextPageToken: String?
    let items: [GoogleObject]?

    static let fields = "nextPageToken,items(\(GoogleObject.infoFields))"
}

/// An answer is not what it should be.
struct GoogleAnswerError: Error, CustomStringConvertible {
    let description: String

    static let notJSON = GoogleAnswerError(description: "the answer is not what the JSON API answers")

    /// Or the object was replaced by a shorter one at this moment.
    static let lacking = GoogleAnswerError(description: "the store sent none of the bytes that the object has")

    static func wrongBytes(_ reason: String) -> GoogleAnswerError {
        GoogleAnswerError(
            description:
                "the store holds other bytes than were sent, and they cannot be removed (\(reason)): delete the object"
        )
    }
}

extension Decodable {
    /// Nil if `bytes` are not JSON of this shape; what the decoder says would quote them.
    init?(json bytes: [UInt8]) {
        guard let value = try? JSONDecoder().decode(Self.self, from: Data(bytes)) else { return nil }
        self = value
    }
}
