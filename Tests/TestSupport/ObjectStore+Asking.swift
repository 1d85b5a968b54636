package import ObjectStorage
package import Testing
internal import TransferEngine

/// Expects `body` to throw a `StoreError` with this code.
package func expectError(
    _ code: StoreError.Code,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
) async {
    do {
        try await body()
        Issue.record("no error where '\(code.rawValue)' was due", sourceLocation: sourceLocation)
    } catch let error as StoreError {
        #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
    } catch {
        Issue.record(error, "not a StoreError", sourceLocation: sourceLocation)
    }
}

extension ObjectStore {
    /// Puts `bytes` from a buffer of its own.
    package func put(
        _ bytes: [UInt8],
        _ key: ObjectKey,
        _ condition: PutCondition = .always
    ) async throws(StoreError) -> PutResult {
        let body = BufferLease(holding: bytes)
        return try await put(body, at: key, condition, digest: nil)
    }

    /// Gets an object, or a range of it, into a buffer of its own.
    ///
    /// - Parameter capacity: of the buffer, in bytes; nil: what the object or the range needs.
    package func bytes(
        _ key: ObjectKey,
        _ range: Range<Int64>? = nil,
        capacity: Int? = nil
    ) async throws(StoreError) -> [UInt8] {
        let size: Int
        if let capacity {
            size = capacity
        } else if let range {
            size = range.count
        } else {
            size = 17 << 20
        }
        var buffer = BufferLease(unpooledCapacity: size)
        _ = try await get(key, range: range, into: &buffer)
        return buffer.array
    }

    /// All keys under `prefix`, in the order the pages give them.
    package func keys(prefix: String = "", limit: Int = 1000) async throws(StoreError) -> [String] {
        var keys: [String] = []
        var cursor: ListCursor?
        repeat {
            let page = try await list(prefix: prefix, from: cursor, limit: limit)
            #expect(page.objects.count <= limit)
            keys += page.objects.map(\.key.description)
            if let next = page.next, next == cursor {
                Issue.record("a page that leads to itself")
                return keys
            }
            cursor = page.next
        } while cursor != nil
        return keys
    }
}
