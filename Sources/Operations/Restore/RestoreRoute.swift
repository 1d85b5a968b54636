package import Vault

/// Which of a backup's files a restore wants, and where below its targets they go.
///
/// The same question must have the same answer for as long as the restore lasts.
package struct RestoreRoute: Sendable {
    /// For a table's path in the manifest, `shop/orders-3e28…`, the one below a target; nil: the table is not wanted.
    package let directory: @Sendable (String) -> String?
    /// Whether a group of a table that is wanted is wanted as well.
    package let includes: @Sendable (ManifestGroup) -> Bool
    /// The target that a group had better go to; nil: the one with the fewest bytes so far.
    package let target: @Sendable (ManifestGroup) -> Int?

    package init(
        directory: @escaping @Sendable (String) -> String?,
        includes: @escaping @Sendable (ManifestGroup) -> Bool = { _ in true },
        target: @escaping @Sendable (ManifestGroup) -> Int? = { _ in nil }
    ) {
        self.directory = directory
        self.includes = includes
        self.target = target
    }

    /// - Parameter tables: by path in the manifest, the path below a target.
    package init(
        tables: [String: String],
        includes: @escaping @Sendable (ManifestGroup) -> Bool = { _ in true },
        target: @escaping @Sendable (ManifestGroup) -> Int? = { _ in nil }
    ) {
        self.init(directory: { tables[$0] }, includes: includes, target: target)
    }

    /// Where the group's files go, below a target; nil if it is not wanted.
    func place(of group: ManifestGroup) -> String? {
        guard let directory = directory(group.table), includes(group) else { return nil }
        return directory
    }
}
