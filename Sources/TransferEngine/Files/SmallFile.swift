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
                let status = try FileStatus(of: descriptor.rawValue, path: path)
                guard status.kind == .regular else {
                    throw FileError("read", path, .notRegular)  // a FIFO would read as empty
                }
                // A file of procfs has no size.
                let step = status.size > 0 ? Int(min(status.size + 1, 256 << 10)) : 16 << 10
                var bytes: [UInt8] = []
                while bytes.count < limit {
                    var isEnd = false
                    let piece = unsafe try [UInt8](unsafeUninitializedCapacity: min(step, limit - bytes.count)) {
                        room,
                        count in
                        count = unsafe try descriptor.read(into: UnsafeMutableRawBufferPointer(room))
                        // Of what has a size, less than asked for is the end.
                        isEnd = count == 0 || (status.size > 0 && count < room.count)
                    }
                    if bytes.isEmpty { bytes = piece } else { bytes += piece }
                    if isEnd { break }
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
