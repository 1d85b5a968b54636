internal import FoundationEssentials
internal import Glibc

/// The directory that everything measured lies in, removed at the end however it comes.
struct Workspace {
    /// Files below a directory.
    struct Content: Equatable {
        let files: Int
        let bytes: Int
    }

    let root: String
    var data: String { root + "/data" }
    /// What is added to the data for `Job.changed`.
    var delta: String { root + "/delta" }
    var scratch: String { root + "/scratch" }
    /// The output of the last command that was run.
    var log: String { root + "/log" }

    init(below directory: String) throws {
        root = "\(directory)/ringvault-bench-\(getpid())"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: false)
    }

    /// Runs what is not measured.
    func run(_ arguments: [String], environment: [String: String] = [:]) throws {
        _ = try Child(arguments: arguments, environment: environment).run(log: log)
    }

    /// What a command prints.
    func output(of arguments: [String]) throws -> String {
        try run(arguments)
        return try String(contentsOfFile: log, encoding: .utf8)
    }

    /// By find(1): it is faster than lists here would be.
    func content(of directory: String) throws -> Content { try content(directory, []) }

    /// Of one snapshot in a data directory.
    ///
    /// - Parameter names: of files that do not count.
    func content(of directory: String, snapshot: String, without names: [String] = []) throws -> Content {
        try content(directory, ["-path", "*/snapshots/\(snapshot)/*"] + names.flatMap { ["!", "-name", $0] })
    }

    private func content(_ directory: String, _ conditions: [String]) throws -> Content {
        guard FileManager.default.fileExists(atPath: directory) else { return Content(files: 0, bytes: 0) }
        let script = "find \"$@\" -type f -printf '%s\\n' | awk '{ n++; b += $1 } END { printf \"%d %.0f\", n, b }'"
        let numbers = try output(of: ["sh", "-c", script, "sh", directory] + conditions)
            .split(separator: " ").compactMap { Int($0) }
        guard numbers.count == 2 else { throw BenchmarkError("cannot count the files in \(directory)") }
        return Content(files: numbers[0], bytes: numbers[1])
    }

    /// Hard links of the first `count` files below `directory`, by their paths, in the same folders below `target`.
    func linkSome(_ count: Int, of directory: String, to target: String) throws {
        try makeDirectory(target)
        let script = "cd \"$1\" && find . -type f | sort | head -n \"$3\" | xargs -d '\\n' cp -l --parents -t \"$2\""
        try run(["sh", "-c", script, "sh", directory, target, "\(count)"])
    }

    func makeDirectory(_ path: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

    /// - Throws: `BenchmarkError` unless the file system and, since it is a tmpfs, the memory have room for `bytes`.
    func requireSpace(_ bytes: Int) throws {
        var status = statvfs()
        guard unsafe statvfs(root, &status) == 0 else { throw BenchmarkError("cannot ask for free space at \(root)") }
        let free = Int(status.f_bavail) * Int(status.f_frsize)
        let available = SystemState.availableMemory()
        let room = min(free, available - (1 << 30))
        guard room >= bytes else {
            throw BenchmarkError(
                "\(Text.gibibytes(bytes)) are needed for data, vault and restored files, but the directory has "
                    + "\(Text.gibibytes(free)) free and the machine \(Text.gibibytes(available)) of memory, of which "
                    + "1 GiB stays free; choose a smaller --size or --files, or another --directory"
            )
        }
    }
}
