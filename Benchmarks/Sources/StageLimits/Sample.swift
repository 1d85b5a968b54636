internal import FoundationEssentials
internal import Glibc
internal import Limits

/// Bytes of real files, in memory for as long as the process runs.
@safe
struct Sample: @unchecked Sendable {
    // Sendable: filled here, and only read afterwards.
    let bytes: UnsafeMutableRawPointer
    let count: Int

    /// What the engine makes a blob of.
    static let chunk = 16 << 20
    /// What is read, hashed and summed at a time.
    static let step = 256 << 10

    /// - Parameter path: a file or a directory. Less than `bytes` is taken again and again.
    init(path: String, bytes count: Int) throws(LimitsError) {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 4096)
        var filled = 0
        for file in Self.files(path) where filled < count {
            let descriptor = unsafe Glibc.open(file, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw LimitsError("cannot open \(file): errno \(errno)") }
            defer { close(descriptor) }
            while filled < count {
                let got = unsafe Glibc.read(descriptor, memory + filled, count - filled)
                guard got >= 0 else { throw LimitsError("cannot read \(file): errno \(errno)") }
                guard got > 0 else { break }
                filled += got
            }
        }
        guard filled > 0 else { throw LimitsError("there is nothing to read in \(path)") }
        let had = filled
        while filled < count {
            let more = min(had, count - filled)
            unsafe memcpy(memory + filled, memory, more)
            filled += more
        }
        unsafe bytes = memory
        self.count = count
    }

    /// Chunks of at most 16 MiB.
    var chunks: [Range<Int>] {
        stride(from: 0, to: count, by: Self.chunk).map { $0..<min($0 + Self.chunk, count) }
    }

    private static func files(_ path: String) -> [String] {
        var isDirectory: Bool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { return [] }
        guard isDirectory else { return [path] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.sorted().flatMap { files("\(path)/\($0)") }
    }
}
