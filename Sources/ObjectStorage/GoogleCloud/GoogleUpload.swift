internal import FoundationEssentials
internal import TransferEngine

/// How an object is sent: one request that holds its metadata and its bytes.
///
/// `uploadType=multipart` and not `media`, since only the metadata carry a checksum that the service is documented to
/// compare with the bytes before it stores them, and a storage class. The bytes go out from the lease they lie in. What the
/// service then says it has stored is compared once more, for services that leave the checksum out of account.
/// https://cloud.google.com/storage/docs/uploading-objects (single-request uploads)
/// https://cloud.google.com/storage/docs/data-validation
struct GoogleUpload: Sendable {
    private let checksum: ContentChecksum
    private let storageClass: String?
    private let kmsKey: String?

    /// The four there are, and older names for some.
    ///
    /// https://cloud.google.com/storage/docs/storage-classes
    private static let storageClasses: Set = [
        "STANDARD", "NEARLINE", "COLDLINE", "ARCHIVE", "MULTI_REGIONAL", "REGIONAL", "DURABLE_REDUCED_AVAILABILITY",
    ]

    init(_ settings: StoreSettings) throws(StoreSettingsError) {
        switch settings.checksum {
        case .automatic, .crc32c: checksum = .crc32c
        case .md5, .none: checksum = settings.checksum
        case .crc64, .sha256:
            throw StoreSettingsError(
                "Google Cloud Storage compares no \(settings.checksum.rawValue); use crc32c, md5, auto or none"
            )
        }
        storageClass = settings.storageClass?.uppercased()
        if let storageClass, !Self.storageClasses.contains(storageClass) {
            throw StoreSettingsError(
                "Google Cloud Storage has no storage class '\(settings.storageClass ?? "")'; it has STANDARD, NEARLINE, COLDLINE and ARCHIVE"
            )
        }
        switch settings.encryption {
        case .storeDefault: kmsKey = nil
        case .key(let name?):
            guard name.split(separator: "/").count == 8, name.hasPrefix("projects/"), name.contains("/cryptoKeys/")
            else {
                throw StoreSettingsError(
                    "a Cloud KMS key is named projects/…/locations/…/keyRings/…/cryptoKeys/…, not '\(name)'"
                )
            }
            kmsKey = name
        case .key(nil): throw StoreSettingsError("Google Cloud Storage has no default KMS key: name one")
        case .managed:
            throw StoreSettingsError(
                "Google Cloud Storage always encrypts, with its own keys unless the bucket says otherwise: leave the setting out"
            )
        }
    }

    /// The request for `body` under `name`; its body is the lease as it is.
    ///
    /// https://cloud.google.com/storage/docs/json_api/v1/objects/insert
    func request(
        _ body: borrowing BufferLease,
        _ name: String,
        _ endpoint: GoogleEndpoint,
        isConditional: Bool
    ) -> (HTTPRequest, Sums) {
        let sums = Sums(body, checksum)
        var query = [
            (name: "uploadType", value: "multipart"), (name: "name", value: name),
            (name: "fields", value: "generation,size,crc32c,md5Hash"),
        ]
        // "Setting to 0 makes the operation succeed only if there are no live versions of the object."
        if isConditional { query.append(("ifGenerationMatch", "0")) }
        if let kmsKey { query.append(("kmsKeyName", kmsKey)) }
        // 128 random bits: no body has them by chance, and none can be made to.
        let boundary = "ringvault-\(UInt64.random(in: 0 ... .max))-\(UInt64.random(in: 0 ... .max))"
        var request = HTTPRequest(
            .post,
            endpoint.upload(query),
            headers: [("Content-Type", "multipart/related; boundary=\(boundary)")]
        )
        let head =
            "--\(boundary)\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n\(metadata(sums))\r\n"
            + "--\(boundary)\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        request.frame = HTTPBodyFrame(before: Array(head.utf8), behind: Array("\r\n--\(boundary)--\r\n".utf8))
        return (request, sums)
    }

    private func metadata(_ sums: Sums) -> String {
        struct Metadata: Encodable {
            let contentType = "application/octet-stream"
            let storageClass: String?
            let crc32c: String?
            let md5Hash: String?
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let metadata = Metadata(storageClass: storageClass, crc32c: sums.crc32c, md5Hash: sums.md5)
        // Texts alone: there is nothing that cannot be encoded.
        return (try? encoder.encode(metadata)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// What the service has to compare, as it writes it: base64, of the CRC's big-endian bytes.
    struct Sums: Sendable, Hashable {
        let count: Int
        var crc32c: String?
        var md5: String?

        init(_ body: borrowing BufferLease, _ checksum: ContentChecksum) {
            count = body.count
            switch checksum {
            case .md5: md5 = Base64.text(of: MD5.digest(of: body.bytes))
            case .none: break
            case .automatic, .crc32c, .crc64, .sha256: crc32c = Base64.text(of: CRC32C(of: body).bigEndianBytes)
            }
        }

        static func crc32c(of bytes: Span<UInt8>) -> String {
            var sum = CRC32C()
            sum.update(bytes)
            return Base64.text(of: sum.bigEndianBytes)
        }

        /// Whether `object` can be what was sent; what it does not tell counts as right.
        func fit(_ object: GoogleObject) -> Bool {
            object.size.map { $0 == "\(count)" } ?? true
                && (crc32c == nil || object.crc32c == nil || object.crc32c == crc32c)
                && (md5 == nil || object.md5Hash == nil || object.md5Hash == md5)
        }
    }
}
