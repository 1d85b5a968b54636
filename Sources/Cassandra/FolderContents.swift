internal import SystemPackage

/// The files below one base directory, sorted by group and path.
struct FolderContents: Sendable, Equatable {
    /// One file: its path and how much of it its group shares.
    struct File: Sendable {
        /// Relative to the base.
        let path: String
        /// Bytes of the path that are the group's key: the SSTable's prefix, or all.
        let keyLength: Int32

        var key: String { isSSTable ? String(decoding: keyBytes, as: UTF8.self) : path }
        var isSSTable: Bool { Int(keyLength) < path.utf8.count }
        var keyBytes: Substring.UTF8View { path.utf8.prefix(Int(keyLength)) }

        func isSameGroup(as other: File) -> Bool {
            isSSTable == other.isSSTable && keyLength == other.keyLength && keyBytes.elementsEqual(other.keyBytes)
        }

        /// By key alone; a lone file goes before an SSTable of that very prefix.
        func precedesGroup(of other: File) -> Bool {
            if keyBytes.lexicographicallyPrecedes(other.keyBytes) { return true }
            return !isSSTable && other.isSSTable && keyBytes.elementsEqual(other.keyBytes)
        }

        func precedes(_ other: File) -> Bool {
            if isSameGroup(as: other) { return path.precedes(other.path) }
            return precedesGroup(of: other)
        }
    }

    /// Sizes of the files as they were examined.
    struct Bytes: Sendable {
        var all: Int64 = 0
        /// Of components that have no other name.
        var held: Int64 = 0
    }

    let base: FilePath
    let directoryIndex: Int
    /// In the order of `File.precedes`.
    let files: [File]
    /// Nil where they were not examined.
    let bytes: Bytes?

    static func == (left: FolderContents, right: FolderContents) -> Bool {
        left.base == right.base && left.files.elementsEqual(right.files) { $0.path.utf8.elementsEqual($1.path.utf8) }
    }
}
