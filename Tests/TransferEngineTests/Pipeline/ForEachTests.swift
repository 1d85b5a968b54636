import TestSupport
import Testing

@testable import TransferEngine

@Suite struct `Bounded work on a sequence` {
    struct Failure: Error, Equatable {
        let element: Int
    }

    @Test(.timeLimit(.minutes(5)), arguments: [1, 2, 7, 64])
    func `is done for every element, never wider than allowed`(width: Int) async throws {
        let io = IOExecutor(threads: 4)
        let running = Gauge()
        let done = Recorder<Int>()
        var rest = (0..<500).makeIterator()
        try await forEach(atMost: width, on: io) {
            rest.next()
        } _: { element in
            running.enter()
            await Task.yield()
            done.add(element)
            running.leave()
        }
        #expect(done.all.sorted() == Array(0..<500))
        #expect(running.most <= width)
        #expect(running.now == 0)
    }

    @Test(.timeLimit(.minutes(5))) func `asks for the next element only when there is room, and one at a time`()
        async throws
    {
        let io = IOExecutor(threads: 2)
        let (running, asking) = (Gauge(), Gauge())
        var rest = (0..<200).makeIterator()
        try await forEach(atMost: 3, on: io) {
            asking.enter()
            #expect(running.now < 3)
            await Task.yield()
            asking.leave()
            guard let next = rest.next() else { return nil as Int? }
            running.enter()
            return next
        } _: { _ in
            await Task.yield()
            running.leave()
        }
        #expect(asking.most == 1)
    }

    @Test(.timeLimit(.minutes(5))) func `throws the first error, not a cancellation, and cancels the others`() async {
        let io = IOExecutor(threads: 4)
        let clock = ManualClock()
        let cancelled = Recorder<Int>()
        let asked = Recorder<Int>()
        var rest = (0..<100_000).makeIterator()
        let error = await #expect(throws: Failure.self) {
            try await forEach(atMost: 4, on: io) {
                let next = rest.next()
                asked.add(next ?? -1)
                return next
            } _: { element in
                if element == 2 {
                    // Once the others sleep.
                    try await clock.sleepers(atLeast: 3)
                    throw Failure(element: element)
                }
                do {
                    try await clock.sleep(for: .seconds(1000))
                } catch {
                    cancelled.add(element)
                    throw error
                }
            }
        }
        #expect(error == Failure(element: 2))
        // A slot that is given back just before the group knows of the error may let one more begin.
        #expect(cancelled.count >= 3)
        #expect(asked.count <= 9)
    }

    @Test(.timeLimit(.minutes(5))) func `throws an error of the sequence once what runs has ended`() async {
        let io = IOExecutor(threads: 2)
        let clock = ManualClock()
        let running = Gauge()
        var next = 0
        await #expect(throws: Failure(element: 2)) {
            try await forEach(atMost: 4, on: io) {
                defer { next += 1 }
                if next == 2 {
                    try await clock.sleepers(atLeast: 2)
                    throw Failure(element: 2)
                }
                return next
            } _: { _ in
                running.enter()
                defer { running.leave() }
                try await clock.sleep(for: .seconds(1000))
            }
        }
        #expect(running.now == 0)
    }

    @Test(.timeLimit(.minutes(5))) func `ends with its task's cancellation, and says so`() async {
        let io = IOExecutor(threads: 2)
        let clock = ManualClock()
        let running = Gauge()
        let task = Task {
            try await forEach(atMost: 3, on: io) {
                0 as Int?
            } _: { _ in
                running.enter()
                defer { running.leave() }
                // A body that does not care for cancellation and ends well.
                try? await clock.sleep(for: .seconds(1000))
            }
        }
        try? await clock.sleepers(atLeast: 3)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(running.now == 0)
    }

    @Test(.timeLimit(.minutes(5))) func `of nothing is done at once`() async throws {
        try await forEach(atMost: 1, on: IOExecutor(threads: 1)) {
            nil as Int?
        } _: { _ in
            Issue.record("there was nothing")
        }
    }
}

@Suite struct `Slots for tasks` {
    @Test(.timeLimit(.minutes(5))) func `are given in the order they are waited for`() async throws {
        let slots = Slots(1)
        let order = Recorder<Int>()
        try await slots.wait()
        let tasks = (0..<50).map { index in
            Task.immediate {
                try await slots.wait()
                order.add(index)
                slots.signal()
            }
        }
        #expect(order.count == 0)
        slots.signal()
        for task in tasks { try await task.value }
        #expect(order.all == Array(0..<50))
    }

    @Test(.timeLimit(.minutes(5))) func `that a cancelled waiter did not get are there for others`() async throws {
        let slots = Slots(2)
        try await slots.wait()
        try await slots.wait()
        let waiting = (0..<20).map { _ in Task.immediate { try await slots.wait() } }
        for task in waiting.dropLast() { task.cancel() }
        for task in waiting.dropLast() {
            await #expect(throws: CancellationError.self) { try await task.value }
        }
        slots.signal()
        try await waiting.last?.value
        slots.signal()
        slots.signal()
        try await slots.wait()
        try await slots.wait()
    }

    @Test(.timeLimit(.minutes(5))) func `are not taken by a task that is cancelled already`() async throws {
        let slots = Slots(1)
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            try await slots.wait()
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try await slots.wait()
    }
}
