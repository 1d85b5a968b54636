internal import Glibc
internal import SystemPackage
internal import TransferEngine

/// Names for unfinished files: unlike any other of this machine or another that writes to the same directory.
enum TemporaryName {
    /// What names of this machine begin with until it is booted again: locks of others may not be seen from here.
    static let ownPrefix: String = {
        let boot = (try? SmallFile.text(of: FilePath("/proc/sys/kernel/random/boot_id"))) ?? ""
        return boot.count > 8 ? "\(boot.prefix(8))-" : "\(String(UInt32.random(in: 0 ... .max), radix: 16))-"
    }()

    static func next() -> String {
        "\(ownPrefix)\(getpid())-\(String(UInt64.random(in: 0 ... .max), radix: 36))\(String(UInt64.random(in: 0 ... .max), radix: 36))"
    }
}
