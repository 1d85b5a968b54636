/// A page of List Blobs.
///
/// https://learn.microsoft.com/rest/api/storageservices/list-blobs
struct AzurePage: Sendable {
    struct Entry: Sendable, Hashable {
        enum Kind: Sendable, Hashable {
            case blob
            /// Of an account with a hierarchical namespace, in a listing without a delimiter: without a slash.
            case directory
            /// What names up to a delimiter have in common, slash included.
            case prefix
        }

        let kind: Kind
        let name: String
        /// Bytes of a blob.
        var size: Int64 = 0
        /// Seconds since 1970.
        var modified: Int64 = 0
    }

    let entries: [Entry]
    /// Where the next page begins; nil: this is the last one.
    let marker: String?

    init(_ entries: [Entry], marker: String?) {
        self.entries = entries
        self.marker = marker
    }

    /// - Throws: `XMLError` if `document` is no page of a listing.
    init(_ document: [UInt8]) throws(XMLError) {
        let root = try XMLElement.parse(document)
        guard root.name == "EnumerationResults", let blobs = root["Blobs"] else {
            throw XMLError("'\(root.name.prefix(40))' is no listing")
        }
        var entries: [Entry] = []
        for element in blobs.children {
            switch element.name {
            case "BlobPrefix": entries.append(Entry(kind: .prefix, name: try Self.name(element)))
            case "Blob":
                // Nobody asked for those that are deleted, nor for snapshots.
                let isSnapshot = element.text("Snapshot").map { !$0.isEmpty } ?? false
                if isSnapshot || element.text("Deleted") == "true" { continue }
                entries.append(try Self.blob(element))
            default: continue
            }
        }
        self.entries = entries
        marker = root.text("NextMarker").flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func blob(_ element: XMLElement) throws(XMLError) -> Entry {
        let name = try name(element)
        let properties = element["Properties"]
        if properties?.text("ResourceType")?.lowercased() == "directory"
            || element["Metadata"]?.text("hdi_isfolder")?.lowercased() == "true"
        {
            return Entry(kind: .directory, name: name)
        }
        guard let size = properties?.text("Content-Length").flatMap({ Int64($0) }), size >= 0 else {
            throw XMLError("an entry of the listing has no size")
        }
        let modified = StoreTime.seconds(ofHTTPDate: properties?.text("Last-Modified"))
        return Entry(kind: .blob, name: name, size: size, modified: modified)
    }

    /// A name that XML cannot hold is percent-encoded as a whole, and says so.
    private static func name(_ element: XMLElement) throws(XMLError) -> String {
        guard let name = element["Name"] else { throw XMLError("an entry of the listing has no name") }
        guard name.attributes["Encoded"] == "true" else { return name.text }
        guard let decoded = PercentEncoding.decode(name.text) else {
            throw XMLError("an encoded name of the listing cannot be decoded")
        }
        return decoded
    }
}
