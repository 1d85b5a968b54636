/// Content sealed in segments of 64 KiB behind a header, so that a reader can begin anywhere and trusts no byte it has not proved.
///
/// The STREAM construction: each segment is AES-256-GCM with its own nonce, which says where it stands and whether it is the last,
/// so that none can be left out, repeated, moved or cut off. The nonce is seven bytes 0, the segment's number from 0 as four
/// bytes, the highest first, and 1 for the last segment, 0 for any other: so a key seals one object, and no other.
/// Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance (2015).
package enum SegmentStream {
    /// Plain bytes of every segment but the last, which may have fewer, and none only where the content has none.
    package static let segmentSize = 64 << 10
    /// Bytes of such a segment as it is stored.
    package static let sealedSegmentSize = segmentSize + AESGCM.tagSize

    /// Segments of `count` plain bytes.
    package static func segments(of count: Int) -> Int { max(1, (count + segmentSize - 1) / segmentSize) }

    /// Bytes that `count` plain bytes take, without a header.
    package static func sealedSize(of count: Int) -> Int { count + segments(of: count) * AESGCM.tagSize }

    /// Seals what `lease` holds, where it lies.
    ///
    /// - Parameters:
    ///   - lease: with room for the header and `sealedSize(of:)` bytes.
    ///   - header: put before it as it is.
    ///   - key: of this object alone.
    package static func seal(_ lease: inout BufferLease, header: [UInt8], key: SecretBytes) {
        let cipher = AESGCM(key, .sealing)
        let count = lease.count
        lease.rewrite { memory in
            precondition(memory.count >= header.count + sealedSize(of: count), "no room to seal in")
            // From the last to the first: each moves up, over what has moved already. A segment is small enough that the
            // cipher finds it in the cache.
            let last = segments(of: count) - 1
            for index in (0...last).reversed() {
                let source = index * segmentSize
                let size = min(segmentSize, count - source)
                let place = header.count + index * sealedSegmentSize
                memory.move(source..<source + size, to: place)
                var bytes = memory.part(place..<place + size)
                var tag = memory.part(place + size..<place + size + AESGCM.tagSize)
                cipher.seal(&bytes, nonce: nonce(index, isLast: index == last), tag: &tag)
            }
            for (index, byte) in header.enumerated() { memory[index] = byte }
            return header.count + sealedSize(of: count)
        }
    }

    /// Opens what `lease` holds, where it lies: whole segments that follow each other.
    ///
    /// - Parameters:
    ///   - skipped: bytes of `lease` before the first segment.
    ///   - first: its number.
    ///   - isEnd: whether the object ends with the lease.
    /// - Throws: `CodecError` with code `.corrupt` for bytes that were changed, cut, or sealed under another key; the lease is then
    ///   empty.
    package static func open(
        _ lease: inout BufferLease,
        skipping skipped: Int,
        first: Int,
        isEnd: Bool,
        with cipher: borrowing AESGCM
    ) throws(CodecError) {
        let count = lease.count
        var problem: CodecError?
        lease.rewrite { memory in
            var (source, target, index) = (skipped, 0, first)
            repeat {
                let size = min(sealedSegmentSize, count - source) - AESGCM.tagSize
                let isLast = isEnd && source + size + AESGCM.tagSize == count
                guard size >= 0, index <= UInt32.max, isLast || size == segmentSize else {
                    problem = CodecError(.corrupt, "decrypt", "it was cut")
                    return 0
                }
                var bytes = memory.part(source..<source + size)
                let tag = memory.part(source + size..<source + size + AESGCM.tagSize)
                guard cipher.open(&bytes, nonce: nonce(index, isLast: isLast), tag: tag.span) else {
                    problem = CodecError(.corrupt, "decrypt", "bytes were changed, or are of another object")
                    return 0
                }
                memory.move(source..<source + size, to: target)
                source += size + AESGCM.tagSize
                target += size
                index += 1
            } while source < count
            return target
        }
        if let problem { throw problem }
    }

    private static func nonce(_ index: Int, isLast: Bool) -> [UInt8] {
        var nonce = [UInt8](repeating: 0, count: AESGCM.nonceSize)
        for place in 0..<4 { nonce[7 + place] = UInt8(truncatingIfNeeded: index >> (24 - 8 * place)) }
        nonce[11] = isLast ? 1 : 0
        return nonce
    }
}
