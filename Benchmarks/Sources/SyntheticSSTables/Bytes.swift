/// Numbers as Cassandra's `DataOutput` writes them: the highest byte first.
extension [UInt8] {
    mutating func append<Number: FixedWidthInteger>(bigEndian number: Number) {
        var shift = Number.bitWidth - 8
        while shift >= 0 {
            append(UInt8(truncatingIfNeeded: number >> Number(shift)))
            shift -= 8
        }
    }

    /// Native order on every machine that Cassandra is run on: the summary's offsets, and the length before a chunk.
    mutating func append<Number: FixedWidthInteger>(littleEndian number: Number) {
        append(bigEndian: number.byteSwapped)
    }

    /// `VIntCoding.writeUnsignedVInt`: the leading ones of the first byte count the bytes that follow.
    mutating func append(variable number: UInt64) {
        let extra = Self.length(variable: number) - 1
        guard extra > 0 else { return append(UInt8(number)) }
        let mark: UInt8 = extra == 8 ? 0xFF : ~(0xFF >> UInt8(extra))
        if extra == 8 {
            append(mark)
        } else {
            append(mark | UInt8(truncatingIfNeeded: number >> UInt64(8 * extra)))
        }
        var shift = 8 * (extra - 1)
        while shift >= 0 {
            append(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
            shift -= 8
        }
    }

    static func length(variable number: UInt64) -> Int {
        let bits = UInt64.bitWidth - number.leadingZeroBitCount
        return bits <= 7 ? 1 : bits > 56 ? 9 : (bits - 1) / 7 + 1
    }

    /// `DataOutput.writeUTF`: two bytes of length before the text.
    mutating func append(utf text: String) {
        append(bigEndian: UInt16(text.utf8.count))
        append(contentsOf: text.utf8)
    }

    /// `ByteBufferUtil.writeWithVIntLength`.
    mutating func append(variableText text: String) {
        append(variable: UInt64(text.utf8.count))
        append(contentsOf: text.utf8)
    }
}
