internal import Logging
internal import ObjectStorage
internal import Vault

/// The manifest that this node published last, read beside the plan: both ascend, so one look ahead is enough.
struct PreviousManifest: ~Copyable {
    /// Nil for a node that has none.
    let header: ManifestHeader?
    private var reader: ManifestReader?
    private var ahead: ManifestGroup?
    private let logger: Logger

    /// - Parameter reader: nil for a node that has none.
    init(_ reader: consuming ManifestReader?, logger: Logger) {
        header = reader?.header
        self.reader = reader
        self.logger = logger
    }

    /// The group at `position`, if that manifest has it; must be asked in ascending order.
    ///
    /// A manifest that turns out to be damaged is not used any further: the backup then reads more, and loses nothing.
    mutating func group(at position: ManifestPosition) async throws -> ManifestGroup? {
        while true {
            if let ahead {
                if position < ahead.position { return nil }
                self.ahead = nil
                if ahead.position == position { return ahead }
            }
            guard let group = try await next() else { return nil }
            ahead = group
        }
    }

    /// The next group; nil at the end.
    mutating func next() async throws -> ManifestGroup? {
        while reader != nil {
            do {
                switch try await reader?.next() {
                case .group(let group): return group
                case .document, .table, .end: continue
                case nil: reader = nil
                }
            } catch let error as VaultError where error.code == .damaged {
                logger.warning("the previous manifest is damaged; files are read anew", metadata: ["error": "\(error)"])
                reader = nil
            } catch let error as StoreError where error.code == .notFound {
                // Deleted while it was read; what it named was there when the run began.
                logger.info("the previous manifest has been deleted; files are read anew")
                reader = nil
            }
        }
        return nil
    }
}
