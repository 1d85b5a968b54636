import TestSupport

@testable import TransferEngine

/// The filled bytes of a lease, which `#expect` cannot take itself.
func contents(of lease: borrowing BufferLease) -> [UInt8] {
    Array(capacity: lease.count) { output in
        for index in lease.bytes.indices { output.append(lease.bytes[index]) }
    }
}

extension HTTPClient {
    /// A client whose clocks, in milliseconds, are long unless the test is about them.
    init(
        connect: Int = 30_000,
        stall: Int = 30_000,
        firstByte: Int = 30_000,
        total: Int? = nil,
        _ change: (inout HTTPSettings) -> Void = { _ in }
    ) {
        var settings = HTTPSettings()
        settings.timeouts = HTTPTimeouts(
            connect: .milliseconds(connect),
            stall: .milliseconds(stall),
            firstByte: .milliseconds(firstByte),
            total: total.map { .milliseconds($0) }
        )
        change(&settings)
        self.init(settings)
    }
}

/// The error of a request that must not succeed; nil if it did.
func failure(_ body: () async throws(HTTPError) -> HTTPResponse) async -> HTTPError? {
    do throws(HTTPError) {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}
