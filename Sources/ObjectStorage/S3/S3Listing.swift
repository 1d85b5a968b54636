internal import TransferEngine

/// A page of ListObjectsV2.
///
/// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
enum S3Listing {
    /// - Throws: `XMLError` if it is no listing, `ListingError` if it is one of something else.
    static func page(_ document: [UInt8], _ bucket: BucketLocation, prefix: String) throws -> ListPage {
        let root = try XMLElement.parse(document)
        guard root.name == "ListBucketResult", let isTruncated = root.text("IsTruncated") else {
            throw XMLError("'\(root.name.prefix(40))' is no listing")
        }
        let isEncoded = root.text("EncodingType") == "url"
        let whole = bucket.name(ofPrefix: prefix)
        var objects: [ObjectInfo] = []
        for entry in root.all("Contents") {
            guard let text = entry.text("Key"), let size = entry.text("Size").flatMap({ Int64($0) }), size >= 0,
                let name = isEncoded ? PercentEncoding.decode(text, plusIsSpace: true) : text
            else { throw XMLError("an entry of the listing has no key or no size") }
            guard name.utf8.starts(with: whole.utf8) else { throw ListingError(outside: whole) }
            // Others may keep objects under the same prefix, with names that no vault has.
            guard let key = bucket.key(ofName: name) else { continue }
            let modified = StoreTime.seconds(ofISODate: entry.text("LastModified"))
            objects.append(ObjectInfo(key: key, size: size, modified: modified))
        }
        guard isTruncated == "true" else { return ListPage(objects: objects, next: nil) }
        guard let token = root.text("NextContinuationToken"), !token.isEmpty else {
            throw XMLError("the listing goes on but does not say where")
        }
        return ListPage(objects: objects, next: ListCursor(token))
    }
}
