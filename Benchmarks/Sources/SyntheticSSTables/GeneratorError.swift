/// Why no data could be written: what was done, to which path, and what the system said.
package struct GeneratorError: Error, CustomStringConvertible {
    /// In the imperative: `"write"`.
    package let operation: String
    package let path: String
    package let cause: String

    package var description: String { "cannot \(operation) \(path): \(cause)" }

    init(_ operation: String, _ path: String, _ cause: String) {
        self.operation = operation
        self.path = path
        self.cause = cause
    }
}
