import Operations
import TestSupport
import Testing
import TransferEngine

@Suite(.timeLimit(.minutes(5))) struct `A run's control` {
    @Test func `lets a body end that needs less than the grace`() async throws {
        let control = RunControl()
        let clock = ManualClock()
        let (released, release) = AsyncStream<Void>.makeStream()
        let task = Task {
            try await control.run(grace: .seconds(10), clock: clock) {
                for await _ in released {}
                return "done"
            }
        }
        control.stop(.pause, "test")
        try await clock.sleepers(atLeast: 1)
        clock.advance(by: .seconds(9))
        release.finish()
        #expect(try await task.value == "done")
    }

    @Test func `cancels a body that needs more, and says that it was stopped`() async throws {
        let control = RunControl()
        let clock = ManualClock()
        let task = Task {
            try await control.run(grace: .seconds(10), clock: clock) {
                try await Task.sleep(for: .seconds(3600))
            }
        }
        control.stop(.cancel, "test")
        try await clock.sleepers(atLeast: 1)
        clock.advance(by: .seconds(10))
        let stopped = await #expect(throws: RunStopped.self) { try await task.value }
        #expect(stopped?.request == .cancel)
        #expect(stopped?.reason == "test")
    }

    @Test func `passes an error on as it is, and a cancellation from outside`() async throws {
        struct Failure: Error {}
        let control = RunControl()
        await #expect(throws: Failure.self) { try await control.run { throw Failure() } }
        let clock = ManualClock()
        let task = Task { try await control.run(clock: clock) { try await Task.sleep(for: .seconds(3600)) } }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func `keeps the first request, but lets a cancel go over a pause`() {
        let control = RunControl()
        control.stop(.pause, "first")
        control.stop(.pause, "second")
        #expect(control.stopped?.reason == "first")
        control.stop(.cancel, "third")
        control.stop(.pause, "fourth")
        #expect(control.stopped?.reason == "third")
        control.rearm()
        #expect(control.stopped == nil)
    }
}
