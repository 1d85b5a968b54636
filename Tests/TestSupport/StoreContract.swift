package import ObjectStorage
internal import Testing

/// One promise of `ObjectStore`, checked against any store that is empty.
///
/// A store's suite runs them all, each with a store of its own:
/// `@Test(arguments: StoreContract.all) func `keeps`(_ promise: StoreContract) async throws { try await promise.check(store) }`
package struct StoreContract: Sendable, CustomTestStringConvertible {
    package let testDescription: String
    package let check: @Sendable (any ObjectStore) async throws -> Void

    /// Whether it asks that of two creators at the same moment one is kept out.
    private let needsExclusion: Bool

    init(
        _ promise: String,
        needsExclusion: Bool = false,
        _ check: @escaping @Sendable (any ObjectStore) async throws -> Void
    ) {
        testDescription = promise
        self.needsExclusion = needsExclusion
        self.check = check
    }

    package static let all: [StoreContract] = wholeObjects + ranges + writing + naming + listing + cancelling

    /// What a store keeps that does not honour the condition of a create-only put.
    package static let withoutExclusion = all.filter { !$0.needsExclusion }
}
