internal import Glibc

/// One anonymous mapping: address space for all leases, of which only touched pages take memory.
@safe
final class Arena: @unchecked Sendable {
    // Sendable because the pool hands each byte to one lease at a time.
    private let base: UnsafeMutableRawPointer
    private let size: Int

    init(size: Int) {
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        let mapped = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, flags, -1, 0)
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else {
            preconditionFailure("cannot map \(size) bytes of address space")
        }
        unsafe base = mapped
        self.size = size
        // Fewer page faults on the first round; advice only, so its answer does not matter.
        _ = unsafe madvise(mapped, size, MADV_HUGEPAGE)
    }

    func memory(_ units: Range<Int>, unit: Int) -> UnsafeMutableBufferPointer<UInt8> {
        precondition(units.upperBound * unit <= size, "outside the arena")
        let start = unsafe (base + units.lowerBound * unit).assumingMemoryBound(to: UInt8.self)
        return unsafe UnsafeMutableBufferPointer(start: start, count: units.count * unit)
    }

    deinit { unsafe munmap(base, size) }
}
