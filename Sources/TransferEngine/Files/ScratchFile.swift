internal import Glibc
package import SystemPackage

/// A file without a name, for what does not fit into memory: it is gone with the process, however that ends.
///
/// Every call blocks: use it on an `IOExecutor`. Bytes are appended by one task at a time; any may read what is there.
package final class ScratchFile: Sendable {
    private let directory: FilePath
    private let descriptor: Int32
    private let end = ThreadLock<Int64>(0)

    /// Makes the file in `directory`; wraps mkstemp(3) and unlink(2).
    package init(in directory: FilePath) throws(FileError) {
        self.directory = directory
        var template = directory.appending("ringvault-XXXXXX").string.utf8CString.map(\.self)
        descriptor = unsafe template.withUnsafeMutableBufferPointer { name in
            unsafe mkstemp(name.baseAddress.unsafelyUnwrapped)
        }
        guard descriptor >= 0 else { throw FileError("make a temporary file in", directory, .current) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = unsafe unlink(template)
    }

    deinit { close(descriptor) }

    /// Bytes so far.
    package var count: Int64 { end.withLock { $0 } }

    /// Adds `bytes` at the end.
    ///
    /// Wraps pwrite(2).
    package func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        var (done, offset) = (0, count)
        while done < bytes.count {
            let wrote = unsafe pwrite(
                descriptor,
                bytes.baseAddress.unsafelyUnwrapped + done,
                bytes.count - done,
                off_t(offset)
            )
            if wrote >= 0 {
                done += wrote
                offset += Int64(wrote)
            } else if errno != EINTR {
                throw FileError("write a temporary file in", directory, .current)
            }
        }
        end.withLock { $0 = offset }
    }

    /// Reads exactly as many bytes as `target` holds, from `offset` on.
    ///
    /// - Throws: `FileError`, with code `.truncated` beyond the end. Wraps pread(2).
    package func read(into target: UnsafeMutableRawBufferPointer, at offset: Int64) throws(FileError) {
        var done = 0
        while done < target.count {
            let got = unsafe pread(
                descriptor,
                target.baseAddress.unsafelyUnwrapped + done,
                target.count - done,
                off_t(offset) + done
            )
            if got > 0 {
                done += got
            } else if got == 0 {
                throw FileError("read a temporary file in", directory, .truncated)
            } else if errno != EINTR {
                throw FileError("read a temporary file in", directory, .current)
            }
        }
    }
}
