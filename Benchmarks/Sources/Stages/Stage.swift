/// One thing that a backup or a restore does many times, made ready to be done alone.
package struct Stage: Sendable {
    /// What one operation goes through.
    package enum Work: Sendable, Equatable {
        case bytes(Int)
        case items
    }

    /// Ready to be done.
    package struct Prepared: Sendable {
        /// Does so many operations.
        package let run: @Sendable (_ operations: Int) async throws -> Void
    }

    /// Letters, digits and hyphens: thresholds are kept in a file of this name.
    package let name: String
    package let work: Work
    /// Operations that are measured together.
    package let operations: Int
    /// Whether it sends requests, which are counted then.
    package let isNetwork: Bool
    /// Whether the heap is not to be touched at all.
    package var allocatesNothing: Bool { name.hasPrefix("CRC32") }
    private let ready: @Sendable () async throws -> @Sendable (Int) async throws -> Void

    init(
        _ name: String,
        _ work: Work,
        operations: Int,
        isNetwork: Bool = false,
        ready: @escaping @Sendable () async throws -> @Sendable (_ operations: Int) async throws -> Void
    ) {
        self.name = name
        self.work = work
        self.operations = operations
        self.isNetwork = isNetwork
        self.ready = ready
    }

    /// Makes what the operations need, once.
    package func prepare() async throws -> Prepared { Prepared(run: try await ready()) }

    /// Removes what stages have put on disk.
    package static func cleanUp() { Scratch.removeAll() }

    package static let all: [Stage] = codecs + memory + manifests + requests + runs
}
