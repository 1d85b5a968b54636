import Glibc
import SystemPackage
import TestSupport
import Testing
import TransferEngine

@Suite struct `An I/O executor` {
    struct Refusal: Error {}

    /// The name of the thread that asks.
    @Sendable static func threadName() -> String {
        let text = try? SmallFile.text(of: "/proc/thread-self/comm")
        return text.map { String($0.filter { $0 != "\n" }) } ?? ""
    }

    actor Place {
        func threadName() -> String { `An I/O executor`.threadName() }
    }

    @Test(.timeLimit(.minutes(5))) func `keeps the cooperative pool free while its threads block`() async throws {
        let io = IOExecutor(threads: 8)
        let (reading, writing) = try FileDescriptor.pipe()
        let blocked = Recorder<Void>()
        try await withThrowingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    try await io.run {
                        blocked.add(())
                        // Until the other end is closed below, by a task of the pool; ends by itself if it never runs.
                        var wish = pollfd(fd: reading.rawValue, events: Int16(POLLIN), revents: 0)
                        guard unsafe poll(&wish, 1, 200_000) == 1 else { throw Refusal() }
                    }
                }
            }
            group.addTask {
                while blocked.count < 8 { await Task.yield() }
                try writing.close()
            }
            try await group.waitForAll()
        }
        try reading.close()
    }

    @Test(.timeLimit(.minutes(5))) func `runs calls, task trees and default actors on its threads`() async {
        let io = IOExecutor(threads: 2)
        let place = Place()
        #expect(await io.run { Self.threadName() }.hasPrefix("ringvault-io-"))
        await withTaskExecutorPreference(io) {
            let here = Self.threadName()
            #expect(here.hasPrefix("ringvault-io-"))
            #expect(await place.threadName().hasPrefix("ringvault-io-"))
            async let child = Self.threadName()
            #expect(await child.hasPrefix("ringvault-io-"))
        }
        #expect(await !place.threadName().hasPrefix("ringvault-io-"))
    }

    @Test(.timeLimit(.minutes(5))) func `throws what a call throws, by its type`() async {
        let io = IOExecutor(threads: 1)
        do throws(FileError) {
            _ = try await io.run { () throws(FileError) in try ReadableFile("/nonexistent") }
            Issue.record("opened a file that is not there")
        } catch {
            #expect(error.code == .notFound)
        }
    }

    @Test(.timeLimit(.minutes(5))) func `of one thread still serves many tasks, also one inside of another`() async {
        let io = IOExecutor(threads: 1)
        let sum = await withTaskGroup { group in
            for index in 0..<2000 {
                group.addTask { await io.run { index } + (await io.run { 1 }) }
            }
            return await group.reduce(0, +)
        }
        #expect(sum == 2000 * 1999 / 2 + 2000)
        let nested = await withTaskExecutorPreference(io) { await io.run { Self.threadName() } }
        #expect(nested == "ringvault-io-0")
    }

    @Test(.timeLimit(.minutes(5))) func `that is gentle lowers only its own threads' priority`() async throws {
        @Sendable func niceness() throws -> Int? {
            let stat = try SmallFile.text(of: "/proc/thread-self/stat")
            // Behind the name in parentheses, which may hold spaces: field 19 of all.
            return stat.split(separator: ")").last?.split(separator: " ").dropFirst(16).first.flatMap { Int($0) }
        }
        let before = try niceness()
        let gentle = IOExecutor(threads: 1, isGentle: true)
        let plain = IOExecutor(threads: 1)
        #expect(try await gentle.run { try niceness() } == 10)
        #expect(try await plain.run { try niceness() } == before)
    }

    @Test func `takes its threads with it when it ends`() async {
        // In a process of its own, where no other test starts or ends threads.
        await #expect(processExitsWith: .success) {
            func count() throws -> Int {
                try DirectoryListing(of: "/proc/self/task").names.count { id in
                    let name = try? SmallFile.text(of: FilePath("/proc/self/task/\(id)/comm"))
                    return name?.hasPrefix("ringvault-io-") ?? false
                }
            }
            for _ in 0..<5 {
                do {
                    let io = IOExecutor(threads: 7)
                    await io.run {}
                    while try count() < 7 { await Task.yield() }
                    #expect(try count() == 7)
                }
                let deadline = ContinuousClock.now + .seconds(20)
                while try count() > 0, ContinuousClock.now < deadline { await Task.yield() }
                #expect(try count() == 0)
            }
        }
    }
}
