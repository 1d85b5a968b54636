internal import TransferEngine

extension Stage {
    static var memory: [Stage] { [lease, leaseAndSplit] }

    /// A buffer of a mebibyte, taken and given back.
    private static var lease: Stage {
        Stage("pool-lease", .items, operations: 1000) {
            let pool = BufferPool(limit: 64 << 20)
            return { operations in
                for _ in 0..<operations {
                    let lease = try await pool.lease(1 << 20)
                    guard lease.capacity == 1 << 20 else { throw StageError("another buffer") }
                }
            }
        }
    }

    /// As a worker does it: room for content and frame at once, cut, and given back one after the other.
    private static var leaseAndSplit: Stage {
        Stage("pool-lease-and-split", .items, operations: 1000) {
            let pool = BufferPool(limit: 64 << 20)
            return { operations in
                for _ in 0..<operations {
                    var content = try await pool.lease(2 << 20)
                    let frame = content.split(at: 1 << 20)
                    guard content.capacity == frame.capacity else { throw StageError("other buffers") }
                }
            }
        }
    }
}
