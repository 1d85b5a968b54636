internal import CLinux
internal import Glibc
package import SystemPackage

/// A regular file opened for reading in large pieces, from several tasks at once, without disturbing the page cache.
///
/// Every call blocks: use it on an `IOExecutor`.
package final class ReadableFile: Sendable {
    /// A file of at most so many bytes is read in one step.
    private static let oneStep: Int64 = 256 << 10

    package var path: FilePath { place.path }
    private let place: FilePlace
    /// As it was when the file was opened.
    package let status: FileStatus
    private let descriptor: Int32

    /// Opens `path`, which must be a regular file and not a symbolic link.
    ///
    /// Readahead is switched off (`POSIX_FADV_RANDOM`): pieces are read in large steps anyway, and pages read ahead
    /// would stay in the cache after us.
    package convenience init(_ path: FilePath) throws(FileError) { try self.init(.path(path)) }

    /// The same for a name in a directory that is open.
    package convenience init(_ name: String, in directory: OpenDirectory) throws(FileError) {
        try self.init(.name(name, in: directory))
    }

    private init(_ place: FilePlace) throws(FileError) {
        let descriptor = place.open(O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileError("open", place.path, .current) }
        guard let status = FileStatus(of: descriptor) else {
            let error = FileError("examine", place.path, .current)
            close(descriptor)
            throw error
        }
        guard status.kind == .regular else {
            close(descriptor)
            throw FileError("open", place.path, .notRegular)
        }
        // One step has the whole file, and no page lies behind it.
        if status.size > Self.oneStep { _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_RANDOM) }
        self.place = place
        self.status = status
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Reads exactly `count` bytes at `offset` behind what `lease` holds.
    ///
    /// - Throws: `FileError`, with code `.truncated` for a file shorter than that. Wraps pread(2).
    package func read(_ count: Int, at offset: Int64, into lease: inout BufferLease) throws(FileError) {
        try lease.append { (output: inout OutputSpan<UInt8>) throws(FileError) in
            precondition(output.freeCapacity >= count, "the lease is too small")
            try unsafe output.withUnsafeMutableBufferPointer { (buffer, filled) throws(FileError) in
                let place = unsafe UnsafeMutableBufferPointer(rebasing: buffer[..<count])
                try unsafe read(into: UnsafeMutableRawBufferPointer(place), at: offset)
                filled = count
            }
        }
    }

    /// Fills `memory` with the bytes at `offset`.
    func read(into memory: UnsafeMutableRawBufferPointer, at offset: Int64) throws(FileError) {
        guard let start = memory.baseAddress else { return }
        var done = 0
        while done < memory.count {
            let got = unsafe pread(descriptor, start + done, memory.count - done, off_t(offset) + done)
            if got > 0 {
                done += got
            } else if got == 0 {
                throw FileError("read", path, .truncated)
            } else if errno != EINTR {
                throw FileError("read", path, .current)
            }
        }
    }

    /// Checks that the file is still the one that was opened: same size and modification time.
    ///
    /// - Throws: `FileError` with code `.changed` or `.truncated`.
    package func checkUnchanged() throws(FileError) {
        guard let now = FileStatus(of: descriptor) else { throw FileError("examine", path, .current) }
        guard now.size >= status.size else { throw FileError("read", path, .truncated) }
        guard now.size == status.size, now.modified == status.modified else {
            throw FileError("read", path, .changed)
        }
    }

    /// Which pages of `range` are in the page cache now; nil where the system does not say.
    ///
    /// To be asked before reading, so that `evict` can put the cache back as it was. Wraps cachestat(2), which needs no
    /// mapping, and mincore(2) where that is missing or says that it is some of the pages.
    package func residency(of range: Range<Int64>) -> PageResidency? {
        guard !range.isEmpty else { return nil }
        let page = Int64(PageResidency.pageSize)
        let start = range.lowerBound / page * page
        let length = Int(range.upperBound - start)
        let count = (length + Int(page) - 1) / Int(page)
        switch clinux_cached_pages(descriptor, off_t(start), off_t(count * Int(page))) {
        case 0: return PageResidency(start: start, pages: [UInt8](repeating: 0, count: count))
        case Int64(count): return PageResidency(start: start, pages: [UInt8](repeating: 1, count: count))
        default: break
        }
        let mapped = unsafe mmap(nil, length, PROT_READ, MAP_SHARED, descriptor, off_t(start))
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else { return nil }
        defer { unsafe munmap(mapped, length) }
        var pages = [UInt8](repeating: 0, count: count)
        guard unsafe mincore(mapped, length, &pages) == 0 else { return nil }
        return PageResidency(start: start, pages: pages)
    }

    /// Starts reading the pages that are not in the cache, without waiting for them.
    package func prefetch(_ before: PageResidency?) {
        guard let before else { return }
        for range in before.absentRanges {
            _ = posix_fadvise(descriptor, off_t(range.lowerBound), off_t(range.count), POSIX_FADV_WILLNEED)
        }
    }

    /// Takes those pages out of the cache again that `before` says were not in it.
    package func evict(_ before: PageResidency?) {
        guard let before else { return }
        for range in before.absentRanges {
            _ = posix_fadvise(descriptor, off_t(range.lowerBound), off_t(range.count), POSIX_FADV_DONTNEED)
        }
    }
}

/// Which pages of a stretch of a file were in the page cache at one moment.
package struct PageResidency: Sendable {
    static let pageSize = Int(getpagesize())

    /// Offset of the first page, in bytes.
    let start: Int64
    /// One byte a page, bit 0 set if it was resident, as mincore(2) gives it.
    let pages: [UInt8]

    /// Runs of pages that were not resident, in bytes of the file.
    var absentRanges: [Range<Int64>] {
        var ranges: [Range<Int64>] = []
        var index = 0
        while index < pages.count {
            guard pages[index] & 1 == 0 else {
                index += 1
                continue
            }
            let first = index
            while index < pages.count, pages[index] & 1 == 0 { index += 1 }
            let page = Int64(Self.pageSize)
            ranges.append(start + Int64(first) * page..<start + Int64(index) * page)
        }
        return ranges
    }

    /// How many pages were resident.
    package var residentCount: Int { pages.count { $0 & 1 == 1 } }
}
