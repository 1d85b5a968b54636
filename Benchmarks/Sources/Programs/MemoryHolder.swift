internal import FoundationEssentials
internal import Glibc

/// Keeps a virtual machine's host from taking freed memory back, which would cost whoever touches it next.
///
/// By `hold-memory`, which as root changes a setting of the kernel until it ends.
package final class MemoryHolder {
    private let process: Int32
    /// What it said: `holding 19 of 19456 MiB, blocks below 4 MiB are not reported`.
    package let description: String

    /// Whether the host gets freed memory back: free page reporting, bit 5 of virtio's balloon (device 5).
    ///
    /// Virtio 1.2, 5.5.3.
    package static var isNeeded: Bool {
        let root = "/sys/bus/virtio/devices"
        let devices = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return devices.contains { name in
            let id = try? String(contentsOfFile: "\(root)/\(name)/device", encoding: .utf8)
            let features = (try? String(contentsOfFile: "\(root)/\(name)/features", encoding: .utf8)) ?? ""
            return id?.hasPrefix("0x0005") == true && features.dropFirst(5).first == "1"
        }
    }

    /// Starts it, and waits until it has touched all memory: some seconds.
    ///
    /// - Parameters:
    ///   - program: the built `hold-memory`; by default the one beside the running program.
    ///   - spared: bytes of available memory that it leaves alone.
    ///   - log: a file that it may write to.
    /// - Throws: `ProgramError` if it cannot be started or says nothing in three minutes.
    package init(program: String? = nil, spared: Int = 1 << 30, log: String) throws(ProgramError) {
        let path = if let program { program } else { try Program.sibling("hold-memory") }
        process = try Program([path, "\(spared)"]).start(log: log)
        for _ in 0..<3600 {
            usleep(50_000)
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            if text.hasPrefix("holding"), text.hasSuffix("\n") {
                description = String(text.dropLast())
                return
            }
            var status: Int32 = 0
            guard unsafe waitpid(process, &status, WNOHANG) == 0 else {
                throw ProgramError("hold-memory ended with wait status \(status): \(text)")
            }
        }
        kill(process, SIGKILL)
        throw ProgramError("hold-memory has not held memory in three minutes")
    }

    deinit {
        kill(process, SIGTERM)
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
    }
}
