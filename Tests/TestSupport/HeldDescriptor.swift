internal import Glibc
package import SystemPackage
internal import TransferEngine

/// One more descriptor of what this process has open at a path, as a child has it between fork(2) and execve(2).
package final class HeldDescriptor {
    private let descriptor: Int32

    /// - Returns: nil if nothing is open there.
    package init?(of path: FilePath) throws {
        let open = FilePath("/proc/self/fd")
        for name in try DirectoryListing(of: open).names {
            // Other tests open and close meanwhile.
            guard let number = Int32(name), Self.target(of: open.appending(name)) == path.string else { continue }
            let copy = fcntl(number, F_DUPFD_CLOEXEC, 0)
            guard copy >= 0 else { continue }
            descriptor = copy
            return
        }
        return nil
    }

    deinit { close(descriptor) }

    private static func target(of link: FilePath) -> String? {
        var bytes = [CChar](repeating: 0, count: 4096)
        let count = unsafe link.withPlatformString { unsafe readlink($0, &bytes, bytes.count) }
        return count < 0 ? nil : String(decoding: bytes.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
