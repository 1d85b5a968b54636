import TestSupport
import Testing

@testable import TransferEngine

@Suite struct `Free runs` {
    @Test func `grow together again whatever the order they come back in`() {
        var free = FreeRuns(count: 10)
        let first = free.take(3)
        let second = free.take(3)
        let third = free.take(4)
        #expect(free.take(1) == nil)
        for range in [second, first, third] { range.map { free.giveBack($0) } }
        #expect(free.runs == [0..<10])
    }

    @Test func `take the lowest place that fits`() {
        var free = FreeRuns(count: 10)
        let low = free.take(2)
        _ = free.take(2)
        low.map { free.giveBack($0) }
        #expect(free.take(3) == 4..<7)
        #expect(free.take(2) == 0..<2)
    }

    @Test func `have nothing to give where there is nothing`() {
        var free = FreeRuns(count: 0)
        #expect(free.take(1) == nil)
        free.giveBack(0..<0)
        #expect(free.runs.isEmpty)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `never give a unit twice nor lose one`(seed: UInt64) {
        var generator = SeededGenerator(seed)
        var free = FreeRuns(count: 64)
        var isTaken = [Bool](repeating: false, count: 64)
        var taken: [Range<Int>] = []
        for _ in 0..<2000 {
            if Bool.random(using: &generator), let range = free.take(Int.random(in: 1...12, using: &generator)) {
                #expect(!range.contains { isTaken[$0] })
                for unit in range { isTaken[unit] = true }
                taken.append(range)
            } else if let index = taken.indices.randomElement(using: &generator) {
                let range = taken.remove(at: index)
                // In two parts, as a lease that was split comes back.
                let middle = Int.random(in: range.lowerBound...range.upperBound, using: &generator)
                free.giveBack(middle..<range.upperBound)
                free.giveBack(range.lowerBound..<middle)
                for unit in range { isTaken[unit] = false }
            }
            #expect(free.total == isTaken.count { !$0 })
            #expect(zip(free.runs, free.runs.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
        }
    }

    @Test func `trap when a unit is given back twice`() async {
        await #expect(processExitsWith: .failure) {
            var free = FreeRuns(count: 4)
            _ = free.take(2)
            free.giveBack(0..<2)
            free.giveBack(1..<2)
        }
    }
}
