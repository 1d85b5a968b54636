/// Files and their plain bytes.
package struct FileCount: Sendable, Hashable, Codable {
    package private(set) var files = 0
    package private(set) var bytes: Int64 = 0

    package init() {}

    init(files: Int, bytes: Int64) {
        self.files = files
        self.bytes = bytes
    }

    mutating func add(_ file: ManifestFile) {
        files += 1
        bytes &+= file.size
    }

    mutating func add(_ other: Self) {
        files += other.files
        bytes &+= other.bytes
    }
}
