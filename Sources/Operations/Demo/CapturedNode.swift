internal import Cassandra
package import SystemPackage
internal import TransferEngine

/// The data directories of one real node, kept in a form that Git can hold, and rebuilt from it as they lay on disk.
///
/// A capture is a directory with every inode's content once, under one of its names, and three lists:
///
/// | file | a line |
/// | --- | --- |
/// | `files.tsv` | path, bytes, modification time in seconds since 1970, SHA-256 in hex: every name there was |
/// | `links.tsv` | a further name, and the stored name of the same inode |
/// | `dirs.txt` | a directory; also the empty ones |
///
/// Fields are separated by tabs. Every call blocks: use an `IOExecutor`.
package struct CapturedNode: Sendable {
    /// One name, as `files.tsv` has it.
    package struct File: Sendable, Hashable {
        /// Relative to the node's root: `data1/shop/orders-…/nb-1-big-Data.db`.
        package let path: String
        /// Bytes.
        package let size: Int64
        /// Seconds since 1970.
        package let modified: Int64
        /// 64 lower-case hex digits.
        package let sha256: String
    }

    /// Where the capture lies.
    package let directory: FilePath
    /// Every name, ascending.
    package let files: [File]
    /// Every directory, relative to the node's root.
    package let directories: [String]
    /// By further name, the stored one.
    private let links: [String: String]

    /// Reads the three lists.
    ///
    /// - Throws: `CapturedNodeError` if one is missing or malformed.
    package init(_ directory: FilePath) throws(CapturedNodeError) {
        var files: [File] = []
        for fields in try Self.table("files.tsv", in: directory, columns: 4) {
            guard let size = Int64(fields[1]), let modified = Int64(fields[2]), fields[3].utf8.count == 64 else {
                throw CapturedNodeError(directory.appending("files.tsv"), "the line of \(fields[0]) is malformed")
            }
            files.append(File(path: fields[0], size: size, modified: modified, sha256: fields[3]))
        }
        var links: [String: String] = [:]
        for fields in try Self.table("links.tsv", in: directory, columns: 2) { links[fields[0]] = fields[1] }
        self.directory = directory
        self.files = files
        self.links = links
        directories = try Self.table("dirs.txt", in: directory, columns: 1).map { $0[0] }
    }

    /// The names of the node's data directories: `data1`, `data2`.
    package var dataDirectories: [String] {
        Set(directories.compactMap { $0.split(separator: "/").first.map(String.init) }).sorted()
    }

    /// Makes the node's directories, files, hard links and modification times below `target`.
    ///
    /// Everything is compared with `files.tsv` in the end. Needs no privileges; owner and mode are those of new files.
    ///
    /// - Parameters:
    ///   - target: is made; must not have any of the files yet, and its file system must have hard links.
    ///   - sha256: gives a file's SHA-256 in lower-case hex; without it only sizes and times are compared.
    package func rebuild(
        in target: FilePath,
        sha256: ((FilePath) throws -> String)? = nil
    ) throws(CapturedNodeError) {
        var current = target
        // One path a file, as a string: a node has thousands, and FilePath normalises at every step.
        let paths = files.map { FilePath("\(target.string)/\($0.path)") }
        do throws(FileError) {
            try FileTree.makeDirectories(target)
            for directory in directories {
                current = target.appending(directory)
                try FileTree.makeDirectories(current)
            }
            var stored: [String: FilePath] = [:]
            for (file, path) in zip(files, paths) where links[file.path] == nil {
                current = path
                try store(file, at: path)
                stored[file.path] = path
            }
            for (file, path) in zip(files, paths) {
                guard let name = links[file.path] else { continue }
                current = path
                guard let existing = stored[name] else { throw FileError("link", path, .notFound) }
                try FileTree.link(existing, to: path)
            }
        } catch {
            throw CapturedNodeError(current, "it cannot be rebuilt", cause: error)
        }
        for (file, path) in zip(files, paths) { try check(file, at: path, sha256) }
    }

    private func store(_ file: File, at path: FilePath) throws(FileError) {
        let bytes = try SmallFile.bytes(of: FilePath("\(directory.string)/\(file.path)"), limit: .max)
        let copy = try WritableFile(path, creation: .mustBeNew)
        try copy.write(bytes.span, at: 0)
        try copy.setModified(file.modified * 1_000_000_000)
    }

    private func check(
        _ file: File,
        at path: FilePath,
        _ sha256: ((FilePath) throws -> String)?
    ) throws(CapturedNodeError) {
        do {
            let status = try FileStatus(of: path)
            guard status.size == file.size, status.modified == file.modified * 1_000_000_000,
                try sha256?(path) ?? file.sha256 == file.sha256
            else { throw FileError("check", path, .changed) }
        } catch {
            throw CapturedNodeError(path, "it is not as captured", cause: error)
        }
    }

    private static func table(
        _ name: String,
        in directory: FilePath,
        columns: Int
    ) throws(CapturedNodeError) -> [[String]] {
        let path = directory.appending(name)
        let text: String
        do { text = try SmallFile.text(of: path, limit: .max) } catch {
            throw CapturedNodeError(path, "a captured node needs it", cause: error)
        }
        var rows: [[String]] = []
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
            guard fields.count == columns else { throw CapturedNodeError(path, "a line has not \(columns) fields") }
            rows.append(fields)
        }
        return rows
    }
}

/// Why a captured node could not be read or rebuilt.
package struct CapturedNodeError: Error, CustomStringConvertible {
    package let path: FilePath
    package let reason: String
    package let cause: (any Error)?

    init(_ path: FilePath, _ reason: String, cause: (any Error)? = nil) {
        self.path = path
        self.reason = reason
        self.cause = cause
    }

    package var description: String {
        "cannot use the captured node's \(path): \(reason)" + (cause.map { ": \($0)" } ?? "")
    }
}
