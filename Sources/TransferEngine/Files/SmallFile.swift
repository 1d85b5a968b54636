package import SystemPackage

/// Whole files of a few kilobytes: configurations, tables of contents, digests.
package enum SmallFile {
    /// All bytes of a regular file; blocks.
    ///
    /// Wraps open(2) and read(2).
    ///
    /// - Parameters:
    ///   - limit: bytes; the rest of a longer file is not read.
    ///   - followingLinks: whether `path` may end in a symbolic link, as files that Kubernetes mounts do.
    package static func bytes(
        of path: FilePath,
        limit: Int = 1 << 20,
        followingLinks: Bool = false
    ) throws(FileError) -> [UInt8] {
        do {
            var options: FileDescriptor.OpenOptions = [.closeOnExec, .nonBlocking]
            if !followingLinks { options.insert(.noFollow) }
            let descriptor = try FileDescriptor.open(path, .readOnly, options: options)
            return try descriptor.closeAfter {
                guard try FileStatus(of: descriptor.rawValue, path: path).kind == .regular else {
                    throw FileError("read", path, .notRegular)  // a FIFO would read as empty
                }
                var bytes: [UInt8] = []
                var piece = [UInt8](repeating: 0, count: 16 << 10)
                while bytes.count < limit {
                    let got = try unsafe piece.withUnsafeMutableBytes { unsafe try descriptor.read(into: $0) }
                    if got == 0 { break }
                    bytes += piece.prefix(min(got, limit - bytes.count))
                }
                return bytes
            }
        } catch {
            throw error as? FileError ?? FileError("read", path, error as? Errno ?? .ioError)
        }
    }

    /// The text of a file; bytes that are not UTF-8 become U+FFFD.
    package static func text(
        of path: FilePath,
        limit: Int = 1 << 20,
        followingLinks: Bool = false
    ) throws(FileError) -> String {
        String(decoding: try bytes(of: path, limit: limit, followingLinks: followingLinks), as: UTF8.self)
    }
}
