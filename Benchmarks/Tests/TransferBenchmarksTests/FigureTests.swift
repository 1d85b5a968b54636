import Testing

@testable import TransferBenchmarks

@Suite struct FigureTests {
    @Test(arguments: [([3, 1, 2], 2), ([4, 1, 2, 3], 2.5), ([7], 7)] as [([Double], Double)])
    func `a median is the middle, or between the two in the middle`(_ values: [Double], _ median: Double) {
        #expect(Spread(values)?.median == median)
        #expect(Spread(values)?.least == values.min())
        #expect(Spread(values)?.most == values.max())
    }

    @Test func `nothing has no median`() { #expect(Spread([]) == nil) }

    @Test func `figures have three digits that count`() {
        #expect(Text.figure(0.0123) == "0.012")
        #expect(Text.figure(1.234) == "1.23")
        #expect(Text.figure(12.34) == "12.3")
        #expect(Text.figure(1234.5) == "1235")
        #expect(Text.grouped(1_234_567) == "1,234,567")
        #expect(Text.grouped(123) == "123")
    }

    @Test func `sizes are read with their units`() {
        #expect(Text.bytes("2GiB") == 2 << 30)
        #expect(Text.bytes("160MB") == 160_000_000)
        #expect(Text.bytes("17") == 17)
        #expect(Text.bytes("many") == nil)
    }

    @Test func `the launcher's line is read, and no other`() throws {
        let answer = try #require(Usage.parsed("256 1500000 400000 100000 2048\n"))
        #expect(answer.status == 256)
        #expect(answer.usage.wall == 1.5)
        #expect(answer.usage.cpu == 0.5)
        #expect(answer.usage.peakMemory == 2 << 20)
        #expect(Usage.parsed("256 15") == nil)
    }

    @Test func `requests are counted by method, and subtracted`() {
        let before = Requests(counted: "   2 HEAD\n")
        let after = Requests(counted: "   5 HEAD\n  17 PUT\n")
        #expect((after - before).text == "3 HEAD, 17 PUT")
        #expect((after - before).total == 20)
    }
}
