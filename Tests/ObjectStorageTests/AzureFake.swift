import ObjectStorage
import TestSupport
import TransferEngine

/// What Azure's tests share: a store on a fake cloud of its own, which is stopped in the end.
enum AzureFake {
    static func with(
        _ options: FakeCloud.Options = FakeCloud.Options(),
        prefix: String = "backups/ring one",
        faults: Faults? = nil,
        settings change: Change = { _, _ in },
        _ body: (AzureStore, FakeCloud) async throws -> Void
    ) async throws {
        let cloud = FakeCloud(.azure, options, faults: faults)
        defer { cloud.stop() }
        var settings = StoreSettings()
        settings.endpoint = cloud.endpoint
        settings.environment = environment
        settings.clock = WallClock(now: options.now)
        change(&settings, cloud)
        let container = try BucketLocation(prefix.isEmpty ? FakeCloud.bucket : "\(FakeCloud.bucket)/\(prefix)", of: "")
        let store = try AzureStore(container, settings, io: IOExecutor(threads: 2))
        try await body(store, cloud)
    }

    typealias Faults = @Sendable (FakeCloud.Request) -> FakeCloud.Fault?
    typealias Change = (inout StoreSettings, FakeCloud) -> Void

    /// One fault for each request, or for each of one kind.
    static func each(_ fault: FakeCloud.Fault, of operation: FakeCloud.Request.Operation? = nil) -> Faults {
        { operation == nil || $0.operation == operation ? fault : nil }
    }

    static func setting<Value>(_ path: WritableKeyPath<StoreSettings, Value>, _ value: Value) -> Change {
        { settings, _ in settings[keyPath: path] = value }
    }

    /// With the key of the account that owns the container.
    static let environment = [
        "AZURE_STORAGE_ACCOUNT": FakeCloud.account, "AZURE_STORAGE_KEY": FakeCloud.accountKey,
    ]

    /// 2026-11-20 21:00:00 UTC, when the fixtures' signatures are good.
    static let time: Int64 = 1_795_208_400

    /// A store on a server that answers by script.
    static func store(
        _ server: HTTPFaultServer,
        _ change: (inout StoreSettings) -> Void = { _ in }
    ) throws -> AzureStore {
        var settings = StoreSettings()
        settings.endpoint = server.url("")
        settings.environment = AzureFake.environment
        change(&settings)
        return try AzureStore(try BucketLocation("vault", of: ""), settings, io: IOExecutor(threads: 1))
    }
}
