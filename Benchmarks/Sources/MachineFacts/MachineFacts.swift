internal import FoundationEssentials
internal import Glibc
internal import Programs

/// What figures depend on: processor, memory, kernel, file system, compiler and libraries.
///
/// Nothing that names the machine.
package struct MachineFacts: Sendable, Codable, Hashable {
    package let processor: String
    /// `family 26, model 2, stepping 1`.
    package let processorModel: String
    package let cores: Int
    /// `L1d 48 KiB, L1i 32 KiB, L2 1 MiB, L3 32 MiB`, each of one core's view.
    package let caches: String
    /// Those that the stages are fast by.
    package let flags: [String]
    /// Those of `MachineFacts.interesting` that it lacks.
    package let missingFlags: [String]
    package let memoryBytes: Int
    package let pageBytes: Int
    /// `madvise`, and for tmpfs `never`.
    package let hugePages: String
    package let hugePagesInTmpfs: String
    package let kernel: String
    package let system: String
    /// `a hypervisor (QEMU)`, `none seen`.
    package let virtualisation: String
    /// Whether the host takes freed memory back, so that memory which was not used for a while costs more than other.
    package let hostTakesFreedMemory: Bool
    /// Of the directory that was measured in: `tmpfs`.
    package let fileSystem: String
    /// Library or program by version: `OpenSSL`, `libcurl`, `zstd`, `LZ4`, `isa-l`, `swift`.
    package let versions: [String: String]

    /// What OpenSSL, isa-l and zstd choose their code by.
    static let interesting = [
        "sha_ni", "aes", "pclmulqdq", "vaes", "vpclmulqdq", "ssse3", "avx", "avx2", "bmi2", "avx512f", "avx512bw",
        "avx512vl", "avx512ifma", "erms", "fsrm",
    ]

    /// - Parameters:
    ///   - directory: where data lie.
    ///   - program: the measured program: its libraries are those that the dynamic linker gives it.
    package init(directory: String, program: String? = nil) {
        let processors = ProcFile.text("/proc/cpuinfo")
        processor = ProcFile.value("model name", in: processors) ?? "unknown"
        processorModel = [("family", "cpu family"), ("model", "model\t"), ("stepping", "stepping")]
            .compactMap { name, key in ProcFile.value(key, in: processors).map { "\(name) \($0)" } }
            .joined(separator: ", ")
        cores = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        caches = Self.caches()
        let all = Set((ProcFile.value("flags", in: processors) ?? "").split(separator: " ").map(String.init))
        flags = Self.interesting.filter(all.contains)
        missingFlags = Self.interesting.filter { !all.contains($0) }
        let total = ProcFile.value("MemTotal", in: ProcFile.text("/proc/meminfo")) ?? ""
        memoryBytes = (Int(total.prefix { $0.isNumber }) ?? 0) << 10
        pageBytes = Int(sysconf(Int32(_SC_PAGESIZE)))
        hugePages = Self.chosen("/sys/kernel/mm/transparent_hugepage/enabled")
        hugePagesInTmpfs = Self.chosen("/sys/kernel/mm/transparent_hugepage/shmem_enabled")
        kernel = ProcFile.line("/proc/sys/kernel/osrelease")?.split(separator: "-").first.map(String.init) ?? "unknown"
        system =
            ProcFile.text("/etc/os-release").split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
            .map { String($0.dropFirst("PRETTY_NAME=".count).filter { $0 != "\"" }) } ?? "unknown"
        virtualisation = Self.virtualisation(all)
        hostTakesFreedMemory = MemoryHolder.isNeeded
        fileSystem = Self.fileSystem(of: directory)
        versions = LibraryVersions.all(of: program)
    }

    /// Part of a report's name: `epyc-2c`.
    package var slug: String {
        let words = processor.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
        let known = ["epyc", "xeon", "ryzen", "threadripper", "core", "graviton", "neoverse", "ampere"]
        let family = known.first { words.contains($0) } ?? words.first { $0.count > 2 } ?? "machine"
        return "\(family)-\(cores)c"
    }

    /// Lines of Markdown, a fact each.
    package var markdown: String {
        let gibibytes = Double(memoryBytes) / 0x1p30
        let memory = "\((gibibytes * 10).rounded() / 10) GiB"
        let libraries = versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        let missing = missingFlags.isEmpty ? "" : "; not there: \(missingFlags.joined(separator: ", "))"
        return """
            - Processor: \(processor) (\(processorModel)), \(cores) cores seen; virtualisation: \(virtualisation)
            - Caches of a core: \(caches)
            - Flags: \(flags.joined(separator: ", "))\(missing)
            - Memory: \(memory)\(hostTakesFreedMemory ? ", which the host takes back when it is freed" : ""), pages of \(pageBytes) bytes; transparent huge pages: \(hugePages), in tmpfs: \(hugePagesInTmpfs)
            - \(system), Linux \(kernel); data on \(fileSystem)
            - Libraries and compiler: \(libraries)

            """
    }

    private static func caches() -> String {
        (0..<8).compactMap { index in
            let folder = "/sys/devices/system/cpu/cpu0/cache/index\(index)/"
            guard let level = ProcFile.line(folder + "level"), let size = ProcFile.line(folder + "size") else {
                return nil
            }
            let kind = ["Data": "d", "Instruction": "i"][ProcFile.line(folder + "type") ?? ""] ?? ""
            return "L\(level)\(kind) \(size)"
        }.joined(separator: ", ")
    }

    /// The word in brackets: `always [madvise] never`.
    private static func chosen(_ file: String) -> String {
        let text = ProcFile.text(file)
        guard let open = text.firstIndex(of: "["), let end = text.firstIndex(of: "]"), open < end else {
            return "unknown"
        }
        return String(text[text.index(after: open)..<end])
    }

    private static func virtualisation(_ flags: Set<String>) -> String {
        guard flags.contains("hypervisor") else { return "none seen" }
        let vendor = ProcFile.line("/sys/class/dmi/id/sys_vendor")
        let kind = ProcFile.line("/sys/hypervisor/type")
        return [kind, vendor].compactMap { $0 }.first { !$0.isEmpty }.map { "a hypervisor (\($0))" } ?? "a hypervisor"
    }

    private static func fileSystem(of directory: String) -> String {
        guard let path = unsafe realpath(directory, nil) else { return "unknown" }
        defer { unsafe free(path) }
        let real = unsafe String(cString: path)
        let mounts = ProcFile.text("/proc/self/mounts").split(separator: "\n").map { $0.split(separator: " ") }
        // The last mount of the longest path is what is seen.
        var best: (point: Substring, kind: Substring)?
        for mount in mounts where mount.count > 2 {
            let point = mount[1]
            let isAbove = point == "/" || real == point || real.hasPrefix(point + "/")
            if isAbove, point.count >= best?.point.count ?? 0 { best = (point, mount[2]) }
        }
        return best.map { String($0.kind) } ?? "unknown"
    }
}
