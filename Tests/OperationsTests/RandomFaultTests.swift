import ObjectStorage
import SystemPackage
import TestSupport
import Testing
import TransferEngine
import Vault

/// A backup and a restore of a small node, over a store behind HTTP that goes wrong at random: the same for the same seed.
@Suite(.timeLimit(.minutes(15)), .serialized) struct `Under a thousand schedules of faults` {
    typealias Fault = FakeCloud.Fault

    /// Whatever passes, and whatever lies; what hangs is tried fault by fault in the stores' tests.
    private static let kinds =
        Fault.passing + Fault.lying + [
            .expiredToken, .errorIn200, .cutAnswer, .rangeIgnored, .rangeShifted(by: 1), .emptyPage, .conflict,
            .hugeError(100_000, status: 500), .spaces(3, every: .zero), .gzip,
        ]

    private static let schedules = 1000
    /// Each test case runs this many, one after the other.
    private static let share = 50

    private static func meet(
        _ seed: UInt64,
        _ node: TestNode,
        _ wanted: [String: [UInt8]],
        _ io: IOExecutor
    ) async throws {
        let provider = CloudProvider.allCases[Int(seed) % CloudProvider.allCases.count]
        let isHostile = ThreadLock(true)
        let random = FakeCloud.randomFaults(seed: seed, share: Double(seed % 5 + 1) * 0.04, of: kinds)
        let cloud = FakeCloud(provider.dialect) { request in isHostile.withLock { $0 } ? random(request) : nil }
        defer { cloud.stop() }
        let base = try provider.store(on: cloud, io: io)
        let clock = ManualClock(advancesItself: true)
        let store = RetryingStore(BrakedStore(base, clock: clock), clock: clock)
        let out = node.root.appending("out-\(seed)")
        defer { try? FileTree.removeAll(out) }

        let isBackedUp = try await says(seed) {
            let vault = try await TestVault(store)
            try await vault.backUp(try node.options("one", tag: "a"))
        }
        let isRestored = try await says(seed) {
            let vault = try await TestVault(try await Vault.open(store), through: store)
            try await vault.restore("one", to: [out])
        }
        let found = (try? files(below: out)) ?? [:]
        if isRestored {
            #expect(areSame(found, wanted), "schedule \(seed): restored something else")
        } else {
            // What has its name is whole, whatever became of the rest.
            for (path, bytes) in found where !path.contains(".ringvault-") {
                #expect(areSame([path: bytes], wanted.filter { $0.key == path }), "schedule \(seed): \(path)")
            }
        }
        #expect(!isRestored || isBackedUp || cloud.objects.keys.contains { $0.hasSuffix(".jsonl.zst") })

        // Once the store is honest again: success was success, and what failed can be done again.
        isHostile.withLock { $0 = false }
        let vault: TestVault
        if cloud["backups/vault.json"] == nil {
            #expect(!isBackedUp)
            vault = try await TestVault(store)
        } else {
            vault = try await TestVault(try await Vault.open(store), through: store)
        }
        if try await vault.keys("clusters/").contains(where: { $0.hasSuffix(".jsonl.zst") }) == false {
            #expect(!isBackedUp, "schedule \(seed): success without a manifest")
            try await vault.backUp(try node.options("one", tag: "a"))
        }
        try? FileTree.removeAll(out)
        try await vault.restore("one", to: [out])
        #expect(areSame(try files(below: out), wanted), "schedule \(seed)")
    }

    /// By memory: comparing byte by byte takes longer than everything else in a debug build.
    private static func areSame(_ first: [String: [UInt8]], _ second: [String: [UInt8]]) -> Bool {
        first.count == second.count
            && first.allSatisfy { path, bytes in second[path].map { TestSupport.areSame($0, bytes) } ?? false }
    }

    /// Whether `body` succeeds; if not, that it says why in one line.
    private static func says(_ seed: UInt64, _ body: () async throws -> Void) async throws -> Bool {
        do {
            try await body()
            return true
        } catch {
            let line = "\(error)"
            #expect(!line.isEmpty && !line.contains { $0.isNewline } && line.count < 2000, "schedule \(seed): \(line)")
            #expect(!line.contains(FakeCloud.secretKey) && !line.contains(FakeCloud.accountKey))
            return false
        }
    }

    @Test(arguments: 0..<schedules / share)
    func `a success is one, and a failure is told and can be made good`(part: Int) async throws {
        let io = IOExecutor(threads: 2)
        try await withTemporaryDirectory { root in
            let node = try TestNode(in: root)
            for index in 1...2 { try node.addSSTable(index, in: "a", data: noise(20_000, seed: UInt64(index))) }
            try node.write(noise(1_100_000, seed: 3), "nb-9-big-Data.db", in: "a")
            let wanted = try node.content("a")
            for index in 0..<Self.share {
                let seed = UInt64(part * Self.share + index)
                try await Self.meet(seed, node, wanted, io)
            }
        }
    }
}
