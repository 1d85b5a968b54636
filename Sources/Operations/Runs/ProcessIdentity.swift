internal import Glibc
internal import SystemPackage
internal import TransferEngine

/// A process, told apart from others that get its number later: number, moment of its start, boot of the machine.
package struct ProcessIdentity: Sendable, Hashable, Codable {
    package let pid: Int32
    /// In ticks since the machine's boot: field 22 of `/proc/<pid>/stat`, proc(5).
    package let start: UInt64
    /// `/proc/sys/kernel/random/boot_id`.
    package let boot: String

    package init(pid: Int32, start: UInt64, boot: String) {
        self.pid = pid
        self.start = start
        self.boot = boot
    }

    /// This process.
    package static var current: ProcessIdentity {
        let pid = getpid()
        return ProcessIdentity(pid: pid, start: start(of: pid) ?? 0, boot: boot)
    }

    /// Whether it still runs, as far as one of the same machine and container can see.
    package var isAlive: Bool { boot == Self.boot && Self.start(of: pid) == start }

    private static var boot: String {
        let text = try? SmallFile.text(of: FilePath("/proc/sys/kernel/random/boot_id"))
        return text.map { String($0.prefix { !$0.isWhitespace }) } ?? ""
    }

    private static func start(of pid: Int32) -> UInt64? {
        guard let text = try? SmallFile.text(of: FilePath("/proc/\(pid)/stat")),
            // The second field is the program's name in brackets, which may hold anything.
            let name = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[name...].split(separator: " ")
        // A zombie has ended: its parent has not asked for its status yet.
        guard fields.count > 20, fields[1] != "Z" else { return nil }
        return UInt64(fields[20])
    }
}
