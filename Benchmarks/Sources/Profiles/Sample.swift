/// What a program was doing at one moment: a call stack of a thread, innermost function first.
package struct Sample: Sendable, Hashable {
    package struct Frame: Sendable, Hashable {
        /// As the object file has it, mangled; nil if it has no name there.
        package let symbol: String?
        /// The object file's path, or `[kernel.kallsyms]`.
        package let object: String

        package init(symbol: String?, object: String) {
            self.symbol = symbol
            self.object = object
        }

        package var isKernel: Bool { object.hasPrefix("[kernel") || object.hasPrefix("[guest.kernel") }
        /// The object file's name without directory, version and ending: `libzstd`.
        package var library: String {
            let name = object.split(separator: "/").last ?? ""
            guard name.hasPrefix("lib") || name.hasPrefix("ld-") else { return String(name) }
            return String(name.prefix { $0 != "." })
        }
    }

    package let thread: String
    /// Nanoseconds of CPU time, or instructions.
    package let cost: Int
    package let frames: [Frame]

    package init(thread: String, cost: Int, frames: [Frame]) {
        self.thread = thread
        self.cost = cost
        self.frames = frames
    }
}
