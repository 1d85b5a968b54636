internal import Glibc

/// A value that one thread at a time may touch: for what threads of our own share with the cooperative pool.
///
/// `Synchronization.Mutex` does the same, but the thread sanitizer does not see it on Linux (Swift 6.3): its futex is
/// in the runtime, which is not instrumented, and so each use between two pthreads is reported as a race. This one is
/// a pthread mutex, which the sanitizer knows.
@safe
package struct ThreadLock<State: Sendable & ~Copyable>: ~Copyable, @unchecked Sendable {
    // Sendable because the mutex guards the state, which is reached through `withLock` alone.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let state: UnsafeMutablePointer<State>

    package init(_ initial: consuming State) {
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe pthread_mutex_init(mutex, nil)
        unsafe state = .allocate(capacity: 1)
        unsafe state.initialize(to: initial)
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
        unsafe state.deinitialize(count: 1)
        unsafe state.deallocate()
    }

    /// Runs `body` while no other thread is in here; it must not call `withLock` again.
    package func withLock<Result: ~Copyable, E: Error>(_ body: (inout State) throws(E) -> Result) throws(E) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try unsafe body(&state.pointee)
    }
}
