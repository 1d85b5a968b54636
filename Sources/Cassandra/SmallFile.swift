package import SystemPackage
package import TransferEngine

/// Whole files of a few kilobytes: tables of contents, digests, transaction logs.
package enum SmallFile {
    /// All bytes of a regular file; blocks.
    ///
    /// Wraps open(2) and read(2).
    ///
    /// - Parameter limit: bytes; the rest of a longer file is not read.
    package static func bytes(of path: FilePath, limit: Int = 1 << 20) throws(FileError) -> [UInt8] {
        do {
            let options: FileDescriptor.OpenOptions = [.noFollow, .closeOnExec, .nonBlocking]
            let descriptor = try FileDescriptor.open(path, .readOnly, options: options)
            return try descriptor.closeAfter {
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
            throw FileError("read", path, error as? Errno ?? .ioError)
        }
    }

    /// The text of a file; bytes that are not UTF-8 become U+FFFD.
    package static func text(of path: FilePath, limit: Int = 1 << 20) throws(FileError) -> String {
        String(decoding: try bytes(of: path, limit: limit), as: UTF8.self)
    }
}
