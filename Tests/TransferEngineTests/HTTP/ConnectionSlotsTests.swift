import Testing

@testable import TransferEngine

@Suite struct `Connection slots` {
    /// Takes slots until none is to be had.
    func taken(_ slots: inout ConnectionSlots) -> [UInt64] {
        var taken: [UInt64] = []
        while let id = slots.next() { taken.append(id) }
        return taken
    }

    @Test func `are given in the order they were asked for`() {
        var slots = ConnectionSlots(limit: 2, perOrigin: 2)
        for id: UInt64 in 1...4 { slots.enter(id, origin: "a") }
        #expect(taken(&slots) == [1, 2])
        slots.free(origin: "a")
        #expect(taken(&slots) == [3])
    }

    @Test func `pass over those whose host is full`() {
        var slots = ConnectionSlots(limit: 10, perOrigin: 1)
        for id: UInt64 in 1...3 { slots.enter(id, origin: "a") }
        slots.enter(4, origin: "b")
        #expect(taken(&slots) == [1, 4])
        slots.free(origin: "a")
        #expect(taken(&slots) == [2])
    }

    @Test func `never exceed their total over all hosts`() {
        var slots = ConnectionSlots(limit: 3, perOrigin: 2)
        for id: UInt64 in 1...8 { slots.enter(id, origin: id % 2 == 0 ? "even" : "odd") }
        #expect(taken(&slots) == [1, 2, 3])
        #expect(slots.total == 3)
    }

    @Test func `are not given to those who have left`() {
        var slots = ConnectionSlots(limit: 1, perOrigin: 1)
        for id: UInt64 in 1...3 { slots.enter(id, origin: "a") }
        #expect(taken(&slots) == [1])
        slots.leave(2)
        slots.free(origin: "a")
        #expect(taken(&slots) == [3])
    }
}
