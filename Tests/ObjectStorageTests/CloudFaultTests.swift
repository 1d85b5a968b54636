import ObjectStorage
import TestSupport
import Testing
import TransferEngine

/// Every fault, at every operation, of every provider: what comes out is right, or one clear line.
@Suite(.timeLimit(.minutes(5))) struct `A store behind HTTP that meets a fault` {
    typealias Fault = FakeCloud.Fault

    /// What a client can know of a fault.
    enum Kind {
        /// It passes: repeating gets everything done.
        case passes
        /// It may be told as an error, and is never taken for a success.
        case isTold
        /// What a GET, HEAD or list gives may be untrue without a sign; the vault checks what it reads by its hash.
        case lies
    }

    static let faults: [(Fault, Kind)] = [
        (.slowDown(retryAfter: nil), .passes), (.slowDown(retryAfter: 3), .passes),
        (.tooManyRequests(retryAfter: 1), .passes), (.internalError, .passes), (.proxyError(502), .passes),
        (.proxyError(504), .passes), (.sickConnection, .passes), (.expiredToken, .passes), (.conflict, .isTold),
        (.accessDenied, .isTold), (.notImplemented, .isTold), (.refuse(403, code: "AllAccessDisabled"), .isTold),
        (.refuse(400, code: "RequestTimeout"), .isTold), (.refuse(418, code: "Nonsense"), .isTold),
        (.redirect(301, to: "http://127.0.0.1:1/"), .isTold), (.redirect(307, to: "http://127.0.0.1:1/"), .isTold),
        (.hugeError(1 << 20, status: 500), .passes), (.hugeError(1 << 20, status: 403), .isTold),
        (.early(503, code: "SlowDown", isReset: false), .passes),
        (.early(503, code: "SlowDown", isReset: true), .passes),
        (.early(403, code: "AccessDenied", isReset: false), .isTold),
        (.early(403, code: "AccessDenied", isReset: true), .isTold),
        (.earlyRedirect(307, to: "http://127.0.0.1:1/", isReset: false), .isTold),
        (.resetBeforeReading, .passes), (.resetInRequest(after: 0), .passes), (.resetInRequest(after: 1000), .passes),
        (.closeInRequest(after: 1000), .passes), (.answerLost, .passes), (.resetInAnswer(after: 0), .passes),
        (.resetInAnswer(after: 10), .passes), (.blackHole, .passes), (.silence, .passes), (.stall(after: 5), .passes),
        (.closeSilently, .passes), (.wait(.milliseconds(20)), .passes), (.spaces(20, every: .milliseconds(1)), .passes),
        (.trickle(bytes: 100, every: .milliseconds(1)), .passes), (.truncated(by: 7), .passes),
        (.errorIn200, .lies), (.emptyAnswer, .lies), (.cutAnswer, .lies), (.garbage, .lies), (.bomb, .lies),
        (.gzip, .lies), (.bitFlip(at: 3), .lies), (.shortObject(by: 1), .lies), (.wrongObject, .lies),
        (.rangeIgnored, .isTold), (.rangeShifted(by: 1), .lies), (.staleObject(requests: 2), .lies),
        (.staleList(requests: 2), .lies), (.skewedTime(-100_000), .passes), (.randomETag, .passes),
        (.cannotDelete, .isTold), (.samePage, .isTold), (.emptyPage, .passes), (.foreignKeys, .isTold),
        (.keysGoBack, .isTold),
    ]

    /// One operation, with what must hold after it.
    struct Step: Sendable {
        let name: String
        let operation: FakeCloud.Request.Operation
        /// True: it was done, and what it gave is right; false: it gave something else.
        let run: @Sendable (any ObjectStore) async throws -> Bool
        /// Whether what the cloud holds afterwards fits, given whether the call succeeded.
        let isRight: @Sendable (FakeCloud, Bool) -> Bool
    }

    static let bytes = Content.random(20_000, seed: 5)
    static let planted = (0..<7).map { "backups/old/\($0)" }

    static let steps: [Step] = [
        Step(name: "put", operation: .put) { store in
            try await store.put(bytes, try ObjectKey("new")) == .stored
        } isRight: { cloud, isDone in
            let object = cloud["backups/new"]
            return object == bytes || (!isDone && object == nil)
        },
        Step(name: "create", operation: .put) { store in
            // Its own lost answer may have created it: then it exists, with the right bytes.
            _ = try await store.put(bytes, try ObjectKey("new"), .onlyIfAbsent)
            return true
        } isRight: { cloud, isDone in
            let object = cloud["backups/new"]
            return object == bytes || (!isDone && object == nil)
        },
        Step(name: "create what is there", operation: .put) { store in
            try await store.put(bytes, try ObjectKey("old/1"), .onlyIfAbsent) == .existed
        } isRight: { cloud, _ in
            cloud["backups/old/1"] == [1, 1, 1]
        },
        Step(name: "get", operation: .get) { store in
            try await store.bytes(try ObjectKey("large")) == bytes
        } isRight: { _, _ in
            true
        },
        Step(name: "get a range", operation: .get) { store in
            try await store.bytes(try ObjectKey("large"), 1000..<5000) == Array(bytes[1000..<5000])
        } isRight: { _, _ in
            true
        },
        Step(name: "head", operation: .head) { store in
            try await store.head(try ObjectKey("large"))?.size == Int64(bytes.count)
        } isRight: { _, _ in
            true
        },
        Step(name: "delete", operation: .delete) { store in
            try await store.delete(try ObjectKey("old/2"))
            return true
        } isRight: { cloud, isDone in
            !isDone || cloud["backups/old/2"] == nil
        },
        Step(name: "delete several", operation: .batchDelete) { store in
            let failures = try await store.delete(["old/3", "none", "old/4"].map { try ObjectKey($0) })
            if let failure = failures.first { throw failure.error }
            return true
        } isRight: { cloud, isDone in
            !isDone || (cloud["backups/old/3"] == nil && cloud["backups/old/4"] == nil && cloud["backups/old/5"] != nil)
        },
        Step(name: "list", operation: .list) { store in
            var keys: [String] = []
            try await store.forEachObject(prefix: "old/") { keys.append($0.key.description) }
            return keys == (0..<7).map { "old/\($0)" }
        } isRight: { _, _ in
            true
        },
    ]

    /// Whether the answer is the object, or its size, itself: what is untrue in it shows nowhere then.
    private static func liesToReaders(_ fault: Fault, _ step: Step) -> Bool {
        switch fault {
        case .spaces: step.operation == .get || step.operation == .head
        case .truncated: step.operation == .head
        default: false
        }
    }

    /// Runs one step against a cloud that has the fault at the first request of its operation, or at all of them.
    private func meet(
        _ provider: CloudProvider,
        _ fault: Fault,
        _ kind: Kind,
        _ step: Step,
        always: Bool
    ) async throws {
        let hits = ThreadLock(0)
        var options = FakeCloud.Options()
        options.pageLimit = 3
        let cloud = FakeCloud(provider.dialect, options) { request in
            // Google has no HEAD, and Azure and Google no removal of several: what stands for them.
            let isMeant =
                request.operation == step.operation || (step.operation == .batchDelete && request.operation == .delete)
                || (step.operation == .head && request.operation == .get)
            guard isMeant else { return nil }
            let hit = hits.withLock { hits in
                hits += 1
                return hits
            }
            return always || hit == 1 ? fault : nil
        }
        defer { cloud.stop() }
        for (index, key) in Self.planted.enumerated() { cloud[key] = [UInt8](repeating: UInt8(index), count: 3) }
        cloud["backups/large"] = Self.bytes
        let base = try provider.store(on: cloud) { settings in
            settings.http.timeouts.connect = .seconds(20)
            settings.http.timeouts.stall = .seconds(1)
            settings.http.timeouts.firstByte = .seconds(1)
        }
        var policy = RetryPolicy()
        policy.attempts = always ? 2 : 6
        let store = RetryingStore(base, policy: policy, clock: ManualClock(advancesItself: true))
        // A part that is longer than it should be does not fit, and is told as that.
        let isLongPart = fault == .truncated(by: 7) && step.name == "get a range"
        let kind = Self.liesToReaders(fault, step) ? .lies : isLongPart ? .isTold : kind
        let title = "\(provider.rawValue), \(step.name), \(always ? "always " : "")\(fault)"
        do {
            let isTrue = try await step.run(store)
            if kind != .lies { #expect(isTrue, "\(title): a success that is none") }
            #expect(step.isRight(cloud, isTrue || kind != .lies), "\(title): the store holds something else")
        } catch let error as StoreError {
            let line = "\(error)"
            #expect(kind != .passes || always, "\(title): \(line)")
            #expect(
                !line.contains { $0.isNewline } && line.hasPrefix("cannot ") && line.count < 1000,
                "\(title): \(line)"
            )
            for secret in [FakeCloud.secretKey, FakeCloud.accountKey, "Signature=", "sig=", "Bearer "] {
                #expect(!line.contains(secret), "\(title): \(line)")
            }
            #expect(step.isRight(cloud, false), "\(title): \(line)")
        }
    }

    @Test(arguments: CloudProvider.allCases, faults.indices)
    func `once does what was asked, or says in one line that it could not`(
        provider: CloudProvider,
        index: Int
    ) async throws {
        let (fault, kind) = Self.faults[index]
        for step in Self.steps { try await meet(provider, fault, kind, step, always: false) }
    }

    @Test(arguments: CloudProvider.allCases, faults.indices)
    func `again and again ends in one clear line, and with nothing half done`(
        provider: CloudProvider,
        index: Int
    ) async throws {
        let (fault, kind) = Self.faults[index]
        // A listing of nothing but empty pages is a thousand of them.
        guard fault != .emptyPage else { return }
        for step in Self.steps { try await meet(provider, fault, kind, step, always: true) }
    }
}
