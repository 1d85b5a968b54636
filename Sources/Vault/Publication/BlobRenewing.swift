/// Stores again what a list of condemned blobs names.
package protocol BlobRenewing: Sendable {
    /// The groups with every piece of a listed blob in a blob that is stored now.
    ///
    /// - Parameters:
    ///   - groups: of one table, at most `ManifestWriter.renewedTogether`, some with pieces of listed blobs.
    ///   - listed: what must not be named. A content is stored under `nextGeneration(of:)`.
    /// - Returns: the same groups and files in the same order; only `pieces` may differ.
    func renew(_ groups: [ManifestGroup], _ listed: ListedNames) async throws -> [ManifestGroup]
}
