import TestSupport
import Testing

@testable import TransferEngine

@Suite struct `A buffer lease` {
    static let unit = BufferPool.unit

    struct Failure: Error {}

    /// What a lease of four units with `count` filled bytes keeps, in units, after being cut at `offset`.
    @Test(arguments: [
        (0, 0, 0), (0, 1, 1), (1, 1, 1), (0, Self.unit, 1), (0, Self.unit + 1, 2), (Self.unit, Self.unit, 1),
        (10, 4 * Self.unit - 1, 4), (0, 4 * Self.unit, 4), (4 * Self.unit, 4 * Self.unit, 4), (0, 9 * Self.unit, 4),
    ])
    func `is cut at whole units`(count: Int, offset: Int, kept: Int) async throws {
        let pool = BufferPool(limit: 4 * Self.unit)
        var lease = try await pool.lease(4 * Self.unit)
        lease.fill { $0.append(repeating: 1, count: count) }
        let tail = lease.split(at: offset)
        let sizes = [lease.capacity, lease.count, tail.capacity, tail.count]
        #expect(sizes == [kept * Self.unit, count, (4 - kept) * Self.unit, 0])
    }

    @Test func `cut from another shares no byte with it`() async throws {
        let pool = BufferPool(limit: 2 * Self.unit)
        var first = try await pool.lease(2 * Self.unit)
        var second = first.split(at: Self.unit)
        first.fill { $0.append(repeating: 1, count: Self.unit) }
        second.fill { $0.append(repeating: 2, count: Self.unit) }
        let bytes = [first.array, second.array]
        #expect(bytes[0].allSatisfy { $0 == 1 })
        #expect(bytes[1].allSatisfy { $0 == 2 })
    }

    @Test(arguments: [(0, 1), (1, 1), (Self.unit, 1), (Self.unit + 1, 2), (3 * Self.unit, 3)])
    func `gives back what lies behind its bytes, at least once`(count: Int, kept: Int) async throws {
        let pool = BufferPool(limit: 3 * Self.unit)
        var lease = try await pool.lease(3 * Self.unit)
        lease.fill { $0.append(repeating: 7, count: count) }
        lease.giveBackRest()
        lease.giveBackRest()
        let left = [lease.capacity, lease.count]
        #expect(left == [kept * Self.unit, count])
        if kept < 3 {
            let rest = try await pool.lease((3 - kept) * Self.unit)
            let capacity = rest.capacity
            #expect(capacity == (3 - kept) * Self.unit)
        }
        let bytes = lease.array
        #expect(bytes.allSatisfy { $0 == 7 })
    }

    @Test func `with nothing left can be used as an empty one`() async throws {
        let pool = BufferPool(limit: Self.unit)
        var lease = try await pool.lease(Self.unit)
        var nothing = lease.split(at: Self.unit)
        nothing.fill { #expect($0.freeCapacity == 0) }
        nothing.giveBackRest()
        let isEmpty = nothing.bytes.isEmpty
        #expect(isEmpty)
    }

    @Test func `forgets what a filling wrote that failed`() {
        var lease = BufferLease(copying: [1, 2, 3] as [UInt8])
        #expect(throws: Failure.self) { try lease.fill { _ in throw Failure() } }
        let count = lease.count
        #expect(count == 0)
        var growing = BufferLease(holding: [1, 2], spare: 8)
        #expect(throws: Failure.self) {
            try growing.append { output in
                output.append(3)
                throw Failure()
            }
        }
        let bytes = growing.array
        #expect(bytes == [1, 2])
    }

    @Test func `on the heap holds a copy, and gives back nothing`() {
        for bytes in [[], [1], [1, 2, 3]] as [[UInt8]] {
            var lease = BufferLease(copying: bytes)
            lease.giveBackRest()
            let copy = lease.array
            #expect(copy == bytes)
            let capacity = lease.capacity
            #expect(capacity == max(1, bytes.count))
        }
        let empty = BufferLease(unpooledCapacity: 0)
        let sizes = [empty.capacity, empty.count]
        #expect(sizes == [1, 0])
    }

    /// A sum that outlived its bytes would be believed by the store and by the manifest.
    @Test func `forgets its sum when its bytes change, and only then`() {
        let changes: [(String, (inout BufferLease) -> Void)] = [
            ("fill", { $0.fill { $0.append(9) } }), ("append", { $0.append { $0.append(9) } }),
            ("truncate", { $0.truncate(to: 1) }), ("rewrite", { $0.rewrite { _ in 2 } }),
            ("C", { $0.unsafeSetCount(2) }),
        ]
        for (name, change) in changes {
            var lease = BufferLease(holding: [1, 2], spare: 8)
            var sum = CRC32C()
            sum.update(lease.bytes)
            lease.note(sum)
            lease.truncate(to: 2)
            let kept = lease.knownCRC32C
            #expect(kept == sum)
            change(&lease)
            let forgotten = lease.knownCRC32C
            #expect(forgotten == nil, "\(name)")
            let made = CRC32C(of: lease)
            var anew = CRC32C()
            anew.update(lease.bytes)
            #expect(made == anew, "\(name)")
        }
    }

    @Test func `is only made shorter by truncating`() {
        var lease = BufferLease(copying: [1, 2, 3] as [UInt8])
        lease.truncate(to: 3)
        lease.truncate(to: 1)
        lease.append { $0.append(9) }
        let bytes = lease.array
        #expect(bytes == [1, 9])
    }

    @Test func `traps when truncating would grow it`() async {
        await #expect(processExitsWith: .failure) {
            var lease = BufferLease(copying: [1, 2] as [UInt8])
            lease.truncate(to: 1)
            lease.truncate(to: 2)
        }
    }

    @Test func `traps when it is cut through its bytes`() async {
        await #expect(processExitsWith: .failure) {
            var lease = try await BufferPool(limit: BufferPool.unit).lease(10)
            lease.fill { $0.append(repeating: 1, count: 10) }
            _ = lease.split(at: 9)
        }
    }

    @Test func `traps when it is cut on the heap`() async {
        await #expect(processExitsWith: .failure) {
            var lease = BufferLease(unpooledCapacity: 1 << 20)
            _ = lease.split(at: 1 << 16)
        }
    }

    @Test func `traps when it is filled past its capacity`() async {
        await #expect(processExitsWith: .failure) {
            var lease = BufferLease(unpooledCapacity: 4)
            lease.fill { $0.append(repeating: 1, count: 5) }
        }
    }
}
