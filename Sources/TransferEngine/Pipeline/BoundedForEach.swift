/// Runs `body` for what `next` gives, at most `atMost` at one time, until `next` gives nil.
///
/// `next` is called by one task at a time, and only when there is room for another: a plan of a million files is never
/// unrolled. The first error cancels the rest and is thrown once all have ended.
package func forEach<Element: Sendable>(
    atMost width: Int,
    on executor: IOExecutor,
    next: () async throws -> Element?,
    _ body: @escaping @Sendable (Element) async throws -> Void
) async throws {
    let slots = Slots(width)
    try await withThrowingDiscardingTaskGroup { group in
        while true {
            try await slots.wait()
            if group.isCancelled {
                // By an error of a task, which the group throws below; or from outside.
                try Task.checkCancellation()
                return
            }
            guard let element = try await next() else { break }
            group.addTask(executorPreference: executor) {
                defer { slots.signal() }
                try await body(element)
            }
        }
    }
}
