import ObjectStorage
import Testing
import TransferEngine

@testable import Vault

@Suite struct `A blob's name` {
    static let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    @Test(
        arguments: [
            ("", 0, .plain), (".zst", 0, .zstd), (".lz4", 0, .lz4), (".1", 1, .plain), (".27.zst", 27, .zstd),
            (".9223372036854775807.lz4", .max, .lz4), (".enc", 0, .plain), (".zst.enc", 0, .zstd),
            (".3.lz4.enc", 3, .lz4), (".1.enc", 1, .plain),
        ] as [(String, Int, FrameFormat)]
    )
    func `says hash, generation and format`(suffix: String, generation: Int, format: FrameFormat) throws {
        let name = try #require(BlobName(Self.hash + suffix))
        #expect(name.content.description == Self.hash)
        #expect(name.isSealed == suffix.hasSuffix(".enc"))
        #expect(name.generation == generation)
        #expect(name.format == format)
        #expect(name.description == Self.hash + suffix)
        #expect(try name.key.description == "blobs/e3/\(Self.hash)\(suffix)")
    }

    @Test(arguments: [
        "", ".", "e3", hash.uppercased(), hash.dropLast() + "", hash + "0", hash + ".", hash + "..zst", hash + ".0",
        hash + ".0.zst", hash + ".01", hash + ".+1", hash + ".-1", hash + ".1.2", hash + ".zst.lz4", hash + ".zst.1",
        hash + ".zst.", hash + ".ZST", hash + ".gz", hash + ".enc.zst", hash + ".enc.enc", hash + ".enc.1",
        hash + ".ENC", hash + ".9223372036854775808",
        hash + ".zst\u{301}", hash + "\u{0}", hash + ".1\u{0}", hash + ".１", " " + hash, hash + "\n", "../" + hash,
        "g" + hash.dropFirst(), hash + ".1e1", hash + ". 1",
    ])
    func `is nothing but what a name's text is`(text: String) {
        #expect(BlobName(text) == nil)
    }

    @Test func `comes back from its text`() throws {
        var random = SeededRandom(1)
        for _ in 0..<500 {
            let generation = random.bool() ? 0 : random.int(1...Int.max)
            let format = FrameFormat.allCases[random.int(0...2)]
            let name = BlobName(plain: random.digest(), generation: generation, format: format)
            #expect(BlobName(name.description) == name)
        }
    }

    @Test func `with a byte changed is another name or none`() throws {
        var random = SeededRandom(2)
        for _ in 0..<2000 {
            let name = BlobName(plain: random.digest(), generation: random.int(0...12), format: .zstd)
            var bytes = Array(name.description.utf8)
            bytes[random.int(0...bytes.count - 1)] = UInt8(random.int(0...127))
            let text = String(decoding: bytes, as: UTF8.self)
            if let other = BlobName(text) { #expect(other.description == text) }
        }
    }

    @Test func `sorts as its text does, which is as a store lists it`() {
        var random = SeededRandom(3)
        let names = (0..<100).map { BlobName(plain: random.digest(), generation: $0 % 3, format: .lz4) }
        #expect(names.sorted().map(\.description) == names.map(\.description).sorted())
    }
}
