import FoundationEssentials
import TestSupport
import Testing
import TransferEngine

@testable import Vault

/// Random histories of backups, deletions, collections, crashes, lost answers and passing time, each step of each process
/// chosen by a seed: what no single example shows.
@Suite struct `In every history` {
    /// Histories in one test; there are several tests, so that they share the cores.
    ///
    /// `RINGVAULT_TEST_HISTORIES` in the environment asks for more.
    private static let histories =
        ProcessInfo.processInfo.environment["RINGVAULT_TEST_HISTORIES"].flatMap { Int($0) } ?? 2500
    static let shards = 0..<4

    @Test(.timeLimit(.minutes(30)), arguments: shards)
    func `what stands can be restored and what nobody names goes`(shard: Int) async throws {
        let seeds = shard * Self.histories..<(shard + 1) * Self.histories
        let (first, tally) = try await Self.firstFlaw(ModelWorld.Rules(), seeds)
        #expect(first == nil)
        // And enough has happened that could have gone wrong.
        let counts = [
            tally.backups, tally.collections, tally.deletions, tally.undeletions, tally.failures, tally.renewals,
        ]
        #expect(counts.allSatisfy { $0 > Self.histories / 50 }, "\(tally)")
    }

    @Test(.timeLimit(.minutes(30)))
    func `a manifest would lose blobs if it were published without looking at the lists`() async throws {
        var rules = ModelWorld.Rules()
        rules.publication.checksLists = false
        let first = try await Self.firstFlaw(rules, 0..<Self.histories).flaw
        #expect(first != nil)
    }

    @Test(.timeLimit(.minutes(30)))
    func `a manifest would lose blobs if lists were swept without marking again`() async throws {
        var rules = ModelWorld.Rules()
        rules.collector.marksBeforeSweep = false
        let first = try await Self.firstFlaw(rules, 0..<Self.histories).flaw
        #expect(first != nil)
    }

    @Test(.timeLimit(.minutes(30)))
    func `a manifest would lose blobs if lists were swept at once`() async throws {
        var rules = ModelWorld.Rules()
        rules.collector.waitsForGrace = false
        let first = try await Self.firstFlaw(rules, 0..<Self.histories).flaw
        #expect(first != nil)
    }

    /// The first seed with a flaw, and what it is; and what happened until then.
    private static func firstFlaw(
        _ rules: ModelWorld.Rules,
        _ seeds: Range<Int>
    ) async throws -> (flaw: String?, tally: ModelWorld.Tally) {
        // One thread: nothing but the seed decides who goes on.
        let io = IOExecutor(threads: 1)
        let pool = BufferPool(limit: 64 << 20)
        return try await withTaskExecutorPreference(io) {
            var tally = ModelWorld.Tally()
            for seed in seeds {
                let world = ModelWorld(io: io, pool: pool, rules: rules)
                await world.run(seed: UInt64(seed))
                if let flaw = try await world.violation() { return ("seed \(seed): \(flaw)", tally) }
                tally.add(world.tally)
                if let flaw = try await world.garbage() { return ("seed \(seed): \(flaw)", tally) }
                if let flaw = try await world.violation() { return ("seed \(seed), after collecting: \(flaw)", tally) }
            }
            return (nil, tally)
        }
    }
}
