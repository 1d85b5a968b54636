import Glibc
import TestSupport
import Testing
import TransferEngine

@Suite struct `SHA-256` {
    /// FIPS 180-4 examples, as NIST publishes them.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
    ])
    func `gives the published digests`(message: String, digest: String) {
        #expect(SHA256.digest(of: Array(message.utf8).span).description == digest)
    }

    @Test func `of a million times "a" is the published one, in pieces of any size`() {
        let message = [UInt8](repeating: 0x61, count: 1_000_000)
        var hash = SHA256()
        for size in [1_000_000, 999_999, 65_536, 4097] {
            var start = 0
            while start < message.count {
                let end = min(start + size, message.count)
                hash.update(message.span.extracting(start..<end))
                start = end
            }
            let digest = hash.finish()
            #expect(digest.description == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
        }
    }

    @Test func `starts anew after a digest and after a reset`() {
        var hash = SHA256()
        let abc = Array("abc".utf8)
        hash.update(Array("something else".utf8).span)
        hash.reset()
        hash.update(abc.span)
        let first = hash.finish()
        hash.update(abc.span.extracting(..<1))
        hash.update(abc.span.extracting(1..<1))
        hash.update(abc.span.extracting(1...))
        let second = hash.finish()
        #expect(first == SHA256.digest(of: abc.span))
        #expect(second == first)
    }
}

@Suite struct `A SHA-256 digest` {
    static let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    @Test func `is read from the text it writes`() throws {
        let digest = try #require(SHA256Digest(hex: Self.text))
        #expect(digest.description == Self.text)
        #expect(digest == SHA256.digest(of: Array("abc".utf8).span))
        #expect(SHA256Digest(hex: String(repeating: "0", count: 64))?.description == String(repeating: "0", count: 64))
    }

    static let others: [String] = [
        "", "b", String(Self.text.dropLast()), Self.text + "0", Self.text.uppercased(), Self.text.dropLast() + "g",
        " " + Self.text.dropLast(), Self.text.dropLast() + "\u{E9}", "0x" + Self.text.dropLast(2),
        Self.text + Self.text,
    ]

    @Test(arguments: others)
    func `is not read from anything but 64 lower-case hex digits`(text: String) {
        #expect(SHA256Digest(hex: text) == nil)
    }

    @Test func `has 32 bytes, in order`() {
        let bytes = (0..<33).map { UInt8($0) }
        #expect(SHA256Digest(bytes.span) == nil)
        #expect(SHA256Digest(bytes.span.extracting(..<31)) == nil)
        let digest = SHA256Digest(bytes.span.extracting(..<32))
        #expect(digest?.bytes == Array(bytes[..<32]))
        #expect(digest?.description == "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")
    }

    @Test func `sorts as its text does`() {
        let digests = (0..<200).map { SHA256.digest(of: [UInt8($0)].span) }
        #expect(digests.sorted().map(\.description) == digests.map(\.description).sorted())
        #expect(Set(digests).count == 200)
    }
}

@Suite struct `CRC-32` {
    @Test(
        arguments: [
            ("", 0), ("a", 0xE8B7_BE43), ("abc", 0x3524_41C2), ("123456789", 0xCBF4_3926),
            ("The quick brown fox jumps over the lazy dog", 0x414F_A339),
        ] as [(String, UInt32)]
    )
    func `gives the published values`(text: String, value: UInt32) {
        var checksum = CRC32()
        checksum.update(Array(text.utf8).span)
        #expect(checksum.value == value)
        #expect(checksum.count == text.utf8.count)
    }

    @Test(arguments: [0, 1, 2, 63, 64, 65, 500, 9_999, 10_000])
    func `of two parts appended is that of the whole`(cut: Int) {
        let bytes = Content.random(10_000)
        var (whole, first, second) = (CRC32(), CRC32(), CRC32())
        whole.update(bytes.span)
        first.update(bytes.span.extracting(..<cut))
        second.update(bytes.span.extracting(cut...))
        first.append(second)
        #expect(first == whole)
        first.append(CRC32())
        #expect(first == whole)
    }

    @Test func `of many parts appended in order is that of the whole`() {
        let bytes = Content.random(300_000, seed: 4)
        var generator = SeededGenerator(5)
        var (whole, sum) = (CRC32(), CRC32())
        whole.update(bytes.span)
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + Int.random(in: 0...5000, using: &generator))
            var part = CRC32()
            part.update(bytes.span.extracting(start..<end))
            sum.append(part)
            start = end
        }
        #expect(sum == whole)
    }

    @Test func `of parts appended holds beyond four gigabytes`() {
        // Zeros doubled 23 times: 8 GiB and more. One byte changes nothing of the way it is composed.
        var doubled = CRC32()
        doubled.update([UInt8](repeating: 0, count: 1024).span)
        var parts = doubled
        for _ in 0..<23 { doubled.append(doubled) }
        #expect(doubled.count == 8 << 30)
        var large = CRC32()
        large.update([UInt8](repeating: 0, count: 1 << 20).span)
        parts = CRC32()
        for _ in 0..<8192 { parts.append(large) }
        #expect(parts == doubled)
    }
}

@Suite struct `CRC-32C` {
    /// RFC 3720, appendix B.4, and the check value of the catalogue of CRC algorithms.
    static let vectors: [([UInt8], UInt32)] = [
        ([], 0), (Array("123456789".utf8), 0xE306_9283),
        ([UInt8](repeating: 0, count: 32), 0x8A91_36AA), ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
        ((0..<32).map { UInt8($0) }, 0x46DD_794E), ((0..<32).reversed().map { UInt8($0) }, 0x113F_DB5C),
    ]

    @Test(arguments: 0..<6) func `gives the published values`(index: Int) {
        let (bytes, value) = Self.vectors[index]
        var checksum = CRC32C()
        checksum.update(bytes.span)
        #expect(checksum.value == value)
        let big = checksum.bigEndianBytes
        #expect(
            Base16.text(of: big) == String(repeating: "0", count: 8 - String(value, radix: 16).count)
                + String(value, radix: 16)
        )
    }

    @Test(arguments: [1, 2, 7, 64, 4095]) func `does not depend on how the bytes are cut`(size: Int) {
        let bytes = Content.random(20_000)
        var (whole, parts) = (CRC32C(), CRC32C())
        whole.update(bytes.span)
        for start in stride(from: 0, to: bytes.count, by: size) {
            parts.update(bytes.span.extracting(start..<min(start + size, bytes.count)))
        }
        #expect(parts == whole)
    }

    @Test func `and CRC-32 go beyond the two gigabytes that their library counts`() throws {
        // Untouched private memory is all zeros, and takes no space.
        let count = (1 << 31) + 4096
        let memory = unsafe mmap(nil, count, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        let start = unsafe try #require(unsafe memory == MAP_FAILED ? nil : memory)
        defer { unsafe munmap(start, count) }
        let zeros = unsafe Span<UInt8>(_unsafeStart: start.assumingMemoryBound(to: UInt8.self), count: count)
        var (whole, parts) = (CRC32C(), CRC32C())
        whole.update(zeros)
        parts.update(zeros.extracting(..<(1 << 30)))
        parts.update(zeros.extracting((1 << 30)...))
        #expect(whole == parts)
        var (gzip, half) = (CRC32(), CRC32())
        gzip.update(zeros)
        half.update(zeros.extracting(..<(1 << 30)))
        var sum = half
        sum.append(half)
        var rest = CRC32()
        rest.update(zeros.extracting((1 << 31)...))
        sum.append(rest)
        #expect(sum == gzip)
    }
}

@Suite struct `CRC-64/NVME` {
    /// The check value of the catalogue of CRC algorithms, and the example in the NVM command set's specification.
    static let vectors: [([UInt8], UInt64)] = [
        ([], 0), (Array("123456789".utf8), 0xAE8B_1486_0A79_9888),
        ([UInt8](repeating: 0, count: 4096), 0x6482_D367_EB22_B64E),
        ([UInt8](repeating: 0xFF, count: 4096), 0xC0DD_BA73_02EC_A3AC),
    ]

    @Test(arguments: 0..<4) func `gives the published values`(index: Int) {
        let (bytes, value) = Self.vectors[index]
        var checksum = CRC64NVME()
        checksum.update(bytes.span)
        #expect(checksum.value == value)
    }

    @Test func `is written either way round`() {
        var checksum = CRC64NVME()
        checksum.update(Array("123456789".utf8).span)
        #expect(Base16.text(of: checksum.bigEndianBytes) == "ae8b14860a799888")
        #expect(Base16.text(of: checksum.littleEndianBytes) == "8898790a86148bae")
    }

    /// Bit by bit, as the definition has it.
    static func slow(_ bytes: [UInt8]) -> UInt64 {
        var state = UInt64.max
        for byte in bytes {
            state ^= UInt64(byte)
            for _ in 0..<8 { state = state & 1 == 1 ? state >> 1 ^ 0x9A6C_9329_AC4B_C9B5 : state >> 1 }
        }
        return ~state
    }

    @Test func `is that of the definition at every length and alignment`() {
        let bytes = Content.random(100)
        for start in 0..<20 {
            for end in start...100 {
                var checksum = CRC64NVME()
                checksum.update(bytes.span.extracting(start..<end))
                #expect(checksum.value == Self.slow(Array(bytes[start..<end])))
            }
        }
    }

    @Test(arguments: [1, 2, 7, 16, 17, 4095]) func `does not depend on how the bytes are cut`(size: Int) {
        let bytes = Content.random(20_000)
        var (whole, parts) = (CRC64NVME(), CRC64NVME())
        whole.update(bytes.span)
        for start in stride(from: 0, to: bytes.count, by: size) {
            parts.update(bytes.span.extracting(start..<min(start + size, bytes.count)))
        }
        #expect(parts == whole)
    }
}
