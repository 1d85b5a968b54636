import SystemPackage
import TestSupport
import Testing

@testable import TransferEngine

@Suite struct `A file tree` {
    @Test func `is made with all directories above, again and again`() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("a/b/c/d")
            try FileTree.makeDirectories(path)
            try FileTree.makeDirectories(path, isDurable: true)
            try FileTree.makeDirectories(directory.appending("x/y"), isDurable: true)
            #expect(try FileStatus(of: path).kind == .directory)
            try makeFile(directory.appending("f"))
            for blocked in ["f", "f/g", "f/g/h"] {
                #expect(fileError { try FileTree.makeDirectories(directory.appending(blocked)) } != nil, "\(blocked)")
            }
            try makeLink(to: path, at: directory.appending("link"))
            try FileTree.makeDirectories(directory.appending("link/e"))
            #expect(try DirectoryListing(of: path).names == ["e"])
        }
    }

    @Test(.timeLimit(.minutes(5))) func `is made by many tasks at one time`() async throws {
        try await withTemporaryDirectory { directory in
            let io = IOExecutor(threads: 8)
            try await withThrowingDiscardingTaskGroup { group in
                for index in 0..<50 {
                    group.addTask(executorPreference: io) {
                        try FileTree.makeDirectories(directory.appending("a/b/c/\(index % 3)/d"))
                    }
                }
            }
            #expect(try DirectoryListing(of: directory.appending("a/b/c")).names == ["0", "1", "2"])
        }
    }

    @Test func `gives a new name only where none is`() throws {
        try withTemporaryDirectory { directory in
            let (f, g, taken) = (directory.appending("f"), directory.appending("g"), directory.appending("taken"))
            try makeFile(f, [1])
            try makeFile(taken, [2])
            try makeLink(to: directory.appending("none"), at: directory.appending("dangling"))
            for name in ["taken", "dangling", "f"] {
                #expect(fileError { try FileTree.renameNew(f, to: directory.appending(name)) } == .exists, "\(name)")
                #expect(fileError { try FileTree.link(f, to: directory.appending(name)) } == .exists, "\(name)")
            }
            #expect(fileError { try FileTree.renameNew(f, to: directory) } == .exists)
            #expect(try SmallFile.bytes(of: taken) == [2])
            #expect(try SmallFile.bytes(of: f) == [1])
            try FileTree.renameNew(f, to: g)
            #expect(fileError { _ = try FileStatus(of: f) } == .notFound)
            #expect(fileError { try FileTree.renameNew(f, to: directory.appending("h")) } == .notFound)
            try FileTree.link(g, to: f)
            #expect(try FileStatus(of: g).linkCount == 2)
            #expect(try FileStatus(of: g).inode == FileStatus(of: f).inode)
            try FileTree.rename(g, to: taken)
            #expect(try SmallFile.bytes(of: taken) == [1])
        }
    }

    @Test func `is removed with all below it, whatever the names`() throws {
        try withTemporaryDirectory { directory in
            let tree = directory.appending("tree")
            let odd = tree.appending(bytes: [0xFF, 0x2F + 1, 0xC3])
            try FileTree.makeDirectories(tree.appending("a/b/c"))
            try FileTree.makeDirectories(odd)
            try makeFile(odd.appending(bytes: [0x80]), [1])
            try makeFile(odd.appending("plain"))
            for name in ["\u{1}", "line\nbreak", "-rf", "*", String(repeating: "é", count: 127), "..."] {
                try makeFile(tree.appending(name))
            }
            try makePipe(at: tree.appending("a/pipe"))
            try withSocket(at: tree.appending("a/socket")) { try FileTree.removeAll(tree) }
            #expect(fileError { _ = try FileStatus(of: tree) } == .notFound)
            try FileTree.removeAll(tree)
        }
    }

    @Test func `is removed without following a link out of it`() throws {
        try withTemporaryDirectory { directory in
            let (tree, outside) = (directory.appending("tree"), directory.appending("outside"))
            try FileTree.makeDirectories(tree)
            try FileTree.makeDirectories(outside)
            try makeFile(outside.appending("precious"), [1])
            try makeLink(to: outside, at: tree.appending("link"))
            try makeLink(to: outside.appending("precious"), at: tree.appending("file link"))
            try makeLink(to: tree, at: tree.appending("loop"))
            try FileTree.removeAll(tree)
            #expect(try SmallFile.bytes(of: outside.appending("precious")) == [1])
            try makeLink(to: outside, at: directory.appending("top"))
            try FileTree.removeAll(directory.appending("top"))
            #expect(try DirectoryListing(of: directory).names == ["outside"])
            #expect(try DirectoryListing(of: outside).names == ["precious"])
        }
    }

    @Test func `takes removing what is missing for done`() throws {
        try withTemporaryDirectory { directory in
            let none = directory.appending("none")
            try FileTree.remove(none)
            try FileTree.removeDirectory(none)
            try FileTree.removeAll(none)
            try FileTree.makeDirectories(directory.appending("full/x"))
            #expect(fileError { try FileTree.removeDirectory(directory.appending("full")) } != nil)
            #expect(fileError { try FileTree.remove(directory.appending("full")) } != nil)
        }
    }

    @Test func `is synced, and says how much room there is`() throws {
        try withTemporaryDirectory { directory in
            try FileTree.syncDirectory(directory)
            try FileTree.syncFileSystem(of: directory)
            #expect(try FileTree.freeSpace(at: directory) > 0)
            try makeFile(directory.appending("f"))
            #expect(fileError { try FileTree.syncDirectory(directory.appending("f")) } == .notFound)
            #expect(fileError { try FileTree.syncDirectory(directory.appending("none")) } == .notFound)
            #expect(fileError { _ = try FileTree.freeSpace(at: directory.appending("none")) } == .notFound)
        }
    }
}

@Suite struct `A directory listing` {
    @Test func `is in the order of the names' bytes, odd ones apart`() throws {
        try withTemporaryDirectory { directory in
            let names = ["a", "B", "a-b", "a.b", "\u{E9}", "e\u{301}", "z", "A", "10", "9", "...", " ", "日本"]
            for name in names.shuffled() { try makeFile(directory.appending(name)) }
            try makeFile(directory.appending(bytes: [0x61, 0xFF, 0x0A]))
            try makeFile(directory.appending(bytes: [0xC3]))
            let listing = try DirectoryListing(of: directory)
            #expect(
                listing.names.map { Array($0.utf8) }
                    == names.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
            )
            #expect(listing.oddNames == ["\\xc3", "a\\xff\\x0a"])
            #expect(try DirectoryListing.components(of: directory).count == names.count + 2)
        }
    }

    @Test func `of no directory is an error`() throws {
        try withTemporaryDirectory { directory in
            try makeFile(directory.appending("f"))
            #expect(fileError { _ = try DirectoryListing(of: directory.appending("f")) } == .notFound)
            #expect(fileError { _ = try DirectoryListing(of: directory.appending("none")) } == .notFound)
            #expect(try DirectoryListing(of: directory).names == ["f"])
        }
    }
}

@Suite struct `A file status` {
    @Test func `tells kinds, sizes and links apart`() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("f")
            try makeFile(path, [1, 2, 3])
            try makeLink(to: path, at: directory.appending("link"))
            try makePipe(at: directory.appending("pipe"))
            let status = try FileStatus(of: path)
            #expect(status.kind == .regular)
            #expect(status.size == 3)
            #expect(status.linkCount == 1)
            #expect(status.device == (try FileStatus(of: directory).device))
            #expect(try FileStatus(of: directory).kind == .directory)
            #expect(try FileStatus(of: directory.appending("link")).kind == .other)
            #expect(try FileStatus(of: directory.appending("link"), followingLinks: true) == status)
            #expect(try FileStatus(of: directory.appending("pipe")).kind == .other)
            #expect(fileError { _ = try FileStatus(of: directory.appending("f/x")) } == .notFound)
        }
    }
}
