import SystemPackage
import TestSupport
import Testing
import TransferEngine

@Suite struct `A readable file` {
    @Test func `gives any range of its bytes, behind what the buffer holds`() throws {
        try withTemporaryDirectory { directory in
            let bytes = Content.random(100_000)
            try makeFile(directory.appending("f"), bytes)
            let file = try ReadableFile(directory.appending("f"))
            #expect(file.status.size == 100_000)
            for range in [0..<100_000, 0..<1, 99_999..<100_000, 4095..<4097, 500..<500, 100_000..<100_000] {
                var lease = BufferLease(holding: [9], spare: range.count)
                try file.read(range.count, at: Int64(range.lowerBound), into: &lease)
                let got = lease.array
                #expect(areSame(got, [9] + bytes[range]), "\(range)")
            }
        }
    }

    @Test func `that was cut while being read is truncated, not short`() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("f")
            let writer = try WritableFile(path, creation: .mustBeNew)
            try writer.write(Content.random(10_000).span, at: 0)
            let file = try ReadableFile(path)
            try file.checkUnchanged()
            try writer.resize(5000)
            var lease = BufferLease(unpooledCapacity: 10_000)
            #expect(fileError { try file.read(10_000, at: 0, into: &lease) } == .truncated)
            #expect(fileError { try file.checkUnchanged() } == .truncated)
            let count = lease.count
            #expect(count == 0)
            try file.read(5000, at: 0, into: &lease)
        }
    }

    @Test func `that grew or was rewritten is changed`() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("f")
            let writer = try WritableFile(path, creation: .mustBeNew)
            try writer.write([1, 2, 3, 4], at: 0)
            try writer.setModified(1_000_000_000)
            let file = try ReadableFile(path)
            try file.checkUnchanged()
            try writer.setModified(1_000_000_001)
            #expect(fileError { try file.checkUnchanged() } == .changed)
            try writer.setModified(1_000_000_000)
            try file.checkUnchanged()
            try writer.write([5], at: 4)
            try writer.setModified(1_000_000_000)
            #expect(fileError { try file.checkUnchanged() } == .changed)
        }
    }

    @Test func `stays the file it opened when another takes its name or its name goes`() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("f")
            try makeFile(path, [1, 1, 1])
            try makeFile(directory.appending("g"), [2, 2, 2])
            let file = try ReadableFile(path)
            try FileTree.rename(directory.appending("g"), to: path)
            try FileTree.remove(path)
            var lease = BufferLease(unpooledCapacity: 3)
            try file.read(3, at: 0, into: &lease)
            let bytes = lease.array
            #expect(bytes == [1, 1, 1])
        }
    }

    @Test func `is a regular file and nothing else, without hanging on a pipe`() throws {
        try withTemporaryDirectory { directory in
            try makeFile(directory.appending("f"), [1])
            try makeLink(to: directory.appending("f"), at: directory.appending("link"))
            try makeLink(to: directory.appending("none"), at: directory.appending("dangling"))
            try makePipe(at: directory.appending("pipe"))
            for name in ["link", "dangling", "pipe"] {
                #expect(fileError { _ = try ReadableFile(directory.appending(name)) } == .notRegular, "\(name)")
            }
            #expect(fileError { _ = try ReadableFile(directory) } == .notRegular)
            #expect(fileError { _ = try ReadableFile("/dev/null") } == .notRegular)
            #expect(fileError { _ = try ReadableFile(directory.appending("none")) } == .notFound)
            #expect(fileError { _ = try ReadableFile(directory.appending("f/x")) } == .notFound)
            try withSocket(at: directory.appending("socket")) {
                #expect(fileError { _ = try ReadableFile(directory.appending("socket")) } != nil)
            }
        }
    }

    @Test func `may be empty, sparse, or have a long or undecodable name`() throws {
        try withTemporaryDirectory { directory in
            try makeFile(directory.appending("empty"))
            let empty = try ReadableFile(directory.appending("empty"))
            var nothing = BufferLease(unpooledCapacity: 1)
            try empty.read(0, at: 0, into: &nothing)
            try empty.checkUnchanged()

            let sparse = try WritableFile(directory.appending("sparse"), creation: .mustBeNew)
            try sparse.resize(1 << 40)
            try sparse.write([7], at: 1 << 39)
            let hole = try ReadableFile(directory.appending("sparse"))
            var lease = BufferLease(unpooledCapacity: 3)
            try hole.read(3, at: (1 << 39) - 1, into: &lease)
            let bytes = lease.array
            #expect(bytes == [0, 7, 0])

            let long = String(repeating: "n", count: 255)
            for path in [directory.appending(long), directory.appending(bytes: [0x6E, 0xFF, 0xFE])] {
                try makeFile(path, [3])
                #expect(try ReadableFile(path).status.size == 1)
                #expect(try SmallFile.bytes(of: path) == [3])
            }
            #expect(throws: FileError.self) { _ = try ReadableFile(directory.appending(long + "n")) }
        }
    }

    @Test func `names the operation, the path and the reason where it fails`() throws {
        let error = #expect(throws: FileError.self) { _ = try ReadableFile("/nonexistent/x") }
        #expect(error?.description == "cannot open /nonexistent/x: No such file or directory")
    }
}

@Suite struct `A small file` {
    @Test func `is read whole up to the limit`() throws {
        try withTemporaryDirectory { directory in
            for count in [0, 1, 16 << 10, (16 << 10) + 1, 100_000] {
                let bytes = Content.random(count)
                try makeFile(directory.appending("\(count)"), bytes)
                #expect(areSame(try SmallFile.bytes(of: directory.appending("\(count)")), bytes))
                let limited = try SmallFile.bytes(of: directory.appending("\(count)"), limit: 20_000)
                #expect(areSame(limited, Array(bytes.prefix(20_000))))
            }
        }
    }

    @Test func `is regular, and behind a link only where links are followed`() throws {
        try withTemporaryDirectory { directory in
            try makeFile(directory.appending("f"), Array("text\u{FF}".utf8))
            try makeLink(to: directory.appending("f"), at: directory.appending("link"))
            try makePipe(at: directory.appending("pipe"))
            try makeLink(to: directory.appending("pipe"), at: directory.appending("link to a pipe"))
            #expect(fileError { _ = try SmallFile.bytes(of: directory.appending("link")) } == .notRegular)
            #expect(try SmallFile.text(of: directory.appending("link"), followingLinks: true) == "text\u{FF}")
            for path in [directory, directory.appending("pipe"), directory.appending("link to a pipe")] {
                #expect(fileError { _ = try SmallFile.bytes(of: path, followingLinks: true) } == .notRegular)
            }
            #expect(fileError { _ = try SmallFile.bytes(of: directory.appending("none")) } == .notFound)
        }
    }

    @Test func `shows bytes that are no text as such`() throws {
        try withTemporaryDirectory { directory in
            try makeFile(directory.appending("f"), [0x61, 0xFF, 0x62])
            #expect(try SmallFile.text(of: directory.appending("f")) == "a\u{FFFD}b")
        }
    }
}
