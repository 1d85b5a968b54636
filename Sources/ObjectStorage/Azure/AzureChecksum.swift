internal import TransferEngine

/// What an upload is checked against by the service, which refuses it with 400 if the bytes are others.
///
/// CRC64 costs a tenth of MD5 on both sides. The emulator refuses it or, told to be loose, leaves it out of account;
/// then it is MD5 for the rest of the process.
/// https://learn.microsoft.com/rest/api/storageservices/put-blob, https://github.com/Azure/Azurite/issues/444
final class AzureChecksum: Sendable {
    private let isAutomatic: Bool
    private let state: ThreadLock<ContentChecksum>

    static let crc64Header = "x-ms-content-crc64"

    /// - Throws: for a checksum that is none of Azure's.
    init(_ wanted: ContentChecksum) throws(StoreSettingsError) {
        switch wanted {
        case .automatic, .crc64, .md5, .none: break
        case .crc32c, .sha256:
            throw StoreSettingsError("Azure is sent crc64, md5 or none as checksum, not \(wanted.rawValue)")
        }
        isAutomatic = wanted == .automatic
        state = ThreadLock(isAutomatic ? .crc64 : wanted)
    }

    /// The one to use now.
    var kind: ContentChecksum { state.withLock { $0 } }

    /// One that older services know as well, after `kind` was refused as such; nil: the refusal stands.
    func lesser(than kind: ContentChecksum, after refusal: StoreRefusal) -> ContentChecksum? {
        guard isAutomatic, kind == .crc64 else { return nil }
        guard refusal.header.isEmpty || refusal.header == Self.crc64Header else { return nil }
        switch refusal.name {
        // The emulator's word; its status is 500.
        case "FeatureNotSupported": return .md5
        case "InvalidHeaderValue", "UnsupportedHeader", "NotImplemented", "InvalidInput": return .md5
        default: return refusal.status == 501 ? .md5 : nil
        }
    }

    /// Remembers one that was taken.
    ///
    /// Azure tells the CRC64 of what it has stored; a store that does not has left the header out of account.
    func learn(_ kind: ContentChecksum, _ response: HTTPResponse) {
        guard isAutomatic else { return }
        let isChecked = kind != .crc64 || response.headers[Self.crc64Header] != nil
        state.withLock { $0 = isChecked ? kind : .md5 }
    }

    /// Compares what the store says that it has stored, if it says so, with what was sent.
    static func agrees(_ response: HTTPResponse, _ sums: [HTTPHeaders.Field]) -> Bool {
        sums.allSatisfy { sum in response.headers[sum.name].map { $0 == sum.value } ?? true }
    }

    /// The header that lets the service check `body`.
    static func headers(_ body: borrowing BufferLease, _ kind: ContentChecksum) -> [HTTPHeaders.Field] {
        switch kind {
        case .automatic, .crc64:
            var sum = CRC64NVME()
            sum.update(body.bytes)
            return [(crc64Header, Base64.text(of: sum.littleEndianBytes))]
        case .md5: return [("Content-MD5", Base64.text(of: MD5.digest(of: body.bytes)))]
        case .crc32c, .sha256, .none: return []
        }
    }
}
