internal import CLinux
internal import Glibc
internal import Synchronization
package import SystemPackage

/// A new or partly written file, filled at any offset from several tasks at once.
///
/// Every call blocks: use it on an `IOExecutor`. Nothing is durable before `sync()`.
package final class WritableFile: Sendable {
    package var path: FilePath { place.path }
    private let place: FilePlace
    private let descriptor: Int32
    private let isLocked = Atomic(false)

    package enum Creation: Sendable {
        /// Fails with `.exists` if anything has that name.
        case mustBeNew
        /// Goes on with a regular file that is there, or creates it.
        case orReopen
    }

    /// - Parameters:
    ///   - mode: permission bits of a new file; the process's umask applies.
    package convenience init(_ path: FilePath, creation: Creation, mode: UInt32 = 0o644) throws(FileError) {
        try self.init(.path(path), creation, mode)
    }

    /// The same for a name in a directory that is open.
    package convenience init(
        _ name: String,
        in directory: OpenDirectory,
        creation: Creation,
        mode: UInt32 = 0o644
    ) throws(FileError) {
        try self.init(.name(name, in: directory), creation, mode)
    }

    private init(_ place: FilePlace, _ creation: Creation, _ mode: UInt32) throws(FileError) {
        let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | (creation == .mustBeNew ? O_EXCL : 0)
        let descriptor = place.open(flags, mode: mode)
        guard descriptor >= 0 else { throw FileError("create", place.path, .current) }
        // What was made just now is a regular file.
        if creation == .orReopen {
            guard let status = FileStatus(of: descriptor) else {
                let error = FileError("examine", place.path, .current)
                close(descriptor)
                throw error
            }
            guard status.kind == .regular else {
                close(descriptor)
                throw FileError("create", place.path, .notRegular)
            }
        }
        self.place = place
        self.descriptor = descriptor
    }

    deinit {
        // Closing is not enough: a child process being started has the descriptor as well, and would keep the lock.
        if isLocked.load(ordering: .relaxed) { flock(descriptor, LOCK_UN) }
        close(descriptor)
    }

    /// Writes all of `bytes` at `offset`.
    ///
    /// Wraps pwrite(2).
    package func write(_ bytes: Span<UInt8>, at offset: Int64) throws(FileError) {
        var failure: FileError?
        unsafe bytes.withUnsafeBufferPointer { buffer in
            var done = 0
            while done < buffer.count {
                let position = off_t(offset) + done
                let wrote = unsafe pwrite(
                    descriptor,
                    buffer.baseAddress.unsafelyUnwrapped + done,
                    buffer.count - done,
                    position
                )
                if wrote >= 0 {
                    done += wrote
                } else if errno != EINTR {
                    failure = FileError("write", path, .current)
                    return
                }
            }
        }
        if let failure { throw failure }
    }

    /// Reads exactly `count` bytes at `offset` behind what `lease` holds: what an earlier run left here.
    package func read(_ count: Int, at offset: Int64, into lease: inout BufferLease) throws(FileError) -> Bool {
        var isWhole = false
        lease.append { output in
            guard output.freeCapacity >= count else { return }
            unsafe output.withUnsafeMutableBufferPointer { buffer, filled in
                var done = 0
                while done < count {
                    let got = unsafe pread(
                        descriptor,
                        buffer.baseAddress.unsafelyUnwrapped + done,
                        count - done,
                        off_t(offset) + done
                    )
                    if got > 0 { done += got } else if got == 0 || errno != EINTR { break }
                }
                filled = done
                isWhole = done == count
            }
        }
        return isWhole
    }

    /// Sets the size and reserves the space, so that a full disk is met now and not in the middle.
    ///
    /// Wraps fallocate(2).
    package func reserve(_ size: Int64) throws(FileError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw FileError("resize", path, .current) }
        guard size > 0, clinux_allocate(descriptor, off_t(size)) != 0, errno != EOPNOTSUPP, errno != ENOSYS else {
            return
        }
        throw FileError("reserve \(size) bytes for", path, .current)
    }

    /// Keeps every other opening of the file from locking it, in this process too, until this one ends.
    ///
    /// Wraps flock(2).
    ///
    /// - Throws: `FileError` with code `.exists` if another has locked it.
    package func lock() throws(FileError) {
        guard flock(descriptor, LOCK_EX | LOCK_NB) != 0 else {
            isLocked.store(true, ordering: .relaxed)
            return
        }
        guard Errno.current != .wouldBlock else { throw FileError("write", path, .exists) }
        throw FileError("lock", path, .current)
    }

    /// Cuts or extends the file to `size` bytes.
    package func resize(_ size: Int64) throws(FileError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw FileError("resize", path, .current) }
    }

    /// Starts writing back `range`, so that dirty pages do not pile up before `sync()`.
    package func startWriteback(_ range: Range<Int64>) {
        _ = clinux_start_writeback(descriptor, off_t(range.lowerBound), off_t(range.count))
    }

    /// Makes the content and its size durable.
    ///
    /// Wraps fdatasync(2).
    package func sync() throws(FileError) {
        guard fdatasync(descriptor) == 0 else { throw FileError("sync", path, .current) }
    }

    /// Sets the modification time, in nanoseconds since 1970.
    package func setModified(_ time: Int64) throws(FileError) {
        let second: Int64 = 1_000_000_000
        let (seconds, rest) = (
            time >= 0 ? time / second : (time - second + 1) / second, ((time % second) + second) % second
        )
        let stamp = timespec(tv_sec: Int(seconds), tv_nsec: Int(rest))
        let answer = unsafe withUnsafePointer(to: (stamp, stamp)) { times in
            unsafe times.withMemoryRebound(to: timespec.self, capacity: 2) { unsafe futimens(descriptor, $0) }
        }
        guard answer == 0 else { throw FileError("set the time of", path, .current) }
    }

    /// Drops clean pages of the whole file from the page cache.
    package func dropCache() {
        _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
    }

    package func status() throws(FileError) -> FileStatus { try FileStatus(of: descriptor, path: path) }
}
