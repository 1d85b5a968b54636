import SystemPackage
import TestSupport
import Testing

@testable import TransferEngine

@Suite struct `An open directory` {
    @Test func `tells of names what their paths tell`() throws {
        try withTemporaryDirectory { root in
            try FileTree.makeDirectories(root.appending("d/.index"))
            for name in ["f", ".index/g", "ä b"] { try makeFile(root.appending("d/\(name)"), [1, 2, 3]) }
            try makeLink(to: root.appending("d/f"), at: root.appending("d/link"))
            try makeLink(to: root.appending("d"), at: root.appending("way"))
            for path in ["d", "way"] {
                let directory = try OpenDirectory(root.appending(path))
                for name in ["f", ".index/g", "ä b", ".index", "link"] {
                    #expect(try directory.status(of: name) == FileStatus(of: root.appending("d/\(name)")), "\(name)")
                }
                for name in ["none", "f/none", "none/f"] {
                    #expect(fileError { _ = try directory.status(of: name) } == .notFound, "\(name)")
                }
            }
        }
    }

    @Test func `is one, and nothing else`() throws {
        try withTemporaryDirectory { root in
            try makeFile(root.appending("f"))
            try makeLink(to: root.appending("none"), at: root.appending("dangling"))
            for name in ["f", "none", "dangling", "f/g"] {
                #expect(fileError { _ = try OpenDirectory(root.appending(name)) } == .notFound, "\(name)")
            }
        }
    }

    @Test func `gives files that know their paths, and still leads to them after it was renamed`() throws {
        try withTemporaryDirectory { root in
            try FileTree.makeDirectories(root.appending("d"))
            let directory = try OpenDirectory(root.appending("d"))
            let new = try WritableFile("new", in: directory, creation: .mustBeNew)
            #expect(new.path == root.appending("d/new"))
            try new.write([4, 5], at: 0)
            #expect(fileError { _ = try WritableFile("new", in: directory, creation: .mustBeNew) } == .exists)
            try FileTree.rename(root.appending("d"), to: root.appending("e"))
            let read = try ReadableFile("new", in: directory)
            #expect(read.status.size == 2)
            var lease = BufferLease(unpooledCapacity: 2)
            try read.read(2, at: 0, into: &lease)
            #expect(lease.array == [4, 5])
            try makeLink(to: root.appending("e/new"), at: root.appending("e/link"))
            #expect(fileError { _ = try ReadableFile("link", in: directory) } == .notRegular)
            #expect(fileError { _ = try WritableFile("link", in: directory, creation: .orReopen) } == .notRegular)
        }
    }

    @Test func `gives a new name only where none is, or where it may replace one`() throws {
        try withTemporaryDirectory { root in
            try makeFile(root.appending("f"), [1])
            try makeFile(root.appending("taken"), [2])
            let directory = try OpenDirectory(root)
            #expect(fileError { try directory.renameNew("f", to: "taken") } == .exists)
            #expect(fileError { try directory.renameNew("none", to: "g") } == .notFound)
            #expect(try SmallFile.bytes(of: root.appending("taken")) == [2])
            try directory.renameNew("f", to: "g")
            try directory.rename("g", to: "taken")
            #expect(try DirectoryListing(of: root).names == ["taken"])
            #expect(try SmallFile.bytes(of: root.appending("taken")) == [1])
            #expect(fileError { try directory.rename("none", to: "taken") } == .notFound)
        }
    }
}
