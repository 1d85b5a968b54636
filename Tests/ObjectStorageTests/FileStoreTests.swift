import Glibc
import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import ObjectStorage

@Suite struct `A file store` {
    static let temporary = FilePath.Component(FileStore.temporaryName)

    static func store(_ root: FilePath, threads: Int = 2) -> FileStore {
        FileStore(root: root, io: IOExecutor(threads: threads))
    }

    static func temporaries(_ root: FilePath) throws -> [String] {
        do {
            return try DirectoryListing(of: root.appending(FileStore.temporaryName)).names
        } catch {
            guard error.code == .notFound else { throw error }
            return []
        }
    }

    @Test(.timeLimit(.minutes(5))) func `makes its root at the first put, and is empty before`() async throws {
        try await withTemporaryDirectory { directory in
            let root = directory.appending("not/yet")
            let store = Self.store(root)
            let key = try ObjectKey("a/b")
            #expect(try await store.keys() == [])
            #expect(try await store.head(key) == nil)
            await expectError(.notFound) { _ = try await store.bytes(key) }
            try await store.delete(key)
            try await store.sweepTemporaries(olderThan: 0, now: .max / 2)
            #expect(fileError { _ = try FileStatus(of: root) } == .notFound)
            #expect(try await store.put([1], key, .onlyIfAbsent) == .stored)
            #expect(try await store.bytes(key) == [1])
        }
    }

    @Test(.timeLimit(.minutes(5))) func `puts objects where anyone finds them, and leaves nothing else`() async throws {
        try await withTemporaryDirectory { directory in
            let store = Self.store(directory)
            _ = try await store.put([1, 2], try ObjectKey("blobs/ab/abcd"), .onlyIfAbsent)
            _ = try await store.put([1, 2], try ObjectKey("blobs/ab/abcd"), .onlyIfAbsent)
            _ = try await store.put([3], try ObjectKey("vault.json"))
            _ = try await store.put([4], try ObjectKey("vault.json"))
            #expect(try SmallFile.bytes(of: directory.appending("blobs/ab/abcd")) == [1, 2])
            #expect(try SmallFile.bytes(of: directory.appending("vault.json")) == [4])
            #expect(try FileStatus(of: directory.appending("blobs/ab/abcd")).linkCount == 1)
            #expect(try Self.temporaries(directory) == [])
            #expect(store.location == "file://\(directory)")
        }
    }

    @Test(.timeLimit(.minutes(5))) func `keeps its own directory to itself`() async throws {
        try await withTemporaryDirectory { directory in
            let store = Self.store(directory)
            for text in [FileStore.temporaryName, FileStore.temporaryName + "/x"] {
                let key = try ObjectKey(text)
                await expectError(.refused) { _ = try await store.put([1], key) }
                await expectError(.refused) { _ = try await store.bytes(key) }
                await expectError(.refused) { _ = try await store.head(key) }
                await expectError(.refused) { try await store.delete(key) }
            }
            // Only as the first part, and only as a whole.
            for text in [
                "a/" + FileStore.temporaryName, FileStore.temporaryName + "2", FileStore.temporaryName + "-/x",
            ] {
                #expect(try await store.put([1], try ObjectKey(text)) == .stored)
            }
            #expect(try await store.keys().count == 3)
            #expect(try await store.keys(prefix: FileStore.temporaryName).count == 2)
        }
    }

    @Test(.timeLimit(.minutes(5))) func `sweeps only old files out of its own directory`() async throws {
        try await withTemporaryDirectory { directory in
            let store = Self.store(directory)
            let now: Int64 = 4_000_000_000  // so late that the put below finds nothing old
            let own = directory.appending(FileStore.temporaryName)
            try FileTree.makeDirectories(own.appending("directory"))
            for (name, age) in [("old", 1000), ("young", 10), ("edge", 100)] as [(String, Int64)] {
                let file = try WritableFile(own.appending(name), creation: .mustBeNew)
                try file.setModified((now - age) * 1_000_000_000)
            }
            _ = try await store.put([1], try ObjectKey("a"))
            #expect(try await store.keys() == ["a"])
            try await store.sweepTemporaries(olderThan: 100, now: now)
            #expect(try Self.temporaries(directory) == ["directory", "edge", "young"])
            try await store.sweepTemporaries(olderThan: 99, now: now)
            #expect(try Self.temporaries(directory) == ["directory", "young"])
            #expect(try await store.bytes(try ObjectKey("a")) == [1])
        }
    }

    @Test(.timeLimit(.minutes(5))) func `sweeps what was killed a day ago at its first put, and nothing younger`()
        async throws
    {
        try await withTemporaryDirectory { directory in
            let own = directory.appending(FileStore.temporaryName)
            try FileTree.makeDirectories(own)
            for (name, hours) in [("killed", 25), ("young", 23)] as [(String, Int64)] {
                let file = try WritableFile(own.appending(name), creation: .mustBeNew)
                try file.setModified((Int64(time(nil)) - hours * 3600) * 1_000_000_000)
            }
            _ = try await Self.store(directory).put([1], try ObjectKey("a"))
            #expect(try Self.temporaries(directory) == ["young"])
        }
    }

    @Test(.timeLimit(.minutes(5))) func `takes nothing but regular files with valid names for objects`() async throws {
        try await withTemporaryDirectory { directory in
            let store = Self.store(directory)
            _ = try await store.put([1], try ObjectKey("d/object"))
            try makeFile(directory.appending("foreign.txt"), [5])
            try FileTree.makeDirectories(directory.appending("empty/dir"))
            try makeFile(directory.appending("line\nbreak"))
            try makeFile(directory.appending(bytes: [0xFF]))
            try makeLink(to: directory.appending("d/object"), at: directory.appending("link"))
            try makeLink(to: directory, at: directory.appending("loop"))
            try makePipe(at: directory.appending("pipe"))
            #expect(try await store.keys() == ["d/object", "foreign.txt"])
            #expect(try await store.bytes(try ObjectKey("foreign.txt")) == [5])
            for text in ["link", "loop", "pipe", "d", "empty"] {
                #expect(try await store.head(try ObjectKey(text)) == nil, "\(text)")
                await expectError(.notFound) { _ = try await store.bytes(try ObjectKey(text)) }
            }
        }
    }

    @Test(.timeLimit(.minutes(5))) func `never says that an object exists where something else is in its way`()
        async throws
    {
        try await withTemporaryDirectory { directory in
            let store = Self.store(directory)
            try makeFile(directory.appending("blobs"))
            try FileTree.makeDirectories(directory.appending("dir/sub"))
            try makePipe(at: directory.appending("pipe"))
            for text in ["blobs/ab/abcd", "dir", "pipe", "blobs/x"] {
                for condition in [PutCondition.onlyIfAbsent, .always] where text != "pipe" || condition == .onlyIfAbsent
                {
                    await #expect(throws: StoreError.self, "\(text)") {
                        _ = try await store.put([1], try ObjectKey(text), condition)
                    }
                }
            }
            #expect(try Self.temporaries(directory) == [])
            #expect(try SmallFile.bytes(of: directory.appending("blobs")) == [])
        }
    }

    @Test(.timeLimit(.minutes(5)), .enabled(if: FileSystems.canMount, "needs root, to mount a small file system"))
    func `without space fails, keeps what it has and goes on once there is space`() async throws {
        try await withTemporaryDirectory { directory in
            try await FileSystems.withSmall(bytes: 1 << 20, in: directory) { small in
                let store = Self.store(small.appending("vault"))
                let (kept, large) = (try ObjectKey("kept"), try ObjectKey("large"))
                let bytes = Content.random(600_000)
                _ = try await store.put(bytes, kept)
                for condition in [PutCondition.onlyIfAbsent, .always] {
                    await expectError(.outOfSpace) { _ = try await store.put(bytes, large, condition) }
                    await expectError(.outOfSpace) { _ = try await store.put(bytes + bytes, kept, .always) }
                }
                #expect(try await store.keys() == ["kept"])
                #expect(areSame(try await store.bytes(kept), bytes))
                #expect(try Self.temporaries(small.appending("vault")) == [])
                try await store.delete(kept)
                #expect(try await store.put(bytes, large, .onlyIfAbsent) == .stored)
            }
        }
    }

    @Test(.enabled(if: geteuid() == 0, "needs root, to become another user"))
    func `says that it is denied access, and lists nothing that it cannot see as missing`() async throws {
        try await withTemporaryDirectory { directory in
            let store = Self.store(directory.appending("vault"))
            for text in ["shut/a", "b"] { _ = try await store.put([1], try ObjectKey(text)) }
            let root = directory.appending("vault").string
            // `shut` can be read but not searched: its names are seen, but not what they are.
            for (path, mode) in [("shut", 0o744), ("", 0o755), (FileStore.temporaryName, 0o755)] as [(String, UInt32)] {
                #expect(unsafe chmod(root + "/" + path, mode) == 0)
            }
            #expect(unsafe chmod(directory.string, 0o755) == 0)
            await #expect(processExitsWith: .success) { [root = root as String] in
                #expect(seteuid(65_534) == 0)
                let store = `A file store`.store(FilePath(root))
                await expectError(.accessDenied) { _ = try await store.put([2], try ObjectKey("c")) }
                await expectError(.accessDenied) { _ = try await store.bytes(try ObjectKey("shut/a")) }
                await expectError(.accessDenied) { _ = try await store.head(try ObjectKey("shut/a")) }
                await expectError(.accessDenied) { try await store.delete(try ObjectKey("b")) }
                await expectError(.accessDenied) { _ = try await store.list(prefix: "", from: nil, limit: 10) }
                let bytes = try await store.bytes(try ObjectKey("b"))
                #expect(bytes == [1])
            }
            #expect(try await store.keys() == ["b", "shut/a"])
        }
    }

    @Test func `shows only whole objects after being killed at any moment`() async throws {
        try await withTemporaryDirectory { directory in
            let root = directory.appending("vault").string
            for round in 0..<8 {
                await #expect(processExitsWith: .signal(SIGKILL)) { [root = root as String, round = round as Int] in
                    let store = `A file store`.store(FilePath(root), threads: 4)
                    _ = try await store.put(Killer.content(round, 0), try ObjectKey("first/\(round)"))
                    // Every writer goes on until the kernel ends the process, some milliseconds from now.
                    Killer.killSelf(afterMicroseconds: .random(in: 1...60_000))
                    try await withThrowingDiscardingTaskGroup { group in
                        for writer in 0..<4 {
                            group.addTask {
                                for index in 0... {
                                    let bytes = Killer.content(writer, index)
                                    let key = try ObjectKey("\(writer)/\(round)-\(index % 20)")
                                    _ = try await store.put(bytes, key, writer % 2 == 0 ? .always : .onlyIfAbsent)
                                }
                            }
                        }
                    }
                }
                let store = Self.store(FilePath(root))
                for key in try await store.keys() {
                    #expect(!key.hasPrefix(FileStore.temporaryName))
                    #expect(Killer.isWhole(try await store.bytes(try ObjectKey(key))), "\(key)")
                }
            }
            let store = Self.store(FilePath(root))
            let keys = try await store.keys()
            #expect(keys.count { $0.hasPrefix("first/") } == 8)
            try await store.sweepTemporaries(olderThan: -10, now: Int64(time(nil)))
            #expect(try Self.temporaries(FilePath(root)) == [])
            #expect(try await store.keys() == keys)
        }
    }
}

/// What a process that is to be killed writes, and the kill.
private enum Killer {
    /// Content that says by itself whether it is whole: its length and its number, then what follows from them.
    static func content(_ writer: Int, _ index: Int) -> [UInt8] {
        let count = 20_000 + (writer * 7919 + index * 104_729) % 200_000
        let head = [UInt8(index % 256), UInt8(count >> 16), UInt8(count >> 8 & 255), UInt8(count & 255)]
        return head + Content.random(count - 4, seed: UInt64(index % 256))
    }

    static func isWhole(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 4 else { return false }
        let count = Int(bytes[1]) << 16 | Int(bytes[2]) << 8 | Int(bytes[3])
        return bytes.count == count
            && areSame(Array(bytes.dropFirst(4)), Content.random(count - 4, seed: UInt64(bytes[0])))
    }

    static func killSelf(afterMicroseconds delay: Int) {
        var event = unsafe sigevent()
        unsafe event.sigev_notify = Int32(SIGEV_SIGNAL)
        unsafe event.sigev_signo = SIGKILL
        var timer: timer_t?
        guard unsafe timer_create(CLOCK_MONOTONIC, &event, &timer) == 0 else { preconditionFailure("timer_create") }
        var time = itimerspec()
        time.it_value.tv_nsec = delay * 1000
        guard unsafe timer_settime(timer, 0, &time, nil) == 0 else { preconditionFailure("timer_settime") }
    }
}
