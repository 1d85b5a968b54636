import TestSupport
import Testing
import TransferEngine

@testable import Vault

/// Random histories of backups, deletions, collections, crashes, lost answers and passing time, each step of each process
/// chosen by a seed: what no single example shows.
@Suite struct `In every history` {
    /// Histories in one test; there are `shards` of them, so that they share the cores.
    private static let histories = 2500
    static let shards = 0..<4

    @Test(.timeLimit(.minutes(10)), arguments: shards)
    func `what stands can be restored and what nobody names goes`(shard: Int) async throws {
        let first = try await Self.firstFlaw(ModelWorld.Rules(), shard * Self.histories..<(shard + 1) * Self.histories)
        #expect(first == nil)
    }

    @Test(.timeLimit(.minutes(10)))
    func `a manifest would lose blobs if it were published without looking at the lists`() async throws {
        var rules = ModelWorld.Rules()
        rules.publication.checksLists = false
        let first = try await Self.firstFlaw(rules, 0..<Self.histories)
        #expect(first != nil)
    }

    @Test(.timeLimit(.minutes(10)))
    func `a manifest would lose blobs if lists were swept without marking again`() async throws {
        var rules = ModelWorld.Rules()
        rules.collector.marksBeforeSweep = false
        let first = try await Self.firstFlaw(rules, 0..<Self.histories)
        #expect(first != nil)
    }

    @Test(.timeLimit(.minutes(10)))
    func `a manifest would lose blobs if lists were swept at once`() async throws {
        var rules = ModelWorld.Rules()
        rules.collector.waitsForGrace = false
        let first = try await Self.firstFlaw(rules, 0..<Self.histories)
        #expect(first != nil)
    }

    /// The first seed with a flaw, and what it is.
    private static func firstFlaw(_ rules: ModelWorld.Rules, _ seeds: Range<Int>) async throws -> String? {
        // One thread: nothing but the seed decides who goes on.
        let io = IOExecutor(threads: 1)
        let pool = BufferPool(limit: 64 << 20)
        return try await withTaskExecutorPreference(io) {
            for seed in seeds {
                let world = ModelWorld(io: io, pool: pool, rules: rules)
                await world.run(seed: UInt64(seed))
                if let flaw = try await world.violation() { return "seed \(seed): \(flaw)" }
                if let flaw = try await world.garbage() { return "seed \(seed): \(flaw)" }
                if let flaw = try await world.violation() { return "seed \(seed), after collecting: \(flaw)" }
            }
            return nil
        }
    }
}
