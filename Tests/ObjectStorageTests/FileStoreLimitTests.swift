import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import ObjectStorage

@Suite(.timeLimit(.minutes(5))) struct `A file store under a rate limit` {
    private static func store(
        _ root: FilePath,
        _ clock: ManualClock,
        upload: Int64? = nil,
        download: Int64? = nil
    ) -> FileStore {
        func bucket(_ rate: Int64?) -> TokenBucket { TokenBucket(DataRate(bytesPerSecond: rate), clock: clock) }
        return FileStore(
            root: root,
            io: IOExecutor(threads: 2),
            upload: bucket(upload),
            download: bucket(download)
        )
    }

    @Test(arguments: StoreContract.all)
    func `keeps the contract`(promise: StoreContract) async throws {
        try await withTemporaryDirectory { directory in
            let clock = ManualClock(advancesItself: true)
            try await promise.check(Self.store(directory, clock, upload: 5_000_000, download: 5_000_000))
        }
    }

    @Test func `holds what it writes and reads each to its rate`() async throws {
        try await withTemporaryDirectory { directory in
            let clock = ManualClock(advancesItself: true)
            let store = Self.store(directory, clock, upload: 100_000, download: 50_000)
            let key = try ObjectKey("a")
            let bytes = Content.random(400_000)
            _ = try await store.put(bytes, key)
            #expect(abs(clock.now.sinceStart / .seconds(1) - 4) < 0.2)
            #expect(areSame(try await store.bytes(key), bytes))
            #expect(abs(clock.now.sinceStart / .seconds(1) - 12) < 0.4)
            let before = clock.now
            _ = try await store.bytes(key, 399_999..<500_000)
            #expect(clock.now.sinceStart - before.sinceStart < .milliseconds(100))
            _ = try await store.head(key)
            _ = try await store.keys()
            let after = clock.now
            try await store.delete(key)
            #expect(clock.now == after)
        }
    }

    /// However large an object is: at no moment has more been written than the rate allows.
    @Test func `lets the bytes of one object go evenly`() async throws {
        try await withTemporaryDirectory { directory in
            let clock = ManualClock()
            let store = Self.store(directory, clock, upload: 100_000)
            let task = Task { try await store.put(Content.random(1_000_000), try ObjectKey("a")) }
            for second in 1...9 {
                // Several steps a second; between them it sleeps.
                for _ in 0..<20 {
                    try await clock.sleepers(atLeast: 1)
                    clock.advance(by: .milliseconds(50))
                }
                try await clock.sleepers(atLeast: 1)
                let name = try #require(try `A file store`.temporaries(directory).first)
                let path = directory.appending(FileStore.temporaryName).appending(name)
                let written = Double(try FileStatus(of: path).size)
                #expect(abs(written - Double(second) * 100_000) <= 10_000)
            }
            let ticking = Task {
                while !Task.isCancelled {
                    clock.advance(by: .milliseconds(50))
                    await Task.yield()
                }
            }
            defer { ticking.cancel() }
            #expect(try await task.value == .stored)
        }
    }

    @Test func `leaves nothing of a put that is cancelled while it waits`() async throws {
        try await withTemporaryDirectory { directory in
            let clock = ManualClock()
            let store = Self.store(directory, clock, upload: 1)
            let key = try ObjectKey("a")
            let task = Task { _ = try await store.put(Content.random(10_000), key) }
            try await clock.sleepers(atLeast: 1)
            task.cancel()
            await expectError(.cancelled) { try await task.value }
            #expect(try await store.head(key) == nil)
            #expect(try `A file store`.temporaries(directory) == [])
        }
    }
}
