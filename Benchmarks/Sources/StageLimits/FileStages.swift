internal import Glibc
internal import Limits

/// What files cost, on the file system of the workspace.
@safe
final class FileStages {
    /// Files of the stages that count files.
    private static let count = 10_000

    private let sample: Sample
    private let root: String
    private let buffer: UnsafeMutableRawPointer
    private var made = 0

    init(_ sample: Sample, _ workspace: borrowing Workspace) throws(LimitsError) {
        self.sample = sample
        root = workspace.root
        unsafe buffer = .allocate(byteCount: Sample.chunk, alignment: 4096)
        try Self.fill(root + "/content", with: sample, options: O_CREAT | O_EXCL)
        guard unsafe mkdir(root + "/files", 0o700) == 0 else { throw Self.failure("make a directory") }
        for index in 0..<Self.count { try Self.make(root + "/files/\(index)", sample) }
    }

    func read() throws(LimitsError) -> Double {
        let descriptor = unsafe Glibc.open(root + "/content", O_RDONLY)
        guard descriptor >= 0 else { throw Self.failure("open") }
        defer { close(descriptor) }
        return try ThreadClock.cost(of: sample.count) { () throws(LimitsError) in
            var offset = 0
            while offset < sample.count {
                let place = unsafe buffer + offset % Sample.chunk
                let wanted = min(Sample.step, sample.count - offset, Sample.chunk - offset % Sample.chunk)
                let count = unsafe pread(descriptor, place, wanted, offset)
                guard count > 0 else { throw Self.failure("read") }
                offset += count
            }
        }
    }

    func write() throws(LimitsError) -> Double {
        let path = root + "/written"
        defer { unsafe unlink(path) }
        return try ThreadClock.cost(of: sample.count) { () throws(LimitsError) in
            try Self.fill(path, with: sample, options: O_CREAT | O_EXCL)
        }
    }

    func rewrite() throws(LimitsError) -> Double {
        try ThreadClock.cost(of: sample.count) { () throws(LimitsError) in
            try Self.fill(root + "/content", with: sample, options: 0)
        }
    }

    func list() throws(LimitsError) -> Double {
        try ThreadClock.cost(of: Self.count, per: 1e6) { () throws(LimitsError) in
            guard let directory = unsafe opendir(root + "/files") else { throw Self.failure("list") }
            defer { unsafe closedir(directory) }
            let handle = unsafe dirfd(directory)
            var status = stat()
            while let entry = unsafe readdir(directory) {
                let answer = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                    unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) {
                        unsafe fstatat(handle, $0, &status, 0)
                    }
                }
                guard answer == 0 else { throw Self.failure("ask for a file") }
            }
        }
    }

    func open() throws(LimitsError) -> Double {
        let directory = unsafe Glibc.open(root + "/files", O_RDONLY | O_DIRECTORY)
        guard directory >= 0 else { throw Self.failure("open a directory") }
        defer { close(directory) }
        let names = (0..<Self.count).map { "\($0)" }
        return try ThreadClock.cost(of: Self.count, per: 1e6) { () throws(LimitsError) in
            var status = stat()
            for name in names {
                let descriptor = unsafe openat(directory, name, O_RDONLY)
                guard descriptor >= 0, unsafe fstat(descriptor, &status) == 0,
                    unsafe pread(descriptor, buffer, 4096, 0) > 0
                else { throw Self.failure("open and read a file") }
                close(descriptor)
            }
        }
    }

    func create() throws(LimitsError) -> Double {
        made += 1
        let folder = root + "/made\(made)"
        guard unsafe mkdir(folder, 0o700) == 0 else { throw Self.failure("make a directory") }
        let directory = unsafe Glibc.open(folder, O_RDONLY | O_DIRECTORY)
        guard directory >= 0 else { throw Self.failure("open a directory") }
        defer { close(directory) }
        let names = (0..<Self.count).map { (part: "\($0).part", whole: "\($0)") }
        defer {
            for name in names { unsafe unlinkat(directory, name.whole, 0) }
            unsafe rmdir(folder)
        }
        return try ThreadClock.cost(of: Self.count, per: 1e6) { () throws(LimitsError) in
            for name in names {
                let descriptor = unsafe openat(directory, name.part, O_WRONLY | O_CREAT | O_EXCL, 0o600)
                guard descriptor >= 0, unsafe pwrite(descriptor, sample.bytes, 4096, 0) == 4096 else {
                    throw Self.failure("create a file")
                }
                close(descriptor)
                guard unsafe renameat(directory, name.part, directory, name.whole) == 0 else {
                    throw Self.failure("rename")
                }
            }
        }
    }

    private static func make(_ path: String, _ sample: Sample) throws(LimitsError) {
        let descriptor = unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard descriptor >= 0 else { throw failure("create a file") }
        defer { close(descriptor) }
        guard unsafe pwrite(descriptor, sample.bytes, 4096, 0) == 4096 else { throw failure("write a file") }
    }

    private static func fill(_ path: String, with sample: Sample, options: Int32) throws(LimitsError) {
        let descriptor = unsafe Glibc.open(path, O_WRONLY | options, 0o600)
        guard descriptor >= 0 else { throw failure("open for writing") }
        defer { close(descriptor) }
        var offset = 0
        while offset < sample.count {
            let count = unsafe pwrite(descriptor, sample.bytes + offset, min(1 << 20, sample.count - offset), offset)
            guard count > 0 else { throw failure("write") }
            offset += count
        }
    }

    private static func failure(_ what: String) -> LimitsError { LimitsError("cannot \(what): errno \(errno)") }
}
