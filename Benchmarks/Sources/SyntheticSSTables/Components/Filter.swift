/// Filter.db: a Bloom filter as dense as one of that many keys; which bits are set is chance.
///
/// Source: `BloomFilterSerializer` of Cassandra 4.0. One false answer in a hundred takes ten bits a key and five hashes.
enum Filter {
    static func encoded(keys: Int, random: inout Random) -> [UInt8] {
        let words = (keys * 10 + 20 + 63) / 64
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + words * 8)
        bytes.append(bigEndian: Int32(5))
        bytes.append(bigEndian: Int32(words))
        // Of a bit, 1 - e^(-5/10) = 0.39 that it is set: nearly 3/8.
        for _ in 0..<words { bytes.append(littleEndian: random.next() & (random.next() | random.next())) }
        return bytes
    }
}
