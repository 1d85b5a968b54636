internal import Glibc
internal import SystemPackage
internal import TransferEngine

/// A directory for one run of cqlsh that nobody else may enter: its settings with the password, and what it is to do.
///
/// In memory (`/dev/shm`) where that is there, so that no password gets to a disk. It is removed when the value ends,
/// however the run ended.
struct CQLShellWorkspace: ~Copyable {
    private let directory: FilePath
    let arguments: [String]
    let environment: [String: String]
    let scriptPath: FilePath

    init(
        _ settings: CQLShell.Settings,
        script: String,
        environment: [String: String]
    ) throws(CassandraError) {
        let files = try CQLShellFiles(settings)
        let directory = try Self.makeDirectory(environment)
        let scriptPath = directory.appending("script.cql")
        do throws(FileError) {
            try Self.write(script, to: scriptPath)
            if let text = files.settings { try Self.write(text, to: directory.appending("cqlshrc")) }
            if let text = files.credentials { try Self.write(text, to: directory.appending("credentials")) }
        } catch {
            try? FileTree.removeAll(directory)
            throw CassandraError("prepare cqlsh in", directory.string, error)
        }
        let seconds = { (duration: Duration) in "\(max(1, duration.components.seconds))" }
        var arguments = [
            "--no-color", "--encoding", "utf-8",
            "--cqlshrc", (settings.ownSettings ?? directory.appending("cqlshrc")).string,
            "--connect-timeout", seconds(settings.connectTimeout),
            "--request-timeout", seconds(settings.requestTimeout),
            "-f", scriptPath.string,
        ]
        if settings.tls != nil { arguments.append("--ssl") }
        arguments += [settings.host, "\(settings.port)"]
        var reduced = ChildEnvironment.reduced(environment)
        // A history is written below HOME; and `~` in the user's own settings means the user's.
        if settings.ownSettings == nil { reduced["HOME"] = directory.string }
        reduced["CQL_HISTORY"] = directory.appending("history").string
        reduced["LC_ALL"] = "C.UTF-8"
        reduced["PYTHONIOENCODING"] = "utf-8"
        self.directory = directory
        self.scriptPath = scriptPath
        self.arguments = arguments
        self.environment = reduced
    }

    deinit { try? FileTree.removeAll(directory) }

    /// mkdir(2), which fails where something stands already: nobody can have put a directory of theirs there.
    private static func makeDirectory(_ environment: [String: String]) throws(CassandraError) -> FilePath {
        let parents = ["/dev/shm", environment["TMPDIR"] ?? "", "/tmp"].filter { !$0.isEmpty }
        var refusal: FileError?
        for parent in parents {
            let name = "ringvault-cqlsh-" + String(UInt64.random(in: 0 ... .max), radix: 16)
            let path = FilePath(parent).appending(name)
            if unsafe path.withPlatformString({ unsafe mkdir($0, 0o700) }) == 0 { return path }
            refusal = FileError("make the directory", path, Errno(rawValue: errno))
        }
        throw CassandraError(.system, "prepare", "cqlsh", "", cause: refusal)
    }

    private static func write(_ text: String, to path: FilePath) throws(FileError) {
        do {
            let descriptor = try FileDescriptor.open(
                path,
                .writeOnly,
                options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: .ownerReadWrite
            )
            try descriptor.closeAfter { _ = try descriptor.writeAll(text.utf8) }
        } catch {
            throw FileError("write", path, error as? Errno ?? .ioError)
        }
    }
}
