internal import TransferEngine

extension FileStore {
    static func storeError(_ error: FileError, _ operation: String, _ subject: String) -> StoreError {
        let code: StoreError.Code =
            switch error.code {
            case .notFound: .notFound
            case .accessDenied: .accessDenied
            case .outOfSpace: .outOfSpace
            case .truncated, .changed: .corrupt
            // A file system that answers EIO or ESTALE may answer again, above all one that is mounted over a network.
            case .tooManyOpenFiles, .other: .unavailable
            case .exists, .notRegular: .refused
            }
        return StoreError(code, operation, subject, cause: error)
    }

    static func storeError(_ error: FileError, _ operation: String, _ key: ObjectKey) -> StoreError {
        storeError(error, operation, key.description)
    }
}
