internal import Glibc

/// Names for unfinished files: unlike any other of this machine or another that writes to the same directory.
enum TemporaryName {
    static func next() -> String {
        "\(getpid())-\(String(UInt64.random(in: 0 ... .max), radix: 36))\(String(UInt64.random(in: 0 ... .max), radix: 36))"
    }
}
