internal import TransferEngine

/// Names under which the store has something that is not the blob's content: what is stored anew takes the next
/// generation, since no object is ever written again.
package final class DistrustedBlobs: Sendable {
    private let names = ThreadLock<Set<BlobName>>([])

    package init() {}

    package func add(_ name: BlobName) { names.withLock { _ = $0.insert(name) } }

    /// `name`, or the first generation after it that is not distrusted.
    func instead(of name: BlobName) -> BlobName {
        names.withLock { names in
            var name = name
            while names.contains(name) {
                name = name.ofGeneration(name.generation + 1)
            }
            return name
        }
    }
}
