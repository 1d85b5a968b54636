import SystemPackage
import TestSupport
import Testing
import TransferEngine

@Suite struct `A writable file` {
    @Test(.timeLimit(.minutes(5))) func `is filled at any offset by many tasks`() async throws {
        try await withTemporaryDirectory { directory in
            let bytes = Content.random(1_000_000)
            let path = directory.appending("f")
            let file = try WritableFile(path, creation: .mustBeNew)
            try file.reserve(Int64(bytes.count))
            let io = IOExecutor(threads: 4)
            try await withThrowingDiscardingTaskGroup { group in
                for start in stride(from: 0, to: bytes.count, by: 30_000) {
                    group.addTask(executorPreference: io) {
                        let end = min(start + 30_000, bytes.count)
                        try file.write(bytes.span.extracting(start..<end), at: Int64(start))
                        file.startWriteback(Int64(start)..<Int64(end))
                    }
                }
            }
            try file.sync()
            file.dropCache()
            #expect(areSame(try SmallFile.bytes(of: path, limit: 1 << 21), bytes))
        }
    }

    @Test func `that must be new never opens what is there`() throws {
        try withTemporaryDirectory { directory in
            try makeFile(directory.appending("f"), [1])
            try makeLink(to: directory.appending("none"), at: directory.appending("dangling"))
            try makePipe(at: directory.appending("pipe"))
            for name in ["f", "dangling", "pipe"] {
                let path = directory.appending(name)
                #expect(fileError { _ = try WritableFile(path, creation: .mustBeNew) } == .exists, "\(name)")
            }
            #expect(try SmallFile.bytes(of: directory.appending("f")) == [1])
            #expect(fileError { _ = try FileStatus(of: directory.appending("none")) } == .notFound)
        }
    }

    @Test func `that is opened again keeps its bytes, and is a regular file`() throws {
        try withTemporaryDirectory { directory in
            try makeFile(directory.appending("f"), [1, 2, 3])
            let file = try WritableFile(directory.appending("f"), creation: .orReopen)
            var lease = BufferLease(unpooledCapacity: 10)
            let isWhole = try file.read(3, at: 0, into: &lease)
            let bytes = lease.array
            #expect(isWhole && bytes == [1, 2, 3])
            let isLonger = try file.read(1, at: 3, into: &lease)
            #expect(!isLonger)
            try makeLink(to: directory.appending("f"), at: directory.appending("link"))
            try makePipe(at: directory.appending("pipe"))
            for name in ["link", "pipe"] {
                let path = directory.appending(name)
                #expect(fileError { _ = try WritableFile(path, creation: .orReopen) } == .notRegular, "\(name)")
            }
            #expect(fileError { _ = try WritableFile(directory, creation: .orReopen) } != nil)
            #expect(fileError { _ = try WritableFile(directory.appending("no/f"), creation: .orReopen) } == .notFound)
        }
    }

    @Test(arguments: [0, 1, 999_999_999, 1_700_000_000_123_456_789, -1, -1_000_000_000, -1_500_000_000] as [Int64])
    func `takes a modification time to the nanosecond`(time: Int64) throws {
        try withTemporaryDirectory { directory in
            let file = try WritableFile(directory.appending("f"), creation: .mustBeNew)
            try file.setModified(time)
            #expect(try file.status().modified == time)
            #expect(try FileStatus(of: directory.appending("f")).modified == time)
        }
    }

    @Test func `is resized and reserved to a size, with zeros in between`() throws {
        try withTemporaryDirectory { directory in
            let file = try WritableFile(directory.appending("f"), creation: .mustBeNew)
            try file.write([1, 2, 3], at: 0)
            try file.reserve(5)
            #expect(try SmallFile.bytes(of: directory.appending("f")) == [1, 2, 3, 0, 0])
            try file.resize(1)
            try file.resize(2)
            #expect(try SmallFile.bytes(of: directory.appending("f")) == [1, 0])
            try file.reserve(0)
            #expect(try file.status().size == 0)
            try file.write([], at: 0)
            #expect(try file.status().size == 0)
        }
    }

    @Test func `is no longer locked once it is gone, though a child being started still has its descriptor`() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("f")
            var file: WritableFile? = try WritableFile(path, creation: .mustBeNew)
            try file?.lock()
            let child = try #require(try HeldDescriptor(of: path))
            #expect(try FileTree.isLocked(path))
            file = nil
            #expect(try !FileTree.isLocked(path))
            withExtendedLifetime(child) {}
        }
    }

    @Test(.enabled(if: FileSystems.canMount, "needs root, to mount a small file system"))
    func `meets a full file system when space is reserved, not when it is written`() throws {
        try withTemporaryDirectory { directory in
            try FileSystems.withSmall(bytes: 1 << 20, in: directory) { small in
                #expect(try FileTree.freeSpace(at: small) <= 1 << 20)
                let file = try WritableFile(small.appending("f"), creation: .mustBeNew)
                #expect(fileError { try file.reserve(2 << 20) } == .outOfSpace)
                try file.reserve(512 << 10)
                try file.write(Content.random(512 << 10).span, at: 0)
                try file.reserve(512 << 10)  // what it has already needs no more room
                let other = try WritableFile(small.appending("g"), creation: .mustBeNew)
                #expect(fileError { try other.reserve(1 << 20) } == .outOfSpace)
                #expect(fileError { try other.write(Content.random(1 << 20).span, at: 0) } == .outOfSpace)
            }
        }
    }
}
