internal import ObjectStorage
internal import TransferEngine

/// The checks of one examination: each puts objects of its own and looks what becomes of them.
struct Examination: Sendable {
    let store: any ObjectStore
    let corner: Corner
    private let sleep: @Sendable (Duration) async throws -> Void

    init(_ store: any ObjectStore, sleep: @escaping @Sendable (Duration) async throws -> Void) {
        self.store = store
        corner = Corner(store)
        self.sleep = sleep
    }

    /// Makes a check; an error that is the store's considered answer is a finding as well.
    ///
    /// - Throws: `.cancelled`, and what says nothing about the check: no connection, no bucket, no space, no patience.
    func making(_ check: Check, _ body: () async throws(StoreError) -> Finding) async throws(StoreError) -> Finding {
        do throws(StoreError) {
            return try await body()
        } catch {
            if error.cause is CredentialError { throw error }  // nobody has been asked yet
            switch error.code {
            case .cancelled, .throttled, .noBucket, .outOfSpace: throw error
            case .unavailable where check == .list || !(error.cause is StoreRefusal): throw error
            case .refused where check == .list && !(error.cause is StoreRefusal): throw error  // TLS, a wrong address
            case .notFound, .accessDenied, .unavailable, .corrupt, .badRange, .refused: break
            }
            return check.finding(error: Self.words(error))
        }
    }

    /// Makes a request to the store's probe, which repeats nothing by itself, up to three times.
    func patiently<Value>(_ body: () async throws(StoreError) -> Value) async throws(StoreError) -> Value {
        for attempt in 1...2 {
            do throws(StoreError) {
                return try await body()
            } catch {
                guard error.isTransient else { throw error }
                do {
                    try await sleep(max(error.retryAfter ?? .zero, .milliseconds(200 * attempt)))
                } catch {
                    throw StoreError(.cancelled, "repeat a request to", store.location)
                }
            }
        }
        return try await body()
    }

    /// Without the key, which means nothing to people.
    static func words(_ error: StoreError) -> String {
        "\(error.code.rawValue)" + (error.cause.map { ": \($0)" } ?? "")
    }

    // MARK: Asking

    func put(
        _ bytes: [UInt8],
        _ key: ObjectKey,
        _ condition: PutCondition = .always
    ) async throws(StoreError) -> PutResult {
        try await store.put(document: bytes, at: key, condition)
    }

    /// Puts an object in the corner.
    func put(_ bytes: [UInt8], _ name: String) async throws(StoreError) -> ObjectKey {
        let key = try corner.taking(name)
        do throws(StoreError) {
            _ = try await put(bytes, key)
        } catch {
            if error.code == .accessDenied || error.code == .noBucket { corner.release(key) }
            throw error
        }
        return key
    }

    func bytes(_ key: ObjectKey, _ range: Range<Int64>? = nil) async throws(StoreError) -> [UInt8] {
        var buffer = BufferLease(unpooledCapacity: 64 * 1024)
        _ = try await store.get(key, range: range, into: &buffer)
        let bytes = buffer.bytes
        return bytes.indices.map { bytes[$0] }
    }

    /// All keys below a directory of the corner, page by page, in the order they come.
    ///
    /// - Throws: `.corrupt` if there is no end to it.
    func list(_ directory: String, limit: Int = 1000) async throws(StoreError) -> (keys: [ObjectKey], pages: Int) {
        let prefix = corner.prefix + directory
        var keys: [ObjectKey] = []
        var cursor: ListCursor?
        for page in 1...50 {
            let answer = try await store.list(prefix: prefix, from: cursor, limit: limit)
            keys += answer.objects.map(\.key)
            guard let next = answer.next else { return (keys, page) }
            cursor = next
        }
        throw StoreError(.corrupt, "list", prefix, cause: EndlessListing())
    }

    /// Content that no cache has and no other object: `count` bytes.
    static func content(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count {
            let number = UInt64.random(in: 0 ... .max)
            for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
        }
        return Array(bytes[..<count])
    }

    /// The store's clock, by the time of the object that was put first.
    func storeTime() async -> Int64? {
        guard let key = try? corner.key("put"), let info = try? await store.head(key), info.modified > 0 else {
            return nil
        }
        return info.modified
    }
}

private struct EndlessListing: Error, CustomStringConvertible {
    var description: String { "the listing has no end" }
}
