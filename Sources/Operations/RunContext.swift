internal import Glibc
package import Logging
package import TransferEngine

/// What a run works with: the process's memory, threads, limits, and where it tells how far it is.
package struct RunContext: Sendable {
    package let pool: BufferPool
    package let io: IOExecutor
    package let readLimit: TokenBucket
    /// Turns to fill memory from the disk.
    ///
    /// More than can be at it would only hold memory that others could send from.
    let readers: Slots
    private let mostSends: Int
    /// How many pieces can be read at one time.
    private let threads: Int
    package private(set) var progress: Progress
    package let logger: Logger
    /// How the run is stopped, and where it tells what it is at.
    package let control: RunControl

    /// - Parameters:
    ///   - memory: bytes for data in flight.
    ///   - readLimit: of all reads from the node's disks.
    ///   - isGentle: whether the threads stand back behind the database's.
    ///   - mostSends: blobs that may be on their way into the store, or waiting for its answer.
    ///   - control: through which it is stopped.
    package init(
        memory: Int,
        readLimit: TokenBucket,
        isGentle: Bool,
        logger: Logger,
        mostSends: Int = 64,
        control: RunControl = RunControl()
    ) {
        pool = BufferPool(limit: memory)
        // One a core: a thread that reads, hashes, compresses and writes a chunk has it in the shared cache all the way,
        // which more threads than cores would push out. Requests to a distant store wait without a thread.
        threads = max(2, min(8, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        io = IOExecutor(threads: threads, isGentle: isGentle)
        readers = Slots(threads + 1)  // one may be waiting for its memory
        self.readLimit = readLimit
        progress = Progress()
        self.logger = logger
        self.mostSends = mostSends
        self.control = control
    }

    /// The same with counters that begin anew, for the next part of the same run.
    func renewed() -> RunContext {
        var context = self
        context.progress = Progress()
        return context
    }

    /// The smallest memory limit, in bytes, with which blobs of `chunkSize` can be written and read: one chunk and the
    /// frame it becomes, and room for what encryption adds to either, which is less than a unit.
    package static func leastMemory(chunkSize: Int) -> Int {
        chunkSize + BlobCompressor.frameCapacity(for: chunkSize) + BufferPool.unit
    }

    /// How many pieces of work may be under way: enough to keep a distant store busy with blobs of half a chunk, and few
    /// enough that those which wait for memory do not take much of it themselves.
    func width(chunkSize: Int) -> Int { max(3, min(32, pool.limit / (chunkSize / 2))) }

    /// Whether pieces are read in pairs, where one takes a lease of `leaseSize` bytes.
    ///
    /// If there is a pair for every thread, up to four; below, little could be sent while others are read.
    func pairsPieces(leaseSize: Int) -> Bool { pool.limit >= 2 * min(threads, 4) * leaseSize }

    /// The same where blobs are sent whose memory goes back before they are answered: as many more as connections allow.
    func sendingWidth(chunkSize: Int) -> Int { min(mostSends, max(3, pool.limit / (chunkSize / 8))) }

    /// - Throws: `RunError` if `pool` cannot hold what one blob needs.
    package func checkMemory(chunkSize: Int) throws(RunError) {
        let least = Self.leastMemory(chunkSize: chunkSize)
        guard pool.limit >= least else {
            let needed = Int64(MemoryBudget.total(for: least))
            throw RunError(
                .invalid,
                "work with",
                "a memory limit of \(ByteCount(Int64(MemoryBudget.total(for: pool.limit))))",
                "blobs of this vault need at least \(ByteCount((needed + (1 << 20) - 1) / (1 << 20) * (1 << 20)))"
            )
        }
    }
}

extension ByteCount {
    fileprivate static func / (left: ByteCount, right: Int64) -> ByteCount { ByteCount(left.bytes / right) }
    fileprivate static func * (left: ByteCount, right: Int64) -> ByteCount { ByteCount(left.bytes * right) }
}
