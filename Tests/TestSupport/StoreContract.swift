package import ObjectStorage
internal import Testing

/// One promise of `ObjectStore`, checked against any store that is empty.
///
/// A store's suite runs them all, each with a store of its own:
/// `@Test(arguments: StoreContract.all) func `keeps`(_ promise: StoreContract) async throws { try await promise.check(store) }`
package struct StoreContract: Sendable, CustomTestStringConvertible {
    package let testDescription: String
    package let check: @Sendable (any ObjectStore) async throws -> Void

    init(_ promise: String, _ check: @escaping @Sendable (any ObjectStore) async throws -> Void) {
        testDescription = promise
        self.check = check
    }

    package static let all: [StoreContract] = wholeObjects + ranges + writing + naming + listing + cancelling
}
