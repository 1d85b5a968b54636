package import SystemPackage
package import TransferEngine

/// Where a vault lies, as a user writes it: `file:///backups/cassandra`.
package enum StoreLocation: Sendable, Hashable {
    case file(FilePath)

    /// - Throws: `StoreLocationError` if `text` is no URL of a known scheme.
    package init(_ text: String) throws(StoreLocationError) {
        guard let end = text.firstRange(of: "://") else {
            throw StoreLocationError(text, "it has no scheme; a directory is written file:///path")
        }
        let (scheme, rest) = (text[..<end.lowerBound], String(text[end.upperBound...]))
        switch scheme {
        case "file":
            let path = FilePath(rest)
            guard path.isAbsolute else {
                throw StoreLocationError(text, "a file:// location needs an absolute path: file:///path")
            }
            guard !rest.utf8.contains(0) else { throw StoreLocationError(text, "it has a NUL byte") }
            self = .file(path.lexicallyNormalized())
        default:
            throw StoreLocationError(text, "'\(scheme)' is not a scheme this version knows; it knows file://")
        }
    }

    /// The store itself, without wrappers.
    package func open(io: IOExecutor) -> any ObjectStore {
        switch self {
        case .file(let root): FileStore(root: root, io: io)
        }
    }
}

/// A text is no location of a store.
package struct StoreLocationError: Error, CustomStringConvertible {
    package let text: String
    package let reason: String

    init(_ text: String, _ reason: String) {
        self.text = text
        self.reason = reason
    }

    package var description: String { "'\(text)' cannot be used as a location: \(reason)" }
}
