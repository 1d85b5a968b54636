internal import Limits
internal import SyntheticSSTables

/// Which files a job works on.
enum Shape: String, CaseIterable {
    case large, small

    /// What was written.
    struct Content {
        let files: Int
        let bytes: Int
    }

    static let snapshot = "bench"

    /// - Parameter root: becomes a data directory.
    func write(_ root: String, _ options: Options) async throws -> Content {
        let shape: DataShape =
            switch self {
            case .large: .total(options.size, dataBytes: min(options.size, 160_000_000))
            case .small: .small(files: options.files, averageBytes: 10 << 10)
            }
        let written = try await DataDirectory(root, shape: shape).write(snapshot: Self.snapshot)
        return Content(files: written.files, bytes: written.bytes)
    }
}

/// What is profiled: one start of the program.
enum Job: String, CaseIterable {
    case backupNone = "backup-none"
    case backupZstd = "backup-zstd"
    case restore
    case upload
    case smallFiles = "small-files"
    case unchanged
    case restoreSmall = "restore-small"

    static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

    var shape: Shape {
        switch self {
        case .backupNone, .backupZstd, .restore, .upload: .large
        case .smallFiles, .unchanged, .restoreSmall: .small
        }
    }

    var title: String {
        switch self {
        case .backupNone: "backup of large files without compression, into a directory"
        case .backupZstd: "backup of large files with zstd, into a directory"
        case .restore: "restore of large files from a directory"
        case .upload: "backup of large files without compression, to nginx on this machine"
        case .smallFiles: "backup of small files with zstd, into a directory"
        case .unchanged: "backup of small files that have not changed"
        case .restoreSmall: "restore of small files from a directory"
        }
    }

    var isRestore: Bool { self == .restore || self == .restoreSmall }

    var compression: String { self == .backupNone || self == .upload ? "none" : "zstd" }

    /// What any program must do for it.
    ///
    /// - Parameter stored: bytes that the vault had or got.
    func work(_ content: Shape.Content, stored: Int) -> Work {
        let (bytes, files) = (content.bytes, content.files)
        return switch self {
        case .backupNone: .backup(content: bytes, stored: stored, compression: nil, files: files)
        case .backupZstd, .smallFiles: .backup(content: bytes, stored: stored, compression: .zstd, files: files)
        case .restore, .restoreSmall: .restore(content: bytes, stored: stored, compression: .zstd, files: files)
        case .upload: .upload(content: bytes, files: files)
        case .unchanged: .unchanged(files: files)
        }
    }
}
