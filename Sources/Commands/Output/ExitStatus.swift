internal import ArgumentParser
internal import Cassandra
internal import ObjectStorage
internal import Operations
internal import TransferEngine
internal import Vault

/// What scripts can rely on.
///
/// The table stands in `docs/operations.md` and in `ringvault --help`.
enum ExitStatus: Int32 {
    case success = 0
    case failed = 1
    /// A backup, a snapshot, a table, a vault that is not there.
    case notFound = 3
    /// A name that is taken, a file that is in the way.
    case conflict = 4
    /// The store could not be reached or asked to slow down, after all attempts: the same command may succeed later.
    case unavailable = 5
    /// Bytes in the vault or on the node are not what they must be.
    case damaged = 6
    case outOfSpace = 7
    /// What is looked at before the work speaks against it: a preflight, a schema, tokens. Nothing was changed.
    case refused = 8
    /// The command line, the settings or the environment cannot be used: `EX_USAGE` of sysexits.h.
    case usage = 64
    /// Stopped before the work was done, by a command, a signal or the end of its window: the same command goes on.
    /// `EX_TEMPFAIL` of sysexits.h.
    case stopped = 75
    /// The vault is encrypted, and the key is missing, wrong, or for writing only: `EX_NOPERM` of sysexits.h.
    case locked = 77
    /// 128 and the number of SIGINT.
    case interrupted = 130

    /// The status for what a command threw.
    init(_ error: any Error) {
        switch error {
        case is CancellationError: self = .interrupted
        case is RunStopped: self = .stopped
        case is RestoreRefused: self = .refused
        case is ValidationError, is StoreLocationError, is StoreSettingsError, is ObjectKeyError: self = .usage
        case let error as CredentialError: self = Self.status(of: error.code)
        case let error as RunError: self = error.cause.map { ExitStatus($0) } ?? Self.status(of: error.code)
        case let error as VaultError: self = Self.status(of: error.code)
        case let error as StoreError:
            self = (error.cause as? CredentialError).map { ExitStatus($0) } ?? Self.status(of: error.code)
        case let error as CassandraError: self = Self.status(of: error)
        case let error as FileError: self = Self.status(of: error.code)
        case is CodecError: self = .damaged
        default: self = .failed
        }
    }

    private static func status(of code: RunError.Code) -> ExitStatus {
        switch code {
        case .invalid: .usage
        case .notFound: .notFound
        case .conflict: .conflict
        case .outOfSpace: .outOfSpace
        case .refused: .refused
        case .failed: .failed
        }
    }

    private static func status(of code: VaultError.Code) -> ExitStatus {
        switch code {
        case .notFound: .notFound
        case .exists: .conflict
        case .damaged: .damaged
        case .unsupported: .failed
        case .stale: .unavailable
        case .retained: .conflict
        case .invalid: .usage
        case .locked: .locked
        }
    }

    private static func status(of code: StoreError.Code) -> ExitStatus {
        switch code {
        case .notFound, .noBucket: .notFound
        case .throttled, .unavailable: .unavailable
        case .corrupt, .badRange: .damaged
        case .outOfSpace: .outOfSpace
        case .accessDenied, .refused: .failed
        case .cancelled: .interrupted
        }
    }

    private static func status(of code: CredentialError.Code) -> ExitStatus {
        switch code {
        case .missing, .invalid: .usage
        case .refused: .failed
        case .unavailable: .unavailable
        case .cancelled: .interrupted
        }
    }

    private static func status(of error: CassandraError) -> ExitStatus {
        switch error.code {
        case .invalid: .usage
        case .notFound: .notFound
        case .changing: .unavailable
        case .corrupt: .damaged
        case .system: error.cause.map { ExitStatus($0) } ?? .failed
        case .exists: .conflict
        case .unreachable, .timedOut, .notReady: .unavailable
        case .denied, .unsupported, .refused, .malformed: .failed
        case .cancelled: .interrupted
        }
    }

    private static func status(of code: FileError.Code) -> ExitStatus {
        switch code {
        case .notFound: .notFound
        case .exists: .conflict
        case .outOfSpace: .outOfSpace
        case .truncated, .changed: .damaged
        case .accessDenied, .tooManyOpenFiles, .notRegular, .other: .failed
        }
    }
}
