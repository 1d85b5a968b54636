import ObjectStorage
import Operations
import SystemPackage
import TestSupport
import Testing
import TransferEngine

/// What doctor leaves behind, whatever happens to it.
@Suite(.timeLimit(.minutes(2))) struct `A doctor's cleaning` {
    private func calls() async throws -> Int {
        let counting = FaultyStore(MemoryStore()) { _ in nil }
        _ = try await FakePatient.doctor(counting, patience: 1).examine()
        return counting.calls.count
    }

    @Test func `is done when the examination is cancelled at any request`() async throws {
        let count = try await calls()
        #expect(count > 80)
        for index in 0..<count {
            let store = MemoryStore()
            let (signal, continuation) = AsyncStream<Void>.makeStream()
            let faulty = FaultyStore(store) { call in
                guard call.index == index else { return nil }
                return .hook {
                    continuation.finish()
                    // Until the cancellation is there; the cleaning is never cancelled.
                    for _ in 0..<1000 where !Task.isCancelled { await Task.yield() }
                }
            }
            let examination = Task { try await FakePatient.doctor(faulty, patience: 1).examine() }
            for await _ in signal {}
            examination.cancel()
            _ = try? await examination.value
            #expect(store.keys == [], "cancelled at call \(index)")
        }
    }

    @Test func `names exactly what is left when any one request is refused`() async throws {
        for index in 0..<(try await calls()) {
            let store = MemoryStore()
            let faulty = FaultyStore(store) { $0.index == index ? .failBefore(.accessDenied) : nil }
            let diagnosis = try await FakePatient.doctor(faulty, patience: 1).examine()
            #expect(diagnosis.leftovers == store.keys, "refused at call \(index)")
        }
    }

    @Test func `is done when the store goes away for a while at any request`() async throws {
        for index in 0..<(try await calls()) {
            let store = MemoryStore()
            let faulty = FaultyStore(store) { $0.index == index ? .failAfter(.unavailable) : nil }
            _ = try? await FakePatient.doctor(faulty, patience: 1).examine()
            #expect(store.keys == [], "lost at call \(index)")
            let repeating = FaultyStore(store) { $0.index == index ? .failAfter(.unavailable) : nil }
            let diagnosis = try await FakePatient.doctor(repeating, patience: 3).examine()
            #expect(diagnosis.isSafe)
        }
    }

    @Test func `takes along what a killed doctor left over an hour ago, and nothing younger or other`() async throws {
        let time = ThreadLock<Int64>(1_700_000_000)
        let store = MemoryStore(now: { time.withLock { $0 } })
        store[".ringvault-doctor-killed/read"] = [1]
        store[".ringvault-doctor-killed/names/a b"] = [2]
        store["vault.json"] = [3]
        store[".ringvault-doctor"] = [4]
        time.withLock { $0 += 3700 }
        store[".ringvault-doctor-working/read"] = [5]
        let diagnosis = try await FakePatient.doctor(store).examine()
        #expect(store.keys == [".ringvault-doctor", ".ringvault-doctor-working/read", "vault.json"])
        #expect(diagnosis.found(.cleaning).contains("2 of doctors that were killed"))
    }

    @Test func `takes the directories of a killed doctor along`() async throws {
        try await withTemporaryDirectory { root in
            let store = FileStore(root: root, io: IOExecutor(threads: 2))
            let corner = root.appending(".ringvault-doctor-killed")
            _ = try await store.put([1], try ObjectKey(".ringvault-doctor-killed/names/a b"))
            #expect(CommandLineTool.run("touch -d '2 hours ago' '\(corner)/names/a b'"))
            _ = try await FakePatient.doctor(store).examine()
            #expect(try DirectoryListing(of: root).names == [FileStore.temporaryName])
        }
    }

    // MARK: Real servers

    /// - Parameter limits: what the server is known not to honour.
    private static func check(_ server: RealServer, _ scheme: String, limits: Set<Check> = []) async throws {
        let store = try #require(server.access).store(scheme)
        let diagnosis = try await FakePatient.doctor(store).examine()
        #expect(diagnosis.isSafe, "\(diagnosis.findings)")
        #expect(diagnosis.leftovers == [])
        #expect(try await store.keys() == [])
        let limited = Set(diagnosis.results.filter { $0.value != .ok }.keys).subtracting([.latency])
        #expect(limited == limits, "\(diagnosis.findings)")
    }

    @Test(.running(.rgw)) func `leaves nothing in Ceph's gateway`() async throws { try await Self.check(.rgw, "ceph") }

    @Test(.running(.rgwTLS)) func `leaves nothing in Ceph's gateway behind TLS`() async throws {
        try await Self.check(.rgwTLS, "s3")
    }

    /// It looks at no checksum.
    @Test(.running(.moto)) func `leaves nothing in moto`() async throws {
        try await Self.check(.moto, "minio", limits: [.checksum])
    }

    /// It answers 501 to the condition.
    @Test(.running(.swift)) func `leaves nothing in OpenStack Swift`() async throws {
        try await Self.check(.swift, "s3", limits: [.createOnly])
    }
}
