internal import ObjectStorage

extension Examination {
    func paging() async throws(StoreError) -> Finding {
        var keys: [ObjectKey] = []
        for index in 1...5 { keys.append(try await put([UInt8(index)], "pages/\(index)")) }
        let (listed, pages) = try await list("pages/", limit: 2)
        if let finding = Self.difference(.paging, listed, keys) { return finding }
        guard listed == keys else {
            return Check.paging.finding(error: "the listing is out of order, or has an object twice")
        }
        return Finding(.paging, .ok, "5 objects in \(pages) pages, in order, each once", "Listings are whole.")
    }

    /// Whether a listing tells at once what was put, and what was removed no longer.
    func freshness() async throws(StoreError) -> Finding {
        var keys: [ObjectKey] = []
        for index in 1...3 {
            keys.append(try await put([UInt8(index)], "fresh/\(index)"))
            if let finding = Self.difference(.fresh, try await list("fresh/").keys, keys) { return finding }
        }
        return Finding(.fresh, .ok, "each of 3 objects is listed at once", "A backup is seen as soon as it is there.")
    }

    private static func difference(_ check: Check, _ listed: [ObjectKey], _ due: [ObjectKey]) -> Finding? {
        let lost = Set(due).subtracting(listed)
        let invented = Set(listed).subtracting(due)
        if !lost.isEmpty { return check.finding(error: "\(lost.count) of \(due.count) objects are not listed") }
        guard let first = invented.first else { return nil }
        return Finding(check, .failed, "lists what nobody has put: \(first)", "Listings cannot be trusted.")
    }
}
