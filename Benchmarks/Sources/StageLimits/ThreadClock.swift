internal import Glibc

/// CPU seconds of the calling thread alone, in user space and in the kernel.
enum ThreadClock {
    static func seconds() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// What `body` takes, for 10⁹ of what it goes through.
    static func cost<Failure: Error>(
        of count: Int,
        per unit: Double = 1e9,
        _ body: () throws(Failure) -> Void
    ) throws(Failure) -> Double {
        let start = seconds()
        try body()
        return (seconds() - start) * unit / Double(count)
    }
}
