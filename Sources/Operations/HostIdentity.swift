internal import Glibc
package import SystemPackage
internal import TransferEngine
package import Vault

/// A host id for a node whose own is not given: stable for a machine and its data directories.
///
/// From `/etc/machine-id` (machine-id(5): its plain value is not to be shown, so it is hashed), or from the host's name
/// where there is none, as in containers.
package enum HostIdentity {
    package static func derived(from dataDirectories: [FilePath]) throws(RunError) -> HostID {
        let machine = (try? SmallFile.text(of: FilePath("/etc/machine-id"))) ?? ""
        var identity = "ringvault host id\n" + (machine.count > 30 ? machine : hostName())
        for path in dataDirectories.map(\.string).sorted() { identity += "\n\(path)" }
        var digits = Array(SHA256.digest(of: Array(identity.utf8).span).description.prefix(32))
        digits[12] = "8"  // RFC 9562, section 5.8: a UUID of our own making
        digits[16] = "8"
        for position in [20, 16, 12, 8] { digits.insert("-", at: position) }
        guard let id = HostID(String(digits)) else {
            throw RunError(.invalid, "make a host id for", "this machine", "give one with --host-id")
        }
        return id
    }

    private static func hostName() -> String {
        var name = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
