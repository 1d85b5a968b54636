internal import TransferEngine

/// A gzip file (RFC 1952) whose blocks are stored, not compressed.
enum GzipText {
    static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var file: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
        var start = 0
        repeat {
            let piece = bytes[start..<min(start + 0xFFFF, bytes.count)]
            start += piece.count
            file.append(start == bytes.count ? 1 : 0)
            for value in [UInt16(piece.count), ~UInt16(piece.count)] { file += little(UInt64(value), 2) }
            file += piece
        } while start < bytes.count
        var sum = CRC32()
        sum.update(bytes.span)
        return file + little(UInt64(sum.value), 4) + little(UInt64(truncatingIfNeeded: bytes.count), 4)
    }

    private static func little(_ value: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    }
}
