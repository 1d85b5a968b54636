import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import Vault

@Suite struct `Names of blobs` {
    private static func name(_ random: inout SeededRandom) throws -> BlobName {
        BlobName(
            ContentName(plain: random.digest()),
            generation: random.int(0...3),
            format: FrameFormat.allCases[random.int(0...2)],
            isSealed: random.bool()
        )
    }

    @Test
    func `keep everything in forty bytes`() throws {
        #expect(MemoryLayout<CompactName>.stride == 40)
        var random = SeededRandom(1)
        for _ in 0..<500 {
            let name = try Self.name(&random)
            #expect(try name.compact.name == name)
        }
        #expect(CompactName(BlobName(plain: random.digest(), generation: 1 << 48, format: .plain)) == nil)
    }

    @Test
    func `ascend by hash as the store lists them`() throws {
        var random = SeededRandom(2)
        let names = try (0..<300).map { _ in try Self.name(&random) }
        let byText = names.sorted().map(\.content)
        #expect(try names.map { try $0.compact }.sorted().map(\.name.content) == byText)
    }

    @Test(.timeLimit(.minutes(5)), arguments: [16, 100, 1000, 100_000])
    func `come out sorted and once, however little memory there is`(capacity: Int) async throws {
        try await withTemporaryDirectory { directory in
            var random = SeededRandom(UInt64(capacity))
            let distinct = try (0..<3000).map { _ in try Self.name(&random).compact }
            let sorter = NameSorter(directory: directory, memory: capacity * 40)
            for _ in 0..<4 { try await sorter.add(distinct.shuffled(using: &random)) }
            let sorted = try await sorter.finish()
            var cursor = sorted.cursor
            var found: [CompactName] = []
            while let name = try cursor.next() { found.append(name) }
            #expect(found == distinct.sorted())
            #expect(sorted.count == 3000)
            // Nothing is left behind, not even while it is in use.
            #expect(try DirectoryListing(of: directory).names == [])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `are found or not found by a cursor that goes forward`() async throws {
        var random = SeededRandom(9)
        let names = try (0..<1000).map { _ in try Self.name(&random).compact }.sorted()
        let sorter = NameSorter(directory: "/tmp", memory: 64 * 40)
        try await sorter.add(names.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element))
        var cursor = try await sorter.finish().cursor
        for (index, name) in names.enumerated() { #expect(try cursor.has(name) == index.isMultiple(of: 2)) }
    }

    @Test(.timeLimit(.minutes(5)))
    func `of one manifest gather without repeats`() throws {
        var random = SeededRandom(5)
        let distinct = try (0..<100).map { _ in try Self.name(&random).compact }
        var own = OwnNames()
        for _ in 0..<300 { for name in distinct { own.add(name) } }
        #expect(own.sorted == distinct.sorted())
    }
}
