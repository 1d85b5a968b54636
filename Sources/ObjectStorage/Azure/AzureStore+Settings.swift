internal import TransferEngine

extension AzureStore {
    /// What every blob is put with.
    ///
    /// - Throws: for what Azure does not have.
    static func objectHeaders(_ settings: StoreSettings) throws(StoreSettingsError) -> [HTTPHeaders.Field] {
        var headers: [HTTPHeaders.Field] = [("x-ms-blob-type", "BlockBlob")]
        if let tier = settings.storageClass {
            guard tier.lowercased() != "archive" else {
                throw StoreSettingsError("blobs in the Archive tier cannot be read: use Hot, Cool or Cold")
            }
            try check(tier, "an access tier")
            headers.append(("x-ms-access-tier", tier))
        }
        switch settings.encryption {
        case .storeDefault: break
        case .managed: throw StoreSettingsError("Azure always encrypts with its own keys: leave server encryption out")
        case .key(nil): throw StoreSettingsError("Azure encrypts with the key of an encryption scope: name the scope")
        case .key(let scope?):
            try check(scope, "an encryption scope")
            headers.append(("x-ms-encryption-scope", scope))
        }
        return headers
    }

    private static func check(_ name: String, _ kind: String) throws(StoreSettingsError) {
        let isName = name.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "-_".utf8.contains(byte)
        }
        guard isName, !name.isEmpty else { throw StoreSettingsError("'\(name)' cannot be the name of \(kind)") }
    }

    /// What can be the name of a container.
    ///
    /// https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata
    static func check(_ container: BucketLocation) throws(StoreSettingsError) {
        let name = container.bucket
        let isName = name.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
        }
        guard isName, (3...63).contains(name.utf8.count), !name.hasPrefix("-"), !name.hasSuffix("-"),
            !name.contains("--")
        else {
            throw StoreSettingsError(
                "'\(name)' cannot be the name of a container: 3 to 63 lower-case letters, digits and single hyphens"
            )
        }
    }
}
