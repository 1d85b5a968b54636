internal import TransferEngine

extension StoreClient {
    /// Whether the store refuses this request as such: for one that a store which looks closely cannot take.
    func refuses(
        _ request: HTTPRequest,
        _ body: borrowing BufferLease,
        at key: ObjectKey
    ) async throws(StoreError) -> Bool {
        do throws(StoreError) {
            _ = try await answer("put", key.description, request, bodyCount: body.count) {
                (request) async throws(HTTPError) in
                try await http.collect(request, body: body, atMost: 64 * 1024)
            }
            return false
        } catch {
            guard let refusal = error.cause as? StoreRefusal, error.code != .throttled,
                (400..<500).contains(refusal.status)
            else { throw error }
            return true
        }
    }

    /// Seconds that the clock of the store is ahead of `clock`, by the Date of its answer; nil if that has none.
    func clockDifference(_ request: HTTPRequest, _ clock: WallClock) async throws(StoreError) -> Int64? {
        // Whatever it says, it says when.
        let response = try await answer("ask the time of", request.url, request, accepting: Set(300...599)) {
            (request) async throws(HTTPError) in try await http.send(request)
        }
        return response.headers["Date"].flatMap { HTTPDate.seconds(of: $0) }.map { $0 - clock.now() }
    }
}
