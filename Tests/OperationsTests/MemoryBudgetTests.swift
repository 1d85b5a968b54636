import Operations
import Testing

@Suite struct `A memory budget` {
    private static let mebibyte = 1 << 20

    @Test(arguments: [(1, 1), (33, 33), (80, 80), (81, 80), (128, 80), (136, 80), (137, 81), (256, 200), (1024, 968)])
    func `gives data in flight its share`(total: Int, share: Int) {
        #expect(MemoryBudget.share(of: total * Self.mebibyte) == share * Self.mebibyte)
    }

    @Test func `that is said to be needed gives the share that it is needed for, and no smaller one does`() {
        for share in [1, 33, 79, 80, 81, 130, 1000].map({ $0 * Self.mebibyte }) {
            let total = MemoryBudget.total(for: share)
            #expect(MemoryBudget.share(of: total) == share)
            #expect(MemoryBudget.share(of: total - 1) < share)
        }
    }
}
