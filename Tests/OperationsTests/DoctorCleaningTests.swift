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
                    // Until the cancellation is there, or the cleaning is what is asked for: that goes on.
                    for await _ in AsyncStream<Void>(unfolding: { Task.isCancelled ? nil : await Task.yield() }).prefix(
                        1000
                    ) {}
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
            #expect(store.keys.count <= 1, "lost at call \(index)")
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

    private static func check(_ server: RealServer, _ scheme: String) async throws {
        let store = try #require(server.access).store(scheme)
        let diagnosis = try await FakePatient.doctor(store).examine()
        #expect(diagnosis.isSafe, "\(diagnosis.findings)")
        #expect(diagnosis.leftovers == [])
        #expect(try await store.keys() == [])
        for check in [Check.list, .put, .read, .range, .names, .paging, .fresh, .checksum, .delete, .deleteMany] {
            #expect(diagnosis.results[check] == .ok, "\(check): \(diagnosis.found(check))")
        }
    }

    @Test(.running(.rgw)) func `leaves nothing in Ceph's gateway`() async throws { try await Self.check(.rgw, "ceph") }

    @Test(.running(.rgwTLS)) func `leaves nothing in Ceph's gateway behind TLS`() async throws {
        try await Self.check(.rgwTLS, "s3")
    }

    @Test(.running(.moto)) func `leaves nothing in moto`() async throws { try await Self.check(.moto, "minio") }

    @Test(.running(.swift)) func `leaves nothing in OpenStack Swift`() async throws {
        try await Self.check(.swift, "s3")
    }
}
