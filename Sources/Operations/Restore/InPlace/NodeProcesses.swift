internal import Glibc
internal import SystemPackage
internal import TransferEngine

/// Processes of this host that use a node's directories, as far as proc(5) shows them: a node that runs would mix what
/// it has in memory with what is restored.
///
/// Processes of other containers and hosts are not seen.
struct NodeProcesses: Sendable, Hashable {
    struct User: Sendable, Hashable {
        let process: String
        /// `java`, as /proc/<pid>/comm has it.
        let command: String
        /// A file that it has open or mapped.
        let file: String
    }

    private(set) var users: [User] = []
    /// Processes that look like a Cassandra node, and whose open files may not be read.
    private(set) var hidden: [String] = []
    /// How many other processes' open files may not be read.
    private(set) var unread = 0
    /// Whether there is such a file system to look at.
    private(set) var isKnown = true

    /// Blocks.
    ///
    /// - Parameters:
    ///   - directories: of the node; those that are not there are left out.
    ///   - proc: where the process file system is.
    init(using directories: [FilePath], proc: FilePath = "/proc") {
        let places = directories.compactMap(Self.real)
        guard let names = try? DirectoryListing(of: proc).names else {
            isKnown = false
            return
        }
        let own = "\(getpid())"
        for name in names where name != own && name.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            examine(proc.appending(name), name, places)
        }
    }

    private mutating func examine(_ path: FilePath, _ process: String, _ places: [String]) {
        let descriptors = path.appending("fd")
        var isReadable = true
        do throws(FileError) {
            for name in try DirectoryListing(of: descriptors).names {
                guard let file = Self.target(descriptors.appending(name)) else { continue }
                if Self.lies(file, in: places) { return add(path, process, file) }
            }
        } catch {
            isReadable = error.code == .notFound  // it has ended
        }
        if isReadable {
            // Index files are mapped, and their descriptors closed.
            let maps = (try? SmallFile.text(of: path.appending("maps"), limit: 64 << 20)) ?? ""
            for line in maps.split(separator: "\n") {
                guard let start = line.firstIndex(of: "/") else { continue }
                if Self.lies(String(line[start...]), in: places) { return add(path, process, String(line[start...])) }
            }
        } else if Self.isCassandra(path) {
            hidden.append(process)
        } else {
            unread += 1
        }
    }

    private mutating func add(_ path: FilePath, _ process: String, _ file: String) {
        let command = (try? SmallFile.text(of: path.appending("comm"))) ?? ""
        users.append(User(process: process, command: String(command.prefix { $0 != "\n" }), file: file))
    }

    private static func isCassandra(_ path: FilePath) -> Bool {
        let line = (try? SmallFile.bytes(of: path.appending("cmdline"))) ?? []
        return line.split(separator: 0).contains {
            String(decoding: $0, as: UTF8.self) == "org.apache.cassandra.service.CassandraDaemon"
        }
    }

    private static func lies(_ file: String, in places: [String]) -> Bool {
        places.contains { place in
            file.utf8.count > place.utf8.count && file.utf8.starts(with: place.utf8)
                && file.utf8.dropFirst(place.utf8.count).first == UInt8(ascii: "/")
        }
    }

    /// The path without symbolic links, as the kernel tells of open files; nil if it is not there.
    private static func real(_ path: FilePath) -> String? {
        unsafe path.withPlatformString { name -> String? in
            guard let resolved = unsafe realpath(name, nil) else { return nil }
            defer { unsafe free(resolved) }
            return unsafe String(validatingCString: resolved)
        }
    }

    private static func target(_ link: FilePath) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe link.withPlatformString { unsafe readlink($0, &buffer, buffer.count) }
        guard count > 0 else { return nil }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
