import Testing

@testable import Cassandra

@Suite struct `Tokens` {
    private let murmur = "org.apache.cassandra.dht.Murmur3Partitioner"

    @Test func `of a node that is alone own the whole ring`() throws {
        let ranges = try #require(TokenRanges.primary(of: ["0"], among: [String](), of: .murmur3))
        #expect(ranges.share == 1)
        #expect(TokenRanges.primary(of: ["5"], among: [String](), of: .random)?.share == 1)
        #expect(TokenRanges.primary(of: ["5"], among: [String](), of: .other("ByteOrdered")) == nil)
    }

    @Test func `own what lies above the one before, around the ring's end`() throws {
        let low = "-4611686018427387904"
        let first = try #require(TokenRanges.primary(of: [low], among: ["0"], of: .murmur3))
        let second = try #require(TokenRanges.primary(of: ["0"], among: [low], of: .murmur3))
        #expect(abs(first.share - 0.75) < 1e-9)
        #expect(abs(second.share - 0.25) < 1e-9)
        #expect(second.texts == ["(\(low), 0]"])
        #expect(first.subtracting(second) == first)
        #expect(first.subtracting(first).isEmpty)
        let all = try #require(TokenRanges.primary(of: [low, "0"], among: [String](), of: .murmur3))
        #expect(all.subtracting(first) == second)
        #expect(all.subtracting(second) == first)
    }

    @Test func `subtract piece by piece`() throws {
        func ranges(_ pairs: (Int, Int)...) throws -> TokenRanges {
            try #require(TokenRanges(pairs.map { ("\($0.0)", "\($0.1)") }, of: .murmur3))
        }
        #expect(try ranges((0, 100)).subtracting(ranges((10, 20), (30, 40))) == ranges((0, 10), (20, 30), (40, 100)))
        #expect(try ranges((0, 10), (20, 30)).subtracting(ranges((5, 25))) == ranges((0, 5), (25, 30)))
        #expect(try ranges((0, 10), (10, 20)) == ranges((0, 20)))
        #expect(try ranges((0, 10)).subtracting(ranges((-5, 15))).isEmpty)
    }

    @Test func `that are the same are the plan for the same files`() {
        let place = TopologyPlan.Place(partitioner: murmur, tokens: ["1", "2"], ringSize: 3)
        let other = TopologyPlan.Place(partitioner: "Murmur3Partitioner", tokens: ["2", "1"], otherTokens: ["7"])
        #expect(TopologyPlan(from: place, to: other) == .sameTokens)
    }

    @Test func `of rings of one node need not be the same`() {
        let source = TopologyPlan.Place(partitioner: murmur, tokens: ["1"], ringSize: 1)
        #expect(
            TopologyPlan(from: source, to: TopologyPlan.Place(partitioner: murmur, tokens: ["9"], ringSize: 1))
                == .wholeRing
        )
        let ring = TopologyPlan.Place(partitioner: murmur, tokens: ["9"], otherTokens: ["5"], ringSize: 2)
        guard case .other = TopologyPlan(from: source, to: ring) else {
            Issue.record("the ring has another node")
            return
        }
    }

    @Test func `that differ are explained by what would be missing`() throws {
        let source = TopologyPlan.Place(
            partitioner: murmur,
            tokens: ["0", "-4611686018427387904"],
            otherTokens: ["4611686018427387904", "-9223372036854775808"],
            ringSize: 2
        )
        let target = TopologyPlan.Place(
            partitioner: murmur,
            tokens: ["0", "4611686018427387904"],
            otherTokens: ["-4611686018427387904", "-9223372036854775808"],
            ringSize: 2
        )
        guard case .other(let words) = TopologyPlan(from: source, to: target) else {
            Issue.record("the tokens differ")
            return
        }
        for part in [
            "1 of them the same", "50.0 %", "25.0 %", "(-9223372036854775808, -4611686018427387904]", "--host-id",
        ] {
            #expect(words.contains(part), "\(part) in \(words)")
        }
    }

    @Test func `of another partitioner are of no use, and none that are unknown are guessed`() {
        let source = TopologyPlan.Place(partitioner: "org.apache.cassandra.dht.RandomPartitioner", tokens: ["1"])
        guard case .other(let words) = TopologyPlan(from: source, to: .init(partitioner: murmur, tokens: ["1"])) else {
            Issue.record("the partitioners differ")
            return
        }
        #expect(words.contains("RandomPartitioner"))
        guard case .other(let unknown) = TopologyPlan(from: .init(partitioner: murmur, tokens: []), to: source) else {
            Issue.record("nothing is known")
            return
        }
        #expect(unknown.contains("RandomPartitioner") || unknown.contains("does not say"))
    }
}
