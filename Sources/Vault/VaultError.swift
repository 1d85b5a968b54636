/// Why a vault could not be read or written as asked.
package struct VaultError: Error, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        /// There is no vault, backup or node's manifest of that name.
        case notFound
        /// A name that may be used once is taken.
        case exists
        /// The vault is encrypted, and what was given does not open it, or lets one write and not read.
        case locked
        /// Something stored is not what its name or its document promises.
        case damaged
        /// Written by a later version, or with settings that this one does not know.
        case unsupported
        /// What was known is too old to be relied on: the same again may succeed.
        case stale
        /// The store does not let something go before its time.
        case retained
        /// The caller asked for something that cannot be.
        case invalid
    }

    package let code: Code
    /// In the imperative: `"read the manifest"`.
    package let operation: String
    /// What it was done to.
    package let subject: String
    /// Why, and what to do about it.
    package let reason: String

    package init(_ code: Code, _ operation: String, _ subject: String, _ reason: String) {
        self.code = code
        self.operation = operation
        self.subject = subject
        self.reason = reason
    }

    package var description: String { "cannot \(operation) \(subject): \(reason)" }
}
