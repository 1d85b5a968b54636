import Testing

@testable import TransferEngine

@Suite struct `The clocks of a transfer` {
    static let limits = HTTPTimeouts(
        connect: .seconds(10),
        stall: .seconds(20),
        firstByte: .seconds(100),
        total: .seconds(1000)
    )
    let start = ContinuousClock.now

    func clocks(bodyCount: Int) -> TransferClocks { TransferClocks(Self.limits, bodyCount: bodyCount, at: start) }

    func after(_ seconds: Int) -> TransferClocks.Instant { start.advanced(by: .seconds(seconds)) }

    @Test func `give a connection its own limit`() {
        let clocks = clocks(bodyCount: 5)
        #expect(clocks.expired(at: after(9)) == nil)
        #expect(clocks.expired(at: after(10)) == .connect)
    }

    @Test func `start the connect clock anew for a connection that replaces a dead one`() {
        var clocks = clocks(bodyCount: 5)
        clocks.requestStarted(at: after(1))
        clocks.connecting(at: after(15))
        #expect(clocks.expired(at: after(24)) == nil)
        #expect(clocks.expired(at: after(25)) == .connect)
    }

    @Test func `do not start it anew for the next address of the same host`() {
        var clocks = clocks(bodyCount: 5)
        clocks.connecting(at: after(8))
        #expect(clocks.expired(at: after(10)) == .connect)
    }

    @Test func `run out when the body stands still`() {
        var clocks = clocks(bodyCount: 5)
        clocks.requestStarted(at: after(1))
        clocks.moved(sent: 2, received: 0, at: after(15))
        clocks.moved(sent: 2, received: 0, at: after(30))
        #expect(clocks.expired(at: after(34)) == nil)
        #expect(clocks.expired(at: after(35)) == .stall)
    }

    @Test func `leave a server time to think once it has the body`() {
        var clocks = clocks(bodyCount: 5)
        clocks.requestStarted(at: after(1))
        clocks.moved(sent: 5, received: 0, at: after(2))
        #expect(clocks.expired(at: after(101)) == nil)
        #expect(clocks.expired(at: after(102)) == .firstByte)
    }

    @Test func `wait for the first byte at once where there is no body`() {
        var clocks = clocks(bodyCount: 0)
        clocks.requestStarted(at: after(1))
        #expect(clocks.phase == .answer)
        #expect(clocks.expired(at: after(100)) == nil)
        #expect(clocks.expired(at: after(101)) == .firstByte)
    }

    @Test func `run out when an answer that has begun stands still`() {
        var clocks = clocks(bodyCount: 0)
        clocks.requestStarted(at: after(1))
        clocks.moved(sent: 0, received: 1, at: after(90))
        #expect(clocks.expired(at: after(109)) == nil)
        #expect(clocks.expired(at: after(110)) == .stall)
    }

    @Test func `take a body sent again for movement`() {
        var clocks = clocks(bodyCount: 5)
        clocks.requestStarted(at: after(1))
        clocks.moved(sent: 5, received: 0, at: after(2))
        clocks.requestStarted(at: after(50))
        #expect(clocks.phase == .room)
        #expect(clocks.expired(at: after(69)) == nil)
        #expect(clocks.expired(at: after(70)) == .stall)
    }

    @Test func `stand still while a limit of our own holds the transfer back`() {
        var clocks = clocks(bodyCount: 5)
        clocks.requestStarted(at: after(1))
        clocks.moved(sent: 2, received: 0, at: after(15))
        clocks.hold(at: after(16))
        clocks.hold(at: after(500))
        #expect(clocks.expired(at: after(5000)) == nil)
        clocks.release(at: after(5016))
        #expect(clocks.expired(at: after(5035)) == nil)
        #expect(clocks.expired(at: after(5036)) == .stall)
        // The 5000 seconds count for no limit, not even that on all of it.
        clocks.moved(sent: 3, received: 0, at: after(5990))
        #expect(clocks.expired(at: after(5999)) == nil)
        #expect(clocks.expired(at: after(6000)) == .total)
        clocks.release(at: after(6000))
        #expect(clocks.expired(at: after(6000)) == .total)
    }

    @Test func `end a transfer that never stops moving only at its total`() {
        var clocks = clocks(bodyCount: 0)
        clocks.requestStarted(at: after(1))
        for second in 2..<1000 {
            clocks.moved(sent: 0, received: second, at: after(second))
            #expect(clocks.expired(at: after(second)) == nil)
        }
        #expect(clocks.expired(at: after(1000)) == .total)
    }
}
