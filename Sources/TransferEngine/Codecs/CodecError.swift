/// Why bytes could not be hashed, compressed or decompressed.
package struct CodecError: Error, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        /// Not a frame of this codec, or damaged.
        case corrupt
        /// The frame holds more than the reader allows.
        case tooLarge
        /// The library refused for a reason of its own, such as lack of memory.
        case failed
    }

    package let code: Code
    /// In the imperative: `"decompress"`.
    package let operation: String
    /// What the library said.
    package let reason: String

    package init(_ code: Code, _ operation: String, _ reason: String) {
        self.code = code
        self.operation = operation
        self.reason = reason
    }

    package var description: String { "cannot \(operation): \(reason)" }
}
