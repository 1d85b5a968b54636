internal import FoundationEssentials
package import ObjectStorage

/// The vault's small JSON documents: one way to write them, one way to read them.
package enum Document {
    /// Sorted keys and indentation, so that people can read and compare what lies in the store.
    package static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return Array(try encoder.encode(value)) + [0x0A]
    }

    /// - Throws: `VaultError` with code `.damaged` if the bytes are not such a document.
    package static func decode<Value: Decodable>(
        _ type: Value.Type,
        from bytes: [UInt8],
        key: ObjectKey
    ) throws(VaultError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw VaultError(.damaged, "read", key.description, "it is not the JSON document it should be: \(error)")
        }
    }

    /// - Throws: `VaultError`: `.damaged` for a document of another type, `.unsupported` for one of a later version.
    package static func check(
        _ found: (type: String, version: Int),
        against known: (type: String, version: Int),
        key: ObjectKey
    ) throws(VaultError) {
        guard found.type == known.type else {
            throw VaultError(.damaged, "read", key.description, "it is no document of the type '\(known.type)'")
        }
        guard found.version <= known.version else {
            throw VaultError(
                .unsupported,
                "read",
                key.description,
                "it has version \(found.version), this program knows up to \(known.version): use a newer ringvault"
            )
        }
    }
}
