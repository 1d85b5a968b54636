internal import Glibc

/// An object of a fake cloud.
struct CloudObject: Sendable {
    var bytes: [UInt8]
    /// Without quotes.
    var etag: String
    /// By the service's clock, in seconds since 1970.
    var modified: Int64
    /// Grows with every object that is put.
    var generation: Int64
    /// What the client said of it and gets back: content type, metadata, encryption, storage class, checksum.
    var headers: [(name: String, value: String)] = []

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

/// A key by its bytes, since Swift takes strings for equal whose bytes differ.
struct CloudKey: Hashable, Comparable, Sendable {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    init(_ text: String) { bytes = Array(text.utf8) }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    static func < (left: CloudKey, right: CloudKey) -> Bool {
        let common = min(left.bytes.count, right.bytes.count)
        let order = unsafe memcmp(left.bytes, right.bytes, common)
        return order == 0 ? left.bytes.count < right.bytes.count : order < 0
    }

    static func == (left: CloudKey, right: CloudKey) -> Bool {
        guard left.bytes.count == right.bytes.count else { return false }
        return unsafe memcmp(left.bytes, right.bytes, left.bytes.count) == 0
    }
}
