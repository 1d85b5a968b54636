internal import SystemPackage
internal import TransferEngine

/// One page of a listing: a walk over the directories in the order of the keys' bytes, which ends when it is full.
struct FileStoreWalk {
    private let prefix: String
    private let after: ObjectKey?
    private let limit: Int
    private var objects: [ObjectInfo] = []
    private var isFull = false

    init(prefix: String, after: ObjectKey?, limit: Int) {
        self.prefix = prefix
        self.after = after
        self.limit = max(1, limit)
    }

    var page: ListPage {
        ListPage(objects: objects, next: isFull ? objects.last.map { ListCursor($0.key.description) } : nil)
    }

    /// - Parameter key: the key of `directory` itself, ended by `/`; empty for the root.
    mutating func visit(_ directory: FilePath, key: String) throws(FileError) {
        let names: [String]
        do throws(FileError) {
            names = try DirectoryListing(of: directory).names
        } catch {
            if error.code == .notFound { return }  // a vault before its first put, or removed meanwhile
            throw error
        }
        var found: [(key: String, name: String, status: FileStatus)] = []
        for name in names where !(key.isEmpty && name == FileStore.temporaryName) && mayMatter(key + name) {
            let status: FileStatus
            do throws(FileError) {
                status = try FileStatus(of: directory.appending(name))
            } catch {
                if error.code == .notFound { continue }  // deleted meanwhile
                throw error  // to leave out what cannot be seen would be a lie
            }
            switch status.kind {
            case .regular: found.append((key + name, name, status))
            case .directory: found.append((key + name + "/", name, status))
            case .other: continue
            }
        }
        // A directory sorts as its keys do, with the slash: "a-b" comes before "a/b".
        found.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        for entry in found {
            guard !isFull else { return }
            if entry.status.kind == .directory {
                try visit(directory.appending(entry.name), key: entry.key)
            } else if entry.key.utf8.starts(with: prefix.utf8), let object = try? ObjectKey(entry.key), isBeyond(object)
            {
                if objects.count == limit {
                    isFull = true
                    return
                }
                let modified = entry.status.modified / 1_000_000_000
                objects.append(ObjectInfo(key: object, size: entry.status.size, modified: modified))
            }
        }
    }

    private func isBeyond(_ key: ObjectKey) -> Bool {
        guard let after else { return true }
        return after < key
    }

    /// Whether a file of this key, or one below a directory of it, can belong to the page: spares a look at the others.
    private func mayMatter(_ key: String) -> Bool {
        // By bytes: `String.hasPrefix` compares whole characters.
        guard key.utf8.starts(with: prefix.utf8) || prefix.utf8.starts(with: key.utf8) else { return false }
        guard let after = after?.description else { return true }
        return !key.utf8.lexicographicallyPrecedes(after.utf8) || after.utf8.starts(with: key.utf8)
    }
}
