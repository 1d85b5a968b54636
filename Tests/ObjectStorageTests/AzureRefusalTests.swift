import TestSupport
import Testing
import TransferEngine

@testable import ObjectStorage

@Suite(.timeLimit(.minutes(5))) struct `Refusals of Azure` {
    @Test(
        arguments: [
            (503, "ServerBusy", .throttled), (429, "TooManyRequests", .throttled), (500, "InternalError", .unavailable),
            (500, "OperationTimedOut", .unavailable), (400, "Crc64Mismatch", .unavailable),
            (403, "AuthorizationFailure", .accessDenied), (403, "AuthorizationPermissionMismatch", .accessDenied),
            (403, "AccountIsDisabled", .accessDenied), (403, "InsufficientAccountPermissions", .accessDenied),
            (403, "KeyBasedAuthenticationNotPermitted", .accessDenied),
            (409, "BlobImmutableDueToPolicy", .accessDenied),
            (409, "BlobImmutableDueToLegalHold", .accessDenied), (412, "LeaseIdMissing", .accessDenied),
            (409, "BlobArchived", .refused), (409, "ContainerBeingDeleted", .refused), (400, "InvalidUri", .refused),
            (404, "ResourceNotFound", .notFound), (500, "WhateverIsNew", .unavailable),
            (400, "WhateverIsNew", .refused),
            (503, "WhateverIsNew", .throttled), (400, "OutOfRangeInput", .refused),
        ] as [(Int, String, StoreError.Code)]
    )
    func `mean what they say, in one line with the request's id`(
        status: Int,
        code: String,
        meaning: StoreError.Code
    ) async throws {
        try await AzureFake.with(faults: AzureFake.each(.refuse(status, code: code))) { store, cloud in
            let error = await #expect(throws: StoreError.self) { _ = try await store.bytes(try ObjectKey("a")) }
            #expect(error?.code == meaning)
            let text = try #require(error?.description)
            #expect(text.hasPrefix("cannot get a: \(meaning.rawValue): \(code): "))
            #expect(text.contains("(HTTP \(status), request id "))
            #expect(!text.contains("\n") && !text.contains("RequestId:") && !text.contains("Time:"))
            #expect(cloud.requests.count == 1)
        }
    }

    @Test(arguments: [
        ("AuthorizationPermissionMismatch", 403, "AZURE_STORAGE_KEY needs the role \"Storage Blob Data Contributor\""),
        ("AuthorizationFailure", 403, "network rules"),
        ("KeyBasedAuthenticationNotPermitted", 403, "the account takes no keys: use a managed identity"),
        ("BlobArchived", 409, "rehydrate it"), ("SnapshotsPresent", 409, "delete those first"),
        ("BlobImmutableDueToPolicy", 409, "immutability policy"),
    ])
    func `say what to do about them`(code: String, status: Int, advice: String) async throws {
        try await AzureFake.with(faults: AzureFake.each(.refuse(status, code: code))) { store, _ in
            let error = await #expect(throws: StoreError.self) { try await store.delete(try ObjectKey("a")) }
            #expect(error?.description.contains(advice) == true, "\(String(describing: error))")
        }
    }

    @Test func `of a blob that must not be deleted reach the caller of several`() async throws {
        var options = FakeCloud.Options()
        options.objectLock = true
        try await AzureFake.with(options) { store, _ in
            let keys = try ["a", "b"].map { try ObjectKey($0) }
            _ = try await store.put([1], keys[0])
            let failures = try await store.delete(keys)
            #expect(failures.map(\.key) == [keys[0]])
            #expect(failures.first?.error.code == .accessDenied)
        }
    }

    @Test func `for being too many tell how long to wait`() async throws {
        try await AzureFake.with(faults: AzureFake.each(.slowDown(retryAfter: 7))) { store, _ in
            let error = await #expect(throws: StoreError.self) { _ = try await store.head(try ObjectKey("a")) }
            #expect(error?.code == .throttled)
            #expect(error?.retryAfter == .seconds(7))
        }
    }

    @Test(arguments: [Int64(3600), -3600])
    func `for a wrong clock are answered with the store's time`(skew: Int64) async throws {
        var options = FakeCloud.Options()
        options.now = { AzureFake.time + skew }
        let change: AzureFake.Change = { settings, _ in
            settings.clock = WallClock { AzureFake.time }
        }
        try await AzureFake.with(options, settings: change) { store, cloud in
            let key = try ObjectKey("a")
            #expect(try await store.put([1], key, .onlyIfAbsent) == .stored)
            #expect(try await store.head(key)?.size == 1)
            #expect(cloud.requests.map(\.status) == [403, 201, 200])
        }
        // A look has no words that tell the reason.
        try await AzureFake.with(options, settings: change) { store, cloud in
            let key = try ObjectKey("a")
            #expect(try await store.head(key) == nil)
            #expect(cloud.requests.map(\.status) == [403, 404])
        }
    }

    @Test func `of a key that does not fit say so, and hold nothing secret`() async throws {
        let canary = "Y2FuYXJ5LWNhbmFyeS1jYW5hcnk="
        let change: AzureFake.Change = { settings, _ in
            settings.environment["AZURE_STORAGE_KEY"] = canary
        }
        try await AzureFake.with(settings: change) { store, _ in
            for text in try await Self.errors(of: store) {
                #expect(text.contains("AZURE_STORAGE_KEY does not fit the account, or has been replaced"))
                #expect(!text.contains(canary) && !text.contains("SharedKey"))
            }
        }
    }

    @Test func `of a SAS token hold nothing of it, wherever a request fails`() async throws {
        let canary = "canary%2Bcanary"
        let environment = [
            "AZURE_STORAGE_ACCOUNT": FakeCloud.account, "AZURE_STORAGE_SAS_TOKEN": "sv=2021-12-02&sig=\(canary)",
        ]
        // Refused, lost on the way, and by a store that says the URL back.
        try await AzureFake.with(settings: AzureFake.setting(\.environment, environment)) { store, _ in
            for text in try await Self.errors(of: store) { #expect(!text.contains("canary"), "\(text)") }
        }
        let lost = AzureFake.each(.resetBeforeReading)
        try await AzureFake.with(faults: lost, settings: AzureFake.setting(\.environment, environment)) {
            store,
            _ in
            for text in try await Self.errors(of: store) { #expect(!text.contains("canary"), "\(text)") }
        }
        let echo = "<Error><Code>Odd</Code><Message>GET /a?sv=2021-12-02&amp;sig=\(canary) failed</Message></Error>"
        let server = HTTPFaultServer(["/": .answer(400, body: Array(echo.utf8))])
        defer { server.stop() }
        let store = try AzureFake.store(server) { $0.environment = environment }
        for text in try await Self.errors(of: store) { #expect(!text.contains("canary"), "\(text)") }
    }

    /// What each verb's error says.
    private static func errors(of store: AzureStore) async throws -> [String] {
        let key = try ObjectKey("a")
        let calls: [() async throws -> Void] = [
            { _ = try await store.put([1], key) }, { _ = try await store.bytes(key) },
            { _ = try await store.head(key) },
            { try await store.delete(key) }, { _ = try await store.list(prefix: "", from: nil, limit: 10) },
        ]
        var texts: [String] = []
        for call in calls {
            let error = await #expect(throws: StoreError.self) { try await call() }
            let text = try #require(error?.description)
            #expect(!text.contains("\n"))
            texts.append(text)
        }
        return texts
    }
}
