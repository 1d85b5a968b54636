/// Runs `body` for what `next` gives, at most `atMost` at one time, until `next` gives nil.
///
/// `next` is called by one task at a time, and only when there is room for another: a plan of a million files is never
/// unrolled. The first error, of `body` or of `next`, cancels the rest and is thrown once all have ended.
package func forEach<Element: Sendable>(
    atMost width: Int,
    on executor: IOExecutor,
    next: () async throws -> Element?,
    _ body: @escaping @Sendable (Element) async throws -> Void
) async throws {
    let slots = Slots(width)
    // Kept by ourselves: where `next` throws, the group may throw the cancellation of a task instead.
    let first = FirstError()
    do {
        try await withThrowingDiscardingTaskGroup { group in
            while true {
                try await slots.wait()
                if group.isCancelled {
                    // By an error of a task, which the group throws below; or from outside.
                    try Task.checkCancellation()
                    return
                }
                guard let element = try await first.keeping(next) else { break }
                group.addTask(executorPreference: executor) {
                    defer { slots.signal() }
                    try await first.keeping { try await body(element) }
                }
            }
        }
    } catch {
        throw first.error ?? error
    }
}

/// Of the errors of many tasks, the one that came first.
private final class FirstError: Sendable {
    private let kept = ThreadLock<(any Error)?>(nil)

    var error: (any Error)? { kept.withLock { $0 } }

    func keeping<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch {
            kept.withLock { if $0 == nil { $0 = error } }
            throw error
        }
    }
}
