internal import Glibc
internal import Limits

/// What memory itself costs.
@safe
struct MemoryStages {
    private let sample: Sample
    private let target: UnsafeMutableRawPointer

    init(_ sample: Sample) throws(LimitsError) {
        self.sample = sample
        unsafe target = .allocate(byteCount: sample.count, alignment: 4096)
    }

    func copy() -> Double {
        ThreadClock.cost(of: sample.count) { () throws(Never) in
            unsafe memcpy(target, sample.bytes, sample.count)
        }
    }

    /// What a program pays that gives memory back and takes it again.
    func fresh() throws(LimitsError) -> Double {
        let flags = MAP_PRIVATE | MAP_ANONYMOUS
        guard let memory = unsafe mmap(nil, sample.count, PROT_READ | PROT_WRITE, flags, -1, 0),
            unsafe memory != UnsafeMutableRawPointer(bitPattern: -1)
        else { throw LimitsError("cannot map memory: errno \(errno)") }
        defer { unsafe munmap(memory, sample.count) }
        return ThreadClock.cost(of: sample.count) { () throws(Never) in
            for offset in stride(from: 0, to: sample.count, by: 4096) {
                unsafe memory.storeBytes(of: 1, toByteOffset: offset, as: UInt8.self)
            }
        }
    }
}
