/// Why a backup or a restore could not go on.
package struct RunError: Error, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        /// What the user asked for cannot be; nothing was done.
        case invalid
        /// A file, a snapshot or a table that was asked for is not there.
        case notFound
        /// Something in the way would have to be destroyed.
        case conflict
        /// What was looked at before the work speaks against it; nothing was changed.
        case refused
        /// The disk has not enough room.
        case outOfSpace
        /// A step failed; `cause` says why.
        case failed
    }

    package let code: Code
    /// In the imperative: `"back up"`.
    package let operation: String
    /// A file, a table, an option's value.
    package let subject: String
    /// Why, and what to do about it; empty where `cause` says it all.
    package let reason: String
    package let cause: (any Error)?

    package init(
        _ code: Code,
        _ operation: String,
        _ subject: String,
        _ reason: String = "",
        cause: (any Error)? = nil
    ) {
        self.code = code
        self.operation = operation
        self.subject = subject
        self.reason = reason
        self.cause = cause
    }

    package var description: String {
        let why = [reason, cause.map { "\($0)" } ?? ""].filter { !$0.isEmpty }.joined(separator: ": ")
        return "cannot \(operation) \(subject)" + (why.isEmpty ? "" : ": \(why)")
    }

    /// Runs `body`; says of its error what was being done.
    static func naming<Value>(
        _ operation: String,
        _ subject: @autoclosure () -> String,
        _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await body()
        } catch {
            throw named(operation, subject(), error)
        }
    }

    /// `error` with what was being done; a cancellation, and an error that says so already, as they are.
    static func named(_ operation: String, _ subject: String, _ error: any Error) -> any Error {
        if error is CancellationError || error is RunError { return error }
        return RunError(.failed, operation, subject, cause: error)
    }
}
