/// Why a store did not do what was asked.
package struct StoreError: Error, CustomStringConvertible {
    package enum Code: String, Sendable, Hashable {
        case notFound = "not found"
        /// The bucket or container itself is not there.
        case noBucket = "there is no such bucket"
        case accessDenied = "access denied"
        case throttled = "the store asks to slow down"
        case unavailable = "the store cannot be reached or failed"
        /// Bytes are missing or are not those that were stored.
        case corrupt = "wrong bytes"
        case outOfSpace = "no space left"
        /// The object is larger than the buffer it was to go into, or a range lies outside it.
        case badRange = "outside the object or the buffer"
        /// The store refuses the request as such: trying again cannot help.
        case refused = "refused"
        case cancelled = "cancelled"
    }

    package let code: Code
    /// In the imperative: `"put"`.
    package let operation: String
    /// The object's key, or the location itself.
    package let subject: String
    /// What the store, the system or libcurl said, word for word.
    package let cause: (any Error)?

    /// How long the store asks to be left alone.
    package let retryAfter: Duration?

    package init(
        _ code: Code,
        _ operation: String,
        _ subject: String,
        cause: (any Error)? = nil,
        retryAfter: Duration? = nil
    ) {
        self.code = code
        self.retryAfter = retryAfter
        self.operation = operation
        self.subject = subject
        self.cause = cause
    }

    package init(_ code: Code, _ operation: String, _ key: ObjectKey, cause: (any Error)? = nil) {
        self.init(code, operation, key.description, cause: cause)
    }

    /// Whether the same request may succeed later.
    ///
    /// Nothing else decides on retrying.
    package var isTransient: Bool {
        switch code {
        case .throttled, .unavailable: true
        case .notFound, .noBucket, .accessDenied, .corrupt, .outOfSpace, .badRange, .refused, .cancelled: false
        }
    }

    package var description: String {
        let reason = cause.map { ": \($0)" } ?? ""
        return "cannot \(operation) \(subject): \(code.rawValue)\(reason)"
    }
}
