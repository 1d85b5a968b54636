/// A prefix in a bucket, or in what Azure calls a container.
///
/// A prefix is a prefix, however deep: nothing of it is ever taken for a part of the bucket's name.
package struct BucketLocation: Sendable, Hashable {
    package let bucket: String
    /// Without slashes at its ends; may be empty.
    package let prefix: String

    /// - Parameter text: `bucket`, `bucket/`, `bucket/deep/prefix`.
    /// - Throws: `StoreLocationError` if there is no bucket, or the prefix has an empty part, `.` or `..`.
    package init(_ text: String, of url: String) throws(StoreLocationError) {
        let end = text.utf8.firstIndex(of: UInt8(ascii: "/")) ?? text.endIndex
        bucket = String(text[..<end])
        guard !bucket.isEmpty else { throw StoreLocationError(url, "it names no bucket or container") }
        let isName = bucket.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "-._".utf8.contains(byte)
        }
        guard isName, bucket != ".", bucket != "..", bucket.utf8.count <= 255 else {
            throw StoreLocationError(url, "'\(bucket)' cannot be the name of a bucket or container")
        }
        var rest = text[end...].dropFirst()
        if rest.utf8.last == UInt8(ascii: "/") { rest = rest.dropLast() }
        guard !rest.isEmpty else {
            prefix = ""
            return
        }
        guard rest.utf8.count <= Self.maxPrefix else {
            throw StoreLocationError(url, "its prefix is over \(Self.maxPrefix) bytes")
        }
        do {
            prefix = try ObjectKey(String(rest)).description
        } catch {
            throw StoreLocationError(url, "its prefix cannot be used: \(error.reason)")
        }
    }

    /// So that every key of `ObjectKey.maxLength` fits into the 1,024 bytes that a name may have.
    private static let maxPrefix = 1024 - ObjectKey.maxLength - 1

    /// The whole name of an object in the bucket.
    package func name(of key: ObjectKey) -> String { name(ofPrefix: key.description) }

    /// What the names of all objects begin with whose keys begin with `text`.
    package func name(ofPrefix text: String) -> String { prefix.isEmpty ? text : "\(prefix)/\(text)" }

    /// The key of an object by its name in the bucket; nil if no vault can have made it.
    package func key(ofName name: some StringProtocol) -> ObjectKey? {
        guard !prefix.isEmpty else { return try? ObjectKey(String(name)) }
        guard name.utf8.starts(with: "\(prefix)/".utf8) else { return nil }
        // By bytes: a combining mark behind the slash belongs to the key.
        let start = name.utf8.index(name.startIndex, offsetBy: prefix.utf8.count + 1)
        return String(validating: name.utf8[start...], as: UTF8.self).flatMap { try? ObjectKey($0) }
    }

    /// `scheme://bucket/prefix`.
    package func url(_ scheme: String) -> String { "\(scheme)://\(bucket)" + (prefix.isEmpty ? "" : "/\(prefix)") }
}
