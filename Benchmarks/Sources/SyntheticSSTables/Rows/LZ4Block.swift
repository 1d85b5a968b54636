internal import CLZ4Block

/// An LZ4 block: sequences of a token, literals, and a match.
///
/// https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
enum LZ4Block {
    /// Compresses all of `text`, at the level that Cassandra's LZ4Compressor has.
    static func compress(_ text: [UInt8], into frame: inout [UInt8]) -> Int {
        let count = unsafe frame.withUnsafeMutableBytes { target in
            unsafe text.withUnsafeBytes { source in
                unsafe LZ4_compress_default(
                    source.assumingMemoryBound(to: CChar.self).baseAddress,
                    target.assumingMemoryBound(to: CChar.self).baseAddress,
                    Int32(source.count),
                    Int32(target.count)
                )
            }
        }
        precondition(count > 0, "the frame has room for what compresses worst")
        return Int(count)
    }

    /// Where stretches of the plain text stand in the block, if they stand there as they are and no match refers to them.
    ///
    /// - Parameters:
    ///   - stretches: where they begin in the plain text, ascending.
    ///   - count: how many bytes each of them has.
    static func free(in block: ArraySlice<UInt8>, _ stretches: [Int], count: Int) -> [Int]? {
        var places: [Int] = []
        var (input, output) = (block.startIndex, 0)
        func length(_ nibble: UInt8) -> Int {
            var length = Int(nibble)
            guard nibble == 15 else { return length }
            while true {
                let more = block[input]
                input += 1
                length += Int(more)
                if more < 255 { return length }
            }
        }
        while input < block.endIndex {
            let token = block[input]
            input += 1
            let literals = length(token >> 4)
            while places.count < stretches.count, stretches[places.count] + count <= output + literals {
                let stretch = stretches[places.count]
                guard stretch >= output else { return nil }
                places.append(input - block.startIndex + stretch - output)
            }
            input += literals
            output += literals
            guard input < block.endIndex else { break }
            let offset = Int(block[input]) | Int(block[input + 1]) << 8
            input += 2
            let match = length(token & 15) + 4
            let source = output - offset..<output - offset + match
            // The last stretch that begins before the source's end is the only one that could reach into it.
            var (low, high) = (0, stretches.count)
            while low < high {
                let middle = (low + high) / 2
                if stretches[middle] < source.upperBound { low = middle + 1 } else { high = middle }
            }
            if low > 0, stretches[low - 1] + count > source.lowerBound { return nil }
            output += match
        }
        return places.count == stretches.count ? places : nil
    }
}
