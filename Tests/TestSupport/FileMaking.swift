internal import Glibc
package import SystemPackage
package import TransferEngine

/// Makes a new file.
package func makeFile(_ path: FilePath, _ bytes: [UInt8] = []) throws {
    try WritableFile(path, creation: .mustBeNew).write(bytes.span, at: 0)
}

/// Makes a symbolic link.
package func makeLink(to target: FilePath, at path: FilePath) throws {
    guard unsafe symlink(target.string, path.string) == 0 else { throw Errno(rawValue: errno) }
}

/// Makes a FIFO.
package func makePipe(at path: FilePath) throws {
    guard unsafe mkfifo(path.string, 0o644) == 0 else { throw Errno(rawValue: errno) }
}

extension FilePath {
    /// A path whose last name need not be UTF-8.
    package func appending(bytes: [UInt8]) -> FilePath {
        let name = bytes.map { CChar(bitPattern: $0) } + [0]
        return unsafe name.withUnsafeBufferPointer { name in
            unsafe appending(FilePath(platformString: name.baseAddress.unsafelyUnwrapped).components)
        }
    }
}

/// Runs `body` with a socket at `path`.
package func withSocket(at path: FilePath, _ body: () throws -> Void) throws {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { target in
        unsafe target.copyBytes(from: Array(path.string.utf8) + [0])
    }
    let answer = unsafe withUnsafeBytes(of: &address) { bytes in
        unsafe bind(
            descriptor,
            bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: sockaddr.self),
            socklen_t(bytes.count)
        )
    }
    guard answer == 0 else { throw Errno(rawValue: errno) }
    try body()
}

/// The code of the `FileError` that `body` throws; nil where it throws none.
package func fileError(_ body: () throws -> Void) -> FileError.Code? {
    do {
        try body()
        return nil
    } catch {
        return (error as? FileError)?.code
    }
}

extension WritableFile {
    /// Writes all of `bytes` at `offset`.
    package func write(_ bytes: [UInt8], at offset: Int64) throws(FileError) {
        try write(bytes.span, at: offset)
    }
}
