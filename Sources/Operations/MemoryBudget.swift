/// How much of the memory that a process may have is for data in flight.
package enum MemoryBudget {
    /// Bytes that the process takes for itself: 40 to 53 MiB were measured, most of it shared libraries.
    private static let overhead = 56 << 20
    /// Data in flight get as much before anything is kept back; less would be too little to work with.
    private static let untouched = 80 << 20

    /// Bytes for data in flight, of `total` for the process.
    package static func share(of total: Int) -> Int { max(min(total, untouched), total - overhead) }

    /// Bytes that the process needs, so that data in flight get `share`.
    package static func total(for share: Int) -> Int { share <= untouched ? share : share + overhead }
}
