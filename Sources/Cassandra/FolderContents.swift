internal import SystemPackage
internal import TransferEngine

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
        private var keyBytes: Substring.UTF8View { path.utf8.prefix(Int(keyLength)) }

        func isSameGroup(as other: File) -> Bool {
            keyLength == other.keyLength && isSSTable == other.isSSTable && keyOrder(to: other) == 0
        }

        /// By key alone; a lone file goes before an SSTable of that very prefix.
        func precedesGroup(of other: File) -> Bool {
            let order = keyOrder(to: other)
            return order == 0 ? !isSSTable && other.isSSTable : order < 0
        }

        func precedes(_ other: File) -> Bool {
            let order = keyOrder(to: other)
            guard order == 0 else { return order < 0 }
            guard isSSTable == other.isSSTable else { return !isSSTable }
            return path.precedesBytewise(other.path)
        }

        private func keyOrder(to other: File) -> Int {
            path.bytewiseOrder(to: other.path, count: Int(keyLength), otherCount: Int(other.keyLength))
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
        left.base == right.base && left.files.elementsEqual(right.files) { $0.path.hasBytes(of: $1.path) }
    }
}
