internal import TransferEngine

/// Why something could not be done with a node, or with its data directories.
package struct CassandraError: Error, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        /// What the user gave is not a name, a tag or a data directory.
        case invalid
        case notFound
        /// Files came and went faster than they could be listed; the same call may succeed later.
        case changing
        /// A file's content is not what Cassandra writes.
        case corrupt
        /// The system refused; `cause` is its answer.
        case system
        /// No node answers there: it is down, or the address is wrong.
        case unreachable
        /// The node answers and wants other credentials, or does not let these do it.
        case denied
        /// The name is taken: a snapshot's tag, a table.
        case exists
        /// The node cannot do it in the mode it is in: starting, draining, drained.
        case notReady
        /// The means or the node's release cannot do it.
        case unsupported
        /// No answer in the time given; the node may do it all the same.
        case timedOut
        /// The node was asked and did not do it; the reason is its own.
        case refused
        /// An answer that no known release gives.
        case malformed
        /// The task was cancelled.
        case cancelled
    }

    package let code: Code
    /// In the imperative: `"list"`.
    package let operation: String
    /// A path, a table or a name as the user gave it.
    package let target: String
    /// One clause without a full stop; empty where `cause` says it all.
    package let reason: String
    package let cause: (any Error)?

    package init(
        _ code: Code,
        _ operation: String,
        _ target: String,
        _ reason: String,
        cause: (any Error)? = nil
    ) {
        self.code = code
        self.operation = operation
        self.target = target
        self.reason = reason
        self.cause = cause
    }

    /// A file call failed.
    init(_ operation: String, _ target: String, _ cause: FileError) {
        self.init(cause.code == .notFound ? .notFound : .system, operation, target, "", cause: cause)
    }

    package var description: String {
        let why = [reason, cause.map { "\($0)" } ?? ""].filter { !$0.isEmpty }.joined(separator: ": ")
        return "cannot \(operation) \(PrintableName(target)): \(why)"
    }
}

/// A name of any bytes, printed on one line: control characters are escaped.
struct PrintableName: CustomStringConvertible {
    private let name: String

    init(_ name: String) {
        self.name = name
    }

    var description: String {
        guard name.unicodeScalars.contains(where: Self.isControl) else { return name }
        var text = ""
        for scalar in name.unicodeScalars {
            if Self.isControl(scalar) {
                text += scalar.escaped(asASCII: true)
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control
    }
}
