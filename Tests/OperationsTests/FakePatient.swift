import Logging
import ObjectStorage
import Operations
import TestSupport
import Testing
import TransferEngine

/// Stores for a doctor to examine.
enum FakePatient {
    /// A doctor who waits for nothing.
    ///
    /// - Parameter patience: how often a request is made before it counts as failed.
    static func doctor(_ store: any ObjectStore, patience: Int = 3) -> Doctor {
        let clock = ManualClock(advancesItself: true)
        var policy = RetryPolicy()
        policy.attempts = patience
        let repeating = RetryingStore(store, policy: policy, clock: clock)
        return Doctor(repeating, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, clock: clock)
    }

    /// Examines a fake S3, which is stopped in the end.
    static func examine(
        _ options: FakeCloud.Options = FakeCloud.Options(),
        faults: (@Sendable (FakeCloud.Request) -> FakeCloud.Fault?)? = nil,
        settings change: (inout StoreSettings) -> Void = { _ in }
    ) async throws -> (Diagnosis, FakeCloud) {
        let cloud = FakeCloud(.s3, options, faults: faults)
        defer { cloud.stop() }
        return (try await doctor(try CloudProvider.s3.store(on: cloud, change)).examine(), cloud)
    }
}

extension Diagnosis {
    /// That the store answers slowly is left out: so does any, where the tests keep the machine busy.
    var results: [Check: Finding.Result] {
        var results = Dictionary(uniqueKeysWithValues: findings.map { ($0.check, $0.result) })
        if results[.latency] == .limited { results[.latency] = .ok }
        return results
    }

    func found(_ check: Check) -> String { finding(check)?.found ?? "" }
}

/// Objects in memory whose probe answers what a test says.
struct ProbedStore: ObjectStore, StoreProbe {
    var transport = StoreTransport.tls(host: "store.example")
    var ahead: Int64? = 0
    var checks = [UploadCheck(name: "crc32c", isEnforced: true)]
    /// Whether each of several creators of one name at the same moment is told that it won.
    var winsRaces = false
    private let base = MemoryStore()

    init(_ change: (inout Self) -> Void) { change(&self) }

    var location: String { "probed://" }
    var probe: (any StoreProbe)? { self }
    var deletesInBatches: Bool { false }

    func putOnlyIfAbsent(_ bytes: [UInt8], at key: ObjectKey) async throws(StoreError) -> PutResult? {
        let isRace = key.description.hasSuffix("/race")
        return try await base.put(bytes, key, winsRaces && isRace ? .always : .onlyIfAbsent)
    }

    func uploadChecks(at key: ObjectKey) async throws(StoreError) -> [UploadCheck] { checks }

    func clockDifference(askingFor key: ObjectKey) async throws(StoreError) -> Int64? { ahead }

    func put(
        _ body: borrowing BufferLease,
        at key: ObjectKey,
        _ condition: PutCondition,
        digest: SHA256Digest?
    ) async throws(StoreError) -> PutResult {
        try await base.put(body, at: key, condition, digest: digest)
    }

    func get(
        _ key: ObjectKey,
        range: Range<Int64>?,
        into buffer: inout BufferLease
    ) async throws(StoreError) -> ObjectInfo {
        try await base.get(key, range: range, into: &buffer)
    }

    func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? { try await base.head(key) }

    func delete(_ key: ObjectKey) async throws(StoreError) { try await base.delete(key) }

    func list(prefix: String, from cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        try await base.list(prefix: prefix, from: cursor, limit: limit)
    }
}
