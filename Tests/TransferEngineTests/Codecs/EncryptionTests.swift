import TestSupport
import Testing

@testable import TransferEngine

extension SecretBytes {
    fileprivate var array: [UInt8] { withBytes { bytes in bytes.indices.map { bytes[$0] } } }
    fileprivate var hex: String { Base16.text(of: array) }
}

private func bytes(_ range: Range<UInt8>) -> SecretBytes { SecretBytes(copying: Array(range)) }

@Suite struct `A secret` {
    @Test func `tells nothing of itself in any text`() {
        let secret = SecretBytes(copying: Array("canarycanarycanary".utf8))
        var dumped = ""
        dump(secret, to: &dumped)
        for text in [
            "\(secret)", String(reflecting: secret), String(describing: [secret]), String(describing: Optional(secret)),
            dumped,
        ] {
            #expect(!text.contains("canary"))
            #expect(!text.contains("99, 97, 110"))
        }
    }

    @Test func `is equal to its copy alone`() {
        let secret = bytes(0..<32)
        #expect(secret.isEqual(to: bytes(0..<32)))
        #expect(!secret.isEqual(to: bytes(0..<31)))
        for place in 0..<32 {
            var other = Array(UInt8(0)..<32)
            other[place] ^= 1
            #expect(!secret.isEqual(to: SecretBytes(copying: other)))
            #expect(!ConstantTime.areEqual(other, Array(0..<32)))
        }
        #expect(SecretBytes(secret, 4..<8).array == [4, 5, 6, 7])
        #expect(SecretBytes(copying: []).isEqual(to: SecretBytes(copying: [])))
    }

    @Test func `of random bytes is another each time`() {
        let secrets = Set((0..<100).map { _ in SecretBytes.random(32).array })
        #expect(secrets.count == 100)
        #expect(Set(secrets.joined()).count > 200)
        #expect(SecureRandom.bytes(16) != SecureRandom.bytes(16))
    }
}

@Suite struct `Derived keys` {
    /// RFC 5869, test cases 1 and 3.
    @Test func `are those of HKDF's own document`() {
        let input = SecretBytes(copying: [UInt8](repeating: 0x0B, count: 22))
        let first = HKDF.derive(from: input, salt: Array(0...0x0C), info: Array(0xF0...0xF9), count: 42)
        #expect(
            first.hex == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
        )
        let third = HKDF.derive(from: input, salt: [], info: [], count: 42)
        #expect(
            third.hex == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
        )
    }

    @Test func `are others for other purposes`() {
        let secret = bytes(0..<32)
        let keys = ["a", "b", ""].flatMap { info in
            [[], [1]].map { HKDF.derive(from: secret, salt: $0, info: info).hex }
        }
        #expect(Set(keys).count == 6)
    }

    /// RFC 7914, section 12; computed again by another implementation.
    @Test func `of passphrases are those of scrypt's own document`() throws {
        let empty = try Scrypt(checking: 16, blockSize: 1, parallelism: 1)
        #expect(
            try empty.key(of: SecretBytes(copying: []), salt: []).hex
                == "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
        )
        let other = try Scrypt(checking: 1024, blockSize: 8, parallelism: 16)
        #expect(
            try other.key(of: SecretBytes(copying: Array("password".utf8)), salt: Array("NaCl".utf8)).hex
                == "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
        )
    }

    @Test(
        arguments: [
            (0, 8, 1), (1, 8, 1), (3, 8, 1), (-2, 8, 1), (1024, 0, 1), (1024, 8, 0), (1 << 40, 8, 1), (1 << 20, 8, 1),
            (1 << 10, 1 << 40, 1), (1 << 10, 8, 1 << 40), (Int.max, 1, 1), (1 << 62, 1 << 62, 1 << 62),
            (1 << 17, 8, 64),
        ] as [(Int, Int, Int)]
    )
    func `are not computed with parameters that would exhaust the machine`(cost: Int, block: Int, parallel: Int) {
        #expect(throws: CodecError.self) { try Scrypt(checking: cost, blockSize: block, parallelism: parallel) }
    }

    @Test func `of a passphrase at full cost are made`() throws {
        let standard = try Scrypt(checking: 1 << 17, blockSize: 8, parallelism: 1)
        #expect(standard == .standard)
        let key = try standard.key(of: SecretBytes(copying: Array("passphrase".utf8)), salt: Array(0..<16))
        #expect(key.hex == "8365ccaf629bf1cb70485494bed72fca8867a9a678386320d8e2489b76528b99")
    }

    /// Computed by another implementation.
    @Test func `that two agree on are the same on both sides`() throws {
        let one = X25519(bytes(0..<32))
        let two = X25519(bytes(100..<132))
        #expect(Base16.text(of: one.publicKey) == "8f40c5adb68f25624ae5b214ea767a6ec94d829d3d7b5e1ad1ba6f3e2138285f")
        #expect(Base16.text(of: two.publicKey) == "7d9c24316539825c1896e57f28197746793ce60cbee3ad47da9d07b85fa55e2a")
        let shared = "3ae143fb898911b4591769dc17ca01775cc4cad4d05b8f33a39c79e30fa63a72"
        #expect(try one.agreement(with: two.publicKey).hex == shared)
        #expect(try two.agreement(with: one.publicKey).hex == shared)
    }

    @Test func `are not agreed on with what is no public key`() {
        let pair = X25519.random()
        let weak = [[UInt8](repeating: 0, count: 32), [1] + [UInt8](repeating: 0, count: 31), [], [1, 2, 3]]
        for key in weak { #expect(throws: CodecError.self) { _ = try pair.agreement(with: key) } }
    }
}

@Suite struct `Sealed segments` {
    private static let key = bytes(0..<32)

    private static func sealed(_ content: [UInt8], header: [UInt8] = [], key: SecretBytes = key) -> [UInt8] {
        var lease = BufferLease(
            unpooledCapacity: header.count + SegmentStream.sealedSize(of: content.count)
        )
        lease.add(content)
        SegmentStream.seal(&lease, header: header, key: key)
        return lease.array
    }

    private static func opened(
        _ sealed: [UInt8],
        skipping: Int = 0,
        first: Int = 0,
        isEnd: Bool = true,
        key: SecretBytes = key
    ) throws -> [UInt8] {
        var lease = BufferLease(copying: sealed)
        let cipher = AESGCM(key, .opening)
        do {
            try SegmentStream.open(&lease, skipping: skipping, first: first, isEnd: isEnd, with: cipher)
        } catch {
            #expect(lease.count == 0)
            throw error
        }
        return lease.array
    }

    /// NIST SP 800-38D's test case 16.
    @Test func `rest on AES-256-GCM as its document has it`() throws {
        let key = try #require(Base16.bytes(of: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"))
        let nonce = try #require(Base16.bytes(of: "cafebabefacedbaddecaf888"))
        let plain = try #require(
            Base16.bytes(
                of: "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                    + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
            )
        )
        let associated = try #require(Base16.bytes(of: "feedfacedeadbeeffeedfacedeadbeefabaddad2"))
        var (text, tag) = (plain, [UInt8](repeating: 0, count: 16))
        let sealing = AESGCM(SecretBytes(copying: key), .sealing)
        for _ in 0..<2 {  // one context serves many messages
            text = plain
            var textSpan = text.mutableSpan
            var tagSpan = tag.mutableSpan
            sealing.seal(&textSpan, nonce: nonce, associated: associated, tag: &tagSpan)
        }
        #expect(
            Base16.text(of: text + tag)
                == "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
                + "c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"
        )
        let opening = AESGCM(SecretBytes(copying: key), .opening)
        var span = text.mutableSpan
        #expect(opening.open(&span, nonce: nonce, associated: associated, tag: tag.span))
        #expect(text == plain)
        var other = text.mutableSpan
        #expect(!opening.open(&other, nonce: nonce, associated: associated + [0], tag: tag.span))
    }

    /// Computed by another implementation.
    @Test func `are those of the format's description`() {
        let content = (0..<150_000).map { UInt8(truncatingIfNeeded: $0 * 7 + $0 / 251) }
        let digests: [(Int, String)] = [
            (0, "34d1109210ab966e613094e6cad1184ea9d0465040a883f8fede10b814b473b0"),
            (65_536, "4ed4dcfd0032fad289c48c5350b7912f3c5fb5cf41e89e6eede5ac4e30e6d2b8"),
            (131_072, "e66326cd8c3058d216b2c04a61a9be71a217d52827fafc9d0c293a45ae8c39bf"),
        ]
        for (count, digest) in digests {
            let sealed = Self.sealed(Array(content[..<count]))
            #expect(sealed.count == SegmentStream.sealedSize(of: count))
            #expect(SHA256.digest(of: sealed.span).description == digest)
        }
        let whole = Self.sealed(content, header: Array("header".utf8))
        #expect(
            SHA256.digest(of: whole.span).description
                == "ca5f05507de4793788855392f003506ce7f4e95e30b16b19874a79ad615271d1"
        )
    }

    @Test(arguments: [0, 1, 15, 65_535, 65_536, 65_537, 131_072, 200_000])
    func `come back, whole or from the middle`(count: Int) throws {
        let content = Content.random(count)
        let header: [UInt8] = Array(repeating: 9, count: 120)
        let sealed = Self.sealed(content, header: header)
        #expect(Array(sealed[..<120]) == header)
        #expect(try Self.opened(sealed, skipping: 120) == content)
        let segments = SegmentStream.segments(of: count)
        for first in 0..<segments {
            let start = 120 + first * SegmentStream.sealedSegmentSize
            #expect(try Self.opened(Array(sealed[start...]), first: first) == Array(content[(first * 65_536)...]))
            guard first < segments - 1 else { continue }
            let part = Array(sealed[start..<start + SegmentStream.sealedSegmentSize])
            let plain = Array(content[(first * 65_536)..<(first + 1) * 65_536])
            #expect(try Self.opened(part, first: first, isEnd: false) == plain)
        }
    }

    @Test func `of which one bit is another are refused`() {
        let sealed = Self.sealed(Content.random(40))
        for bit in 0..<sealed.count * 8 {
            var bad = sealed
            bad[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: CodecError.self) { try Self.opened(bad) }
        }
        let large = Self.sealed(Content.random(140_000))
        var random = SeededGenerator(4)
        for _ in 0..<60 {
            var bad = large
            bad[Int.random(in: 0..<large.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            #expect(throws: CodecError.self) { try Self.opened(bad) }
        }
    }

    @Test func `that were cut, moved, repeated or left out are refused`() {
        let size = SegmentStream.sealedSegmentSize
        let sealed = Self.sealed(Content.random(3 * 65_536 + 100))
        let segments = stride(from: 0, to: sealed.count, by: size).map {
            Array(sealed[$0..<min($0 + size, sealed.count)])
        }
        var bad = (1...3).map { Array(sealed[..<($0 * size)]) }
        bad += [0, 1, 15, 16, 17, size - 1, size + 1, size + 15, size + 16, sealed.count - 1].map {
            Array(sealed[..<$0])
        }
        for order in [[1, 0, 2, 3], [0, 2, 3], [0, 1, 1, 2, 3], [1, 2, 3], [3], [0, 1, 2, 3, 3], [0, 3]] {
            bad.append(order.flatMap { segments[$0] })
        }
        bad.append(sealed + [0])
        bad.append(sealed + [UInt8](repeating: 0, count: 16))
        for bytes in bad { #expect(throws: CodecError.self) { try Self.opened(bytes) } }
        // A part that is told to be the end, or the end that is told to be a part.
        #expect(throws: CodecError.self) { try Self.opened(segments[0]) }
        #expect(throws: CodecError.self) { try Self.opened(segments[3], first: 3, isEnd: false) }
    }

    @Test func `of another key are refused`() {
        let sealed = Self.sealed(Content.random(1000))
        #expect(throws: CodecError.self) { try Self.opened(sealed, key: bytes(1..<33)) }
    }
}
