import ObjectStorage
import Operations
import SystemPackage
import TestSupport
import Testing
import TransferEngine
import Vault

/// What is sent may leave memory before its answer is there: every way in which the answer can be bad after that.
@Suite(.timeLimit(.minutes(5))) struct `A blob whose memory was given back before its answer` {
    typealias Fault = FakeCloud.Fault

    private static let faults: [Fault] = [
        .slowDown(retryAfter: nil), .internalError, .proxyError(502), .answerLost, .expiredToken, .closeSilently,
        .wrongSum,
        .refuse(400, code: "InvalidRequest"), .refuse(400, code: "RequestTimeout"), .notImplemented, .sickConnection,
    ]

    /// - Parameter memory: of the least, and so much that pieces are read in pairs.
    @Test(arguments: CloudProvider.allCases, [TestVault.memory, 24 * TestVault.chunkSize])
    func `is read and sent again, whatever the answer was`(provider: CloudProvider, memory: Int) async throws {
        for fault in Self.faults {
            try await withTemporaryDirectory { root in
                let node = try TestNode(in: root)
                try node.addSSTable(1, in: "a", data: Content.random(5 * TestVault.chunkSize + 12_345, seed: 1))
                for index in 2...4 {
                    try node.addSSTable(index, in: "a", data: Content.random(60_000, seed: UInt64(index)))
                }
                let met = ThreadLock<Set<String>>([])
                let cloud = FakeCloud(provider.dialect) { request in
                    // The first put of each large body. Google's name stands in the body, so the length is what tells them apart.
                    guard request.operation == .put, let length = request.length, length > 100_000 else { return nil }
                    let name = "\(request.key ?? "") \(length / 4096)"
                    return met.withLock { $0.insert(name).inserted } ? fault : nil
                }
                defer { cloud.stop() }
                let clock = ManualClock(advancesItself: true)
                let store = RetryingStore(try provider.store(on: cloud, io: IOExecutor(threads: 2)), clock: clock)
                let vault = try await TestVault(store)
                try await vault.backUp(try node.options("one", tag: "a"), memory: memory)
                #expect(met.withLock { $0.count } >= 2, "\(fault)")
                let out = root.appending("out")
                try await vault.restore("one", to: [out])
                let (found, wanted) = (try files(below: out), try node.content("a"))
                #expect(found.keys.sorted() == wanted.keys.sorted(), "\(fault)")
                for (path, bytes) in found { #expect(areSame(bytes, wanted[path] ?? []), "\(fault): \(path)") }
            }
        }
    }

    @Test func `that has changed on the disk meanwhile fails the run`() async throws {
        try await withTemporaryDirectory { root in
            let node = try TestNode(in: root)
            try node.addSSTable(1, in: "a", data: Content.random(800_000, seed: 1))
            let path = node.directory("a").appending("nb-1-big-Data.db")
            let cloud = FakeCloud(.s3) { request in
                guard request.operation == .put, request.length ?? 0 > 100_000 else { return nil }
                try? WritableFile(path, creation: .orReopen).resize(700_000)
                return .internalError
            }
            defer { cloud.stop() }
            let clock = ManualClock(advancesItself: true)
            let store = RetryingStore(try CloudProvider.s3.store(on: cloud, io: IOExecutor(threads: 2)), clock: clock)
            let vault = try await TestVault(store)
            await #expect(throws: (any Error).self) { try await vault.backUp(try node.options("one", tag: "a")) }
            #expect(!cloud.objects.keys.contains { $0.hasSuffix(".jsonl.zst") })
        }
    }
}
