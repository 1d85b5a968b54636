import TestSupport
import Testing

@testable import TransferEngine

@Suite struct `The bytes of texts` {
    /// Texts that share long starts, some of which Swift takes for equal.
    static let texts: [String] = [
        "", "a", "ab", "b", "nb-1-big", "nb-1-big-Data.db", "nb-1-big-Digest.crc32", "nb-10-big-Data.db",
        "nb-1-big-CompressionInfo.db", "\u{E9}", "e\u{301}", "e", "\u{1F600}", "\u{FFFD}", "a\u{0}", "a\u{0}b",
        String(repeating: "x", count: 300), String(repeating: "x", count: 299) + "y",
    ]

    @Test func `order as a comparison byte by byte does`() {
        for left in Self.texts {
            for right in Self.texts {
                let precedes = left.utf8.lexicographicallyPrecedes(right.utf8)
                #expect(left.precedesBytewise(right) == precedes, "\(left.debugDescription) \(right.debugDescription)")
                #expect(left.hasBytes(of: right) == left.utf8.elementsEqual(right.utf8))
                for count in [0, 1, 2, 8] where count <= left.utf8.count {
                    for otherCount in [0, 1, 3, 8] where otherCount <= right.utf8.count {
                        let (start, other) = (left.utf8.prefix(count), right.utf8.prefix(otherCount))
                        let order = left.bytewiseOrder(to: right, count: count, otherCount: otherCount)
                        #expect((order < 0) == start.lexicographicallyPrecedes(other))
                        #expect((order == 0) == start.elementsEqual(other))
                    }
                }
            }
        }
        #expect("\u{E9}" == "e\u{301}", "the two that Swift takes for one are not among the texts")
    }

    @Test func `order when they are parts of others and come from arrays`() {
        for text in Self.texts where text.utf8.count > 2 {
            let part = String(text.dropFirst())
            let copy = String(decoding: Array(text.utf8.dropFirst(text.utf8.count - part.utf8.count)), as: UTF8.self)
            #expect(part.hasBytes(of: copy))
            #expect(!part.precedesBytewise(copy))
        }
    }

    @Test func `are searched from a place on`() {
        let bytes: [UInt8] = [1, 10, 2, 10, 10]
        #expect((0...6).map { bytes.firstIndex(of: 10, from: $0) } == [1, 1, 3, 3, 4, nil, nil])
        #expect(bytes.firstIndex(of: 3, from: 0) == nil)
        #expect([UInt8]().firstIndex(of: 0, from: 0) == nil)
    }

    @Test func `are written as hex digits that read as the same number`() {
        for number: UInt32 in [0, 1, 9, 10, 15, 16, 0x9A, 0xABCD_EF01, 0x1234_5678, 0xFFFF_FFFF, 0x0A0B_0C0D] {
            let text = Base16.text(of: number)
            let plain = String(number, radix: 16)
            #expect(text == String(repeating: "0", count: 8 - plain.utf8.count) + plain)
            #expect(Base16.number(text) == number)
        }
        for wrong in ["", "0000000", "000000000", "0000000G", "ABCDEF01", "+0000001", "0000 001"] {
            #expect(Base16.number(wrong) == nil, "\(wrong)")
        }
    }
}
