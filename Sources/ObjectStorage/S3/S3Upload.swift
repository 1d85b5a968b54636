internal import TransferEngine

/// Which of the things that a put can ask of a store this one takes; learnt from what it answers.
final class S3Upload: Sendable {
    /// One way to send a body.
    struct Way: Sendable, Hashable {
        var checksum: ContentChecksum
        /// Whether If-None-Match is sent with a create-only put.
        var hasCondition: Bool
    }

    /// What is tried, one after the other, as long as the store refuses it.
    private let ladder: [ContentChecksum]
    private let checksum: ThreadLock<ContentChecksum>
    /// Whether the store has told a CRC32C of its own.
    ///
    /// One that ignores the header says nothing, and takes any bytes.
    private let tellsChecksum = ThreadLock(false)
    let createOnly: CreateOnly
    /// Whether a look asks for the checksum; not any more once it was only answered without.
    private let asksForSum = ThreadLock(true)

    /// Begins with the check that costs least.
    ///
    /// Over plain HTTP the signature covers the body, which is check enough unless a store wants more; under TLS a
    /// checksum in a header is cheaper. Every S3 before 2022 knew Content-MD5 and nothing else.
    ///
    /// - Throws: for a checksum that is none of S3's.
    init(_ wanted: ContentChecksum, isTLS: Bool, createOnly: CreateOnly) throws(StoreSettingsError) {
        if wanted == .crc64 {
            throw StoreSettingsError("S3 is sent crc32c, sha256, md5 or none as checksum, not crc64")
        }
        let automatic: [ContentChecksum] = isTLS ? [.crc32c, .md5, .none] : [.none, .crc32c, .md5]
        ladder = wanted == .automatic ? automatic : [wanted]
        checksum = ThreadLock(ladder[0])
        self.createOnly = createOnly
    }

    var way: Way { Way(checksum: checksum.withLock { $0 }, hasCondition: createOnly.isAsked) }

    /// Another way, after the store has refused `way` as such; nil: the refusal stands.
    func other(than way: Way, after refusal: StoreRefusal, isConditional: Bool) -> Way? {
        guard refusal.meaning == .refused, refusal.status == 400 || refusal.status == 501 else { return nil }
        let namesCondition = refusal.header == "if-none-match"
        let isAboutCondition = namesCondition || (refusal.status == 501 && !refusal.header.contains("checksum"))
        if isConditional, way.hasCondition, isAboutCondition, createOnly.knowledge != .required {
            return Way(checksum: way.checksum, hasCondition: false)
        }
        let next = ladder.drop { $0 != way.checksum }.dropFirst().first
        guard let next, !namesCondition else { return nil }
        return Way(checksum: next, hasCondition: way.hasCondition)
    }

    /// Remembers the way that the store has taken.
    func learn(_ way: Way, isConditional: Bool) {
        checksum.withLock { $0 = way.checksum }
        if isConditional, !way.hasCondition { createOnly.learn(.refused) }
    }

    /// The headers of a look, for the object's checksum.
    ///
    /// Of an object under a KMS key the question needs kms:Decrypt, which a role that only writes may lack.
    /// https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html (x-amz-checksum-mode)
    var lookHeaders: [HTTPHeaders.Field] {
        asksForSum.withLock { $0 } ? [("x-amz-checksum-mode", "ENABLED")] : []
    }

    /// Remembers that a look was answered only when it did not ask for the checksum.
    func learnNoSum() { asksForSum.withLock { $0 = false } }

    /// The headers that let the store check `body`, the digest of its payload among them.
    ///
    /// - Parameters:
    ///   - digest: of `body`, if it is known: then it is free.
    ///   - isTLS: else the signature has to cover the body. It does as well where nothing shows that the store looks at
    ///     the checksum header: Ceph and many others leave it out of account.
    func headers(
        _ body: borrowing BufferLease,
        _ checksum: ContentChecksum,
        digest: SHA256Digest?,
        isTLS: Bool
    ) -> [HTTPHeaders.Field] {
        let isChecked =
            switch checksum {
            case .automatic, .crc32c: tellsChecksum.withLock { $0 }
            case .md5: true
            case .sha256, .crc64, .none: false
            }
        var digest = digest
        if digest == nil, !isTLS || !isChecked { digest = SHA256.digest(of: body.bytes) }
        var headers: [HTTPHeaders.Field] = [
            (SigV4.payloadHeader, digest.map(\.description) ?? SigV4.unsignedPayload)
        ]
        switch checksum {
        case .automatic, .crc32c:
            headers.append((Self.crc32cHeader, Base64.text(of: CRC32C(of: body).bigEndianBytes)))
        case .sha256: headers.append(("x-amz-checksum-sha256", Base64.text(of: digest?.bytes ?? [])))
        case .md5: headers.append(("Content-MD5", Base64.text(of: MD5.digest(of: body.bytes))))
        case .crc64, .none: break
        }
        return headers
    }

    /// Compares what the store says that it has stored, if it says so, with what was sent.
    func agrees(_ response: HTTPResponse, _ sums: [HTTPHeaders.Field]) -> Bool {
        guard let sent = sums.first(where: { $0.name == Self.crc32cHeader })?.value,
            let stored = response.headers[Self.crc32cHeader]
        else { return true }
        if stored == sent { tellsChecksum.withLock { $0 = true } }
        return stored == sent
    }

    /// The sum of a whole object that an answer tells; nil if it tells none, or one of parts.
    ///
    /// https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html (x-amz-checksum-type)
    static func crc32c(_ headers: HTTPHeaders) -> UInt32? {
        guard headers["x-amz-checksum-type"].map({ $0 == "FULL_OBJECT" }) ?? true else { return nil }
        return headers[crc32cHeader].flatMap { CRC32C.value(base64: $0) }
    }

    private static let crc32cHeader = "x-amz-checksum-crc32c"
}
