/// Why there are no credentials to ask a store with; never holds any of them.
package struct CredentialError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        /// None are configured anywhere.
        case missing
        /// Those that are configured cannot be used: a wrong file, a wrong key.
        case invalid
        /// The service that gives them refused.
        case refused
        /// The service that gives them cannot be reached or failed.
        case unavailable
        case cancelled
    }

    package let code: Code
    /// One line: what could not be had, from where, why, what to do.
    package let description: String

    package init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    /// What this means for the request that needed them.
    package var meaning: StoreError.Code {
        switch code {
        case .missing, .invalid, .refused: .accessDenied
        case .unavailable: .unavailable
        case .cancelled: .cancelled
        }
    }
}
