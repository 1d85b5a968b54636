internal import CISAL

/// Statistics.db: four sections behind a table of contents, each with its CRC-32.
///
/// Source: `MetadataSerializer`, `StatsMetadata` and `SerializationHeader` of Cassandra 4.0.
struct Statistics {
    var partitions: Int
    var rows: Int
    var dataBytes: Int
    var plainBytes: Int
    var random: Random

    mutating func encoded() -> [UInt8] {
        let sections = [validation(), compaction(), stats(), header()]
        var bytes: [UInt8] = []
        bytes.append(bigEndian: Int32(sections.count))
        bytes.append(bigEndian: Self.sum(bytes))
        // The sum of the table goes on from that of the count before it.
        var contents: [UInt8] = Array(bytes[..<4])
        var position = 4 + 8 * sections.count + 2 * 4
        for (type, section) in sections.enumerated() {
            contents.append(bigEndian: Int32(type))
            contents.append(bigEndian: Int32(position))
            position += section.count + 4
        }
        bytes += contents[4...]
        bytes.append(bigEndian: Self.sum(contents))
        for section in sections {
            bytes += section
            bytes.append(bigEndian: Self.sum(section))
        }
        return bytes
    }

    private func validation() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(utf: "org.apache.cassandra.dht.Murmur3Partitioner")
        bytes.append(bigEndian: (0.01).bitPattern)  // false answers of the filter
        return bytes
    }

    /// An estimate of how many keys there are: HyperLogLog++, here of at most so many values that each stands in it.
    private mutating func compaction() -> [UInt8] {
        var sketch: [UInt8] = []
        sketch.append(bigEndian: Int32(-2))
        sketch += [13, 25, 1]
        let kept = min(partitions, 512)
        var numbers = [UInt64(kept)]
        for _ in 0..<kept { numbers.append(random.next() & 0x3FF_FFFF) }
        for number in numbers {
            // Seven bits a byte, the lowest first.
            var rest = number
            while rest > 127 {
                sketch.append(UInt8(rest & 127) | 128)
                rest >>= 7
            }
            sketch.append(UInt8(rest))
        }
        var bytes: [UInt8] = []
        bytes.append(bigEndian: Int32(sketch.count))
        return bytes + sketch
    }

    private mutating func stats() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes += histogram(buckets: 150, around: plainBytes / max(1, partitions), count: partitions)
        bytes += histogram(buckets: 118, around: rows * 4 / max(1, partitions), count: partitions)
        bytes.append(bigEndian: Int64(-1))  // the commit log's intervals: none that began,
        bytes.append(bigEndian: Int32(0))
        let time: Int64 = 1_760_000_000_000_000
        bytes.append(bigEndian: time)
        bytes.append(bigEndian: time + Int64(truncatingIfNeeded: random.next() & 0x7_FFFF_FFFF))
        bytes.append(bigEndian: Int32.max)  // nothing is deleted
        bytes.append(bigEndian: Int32.max)
        bytes.append(bigEndian: Int32(0))  // nothing expires
        bytes.append(bigEndian: Int32(0))
        bytes.append(bigEndian: (Double(dataBytes) / Double(max(1, plainBytes))).bitPattern)
        bytes.append(bigEndian: Int32(0))  // tombstones by time: none, of at most 100
        bytes.append(bigEndian: Int32(0))
        bytes.append(bigEndian: Int32(0))  // level
        bytes.append(bigEndian: Int64(0))  // not repaired
        for line in [Int32(0), 13] {
            bytes.append(bigEndian: Int32(1))  // the least and the greatest clustering
            bytes.append(bigEndian: UInt16(4))
            bytes.append(bigEndian: line)
        }
        bytes.append(0)  // no counters of before 2.1
        bytes.append(bigEndian: Int64(rows * 4))
        bytes.append(bigEndian: Int64(rows))
        bytes += [0, 0, 0]  // no commit log, no pending repair, not transient
        return bytes
    }

    private func header() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(variable: 320_000_000_000_000)  // the least time, since 2015-09-22 in microseconds
        bytes.append(variable: 0)
        bytes.append(variable: 0)
        let types = "org.apache.cassandra.db.marshal."
        bytes.append(variableText: types + "UUIDType")
        bytes.append(variable: 1)
        bytes.append(variableText: types + "Int32Type")
        bytes.append(variable: 0)  // static columns
        let columns = [
            ("customer", "UUIDType"), ("note", "UTF8Type"), ("placed", "TimestampType"), ("status", "UTF8Type"),
        ]
        bytes.append(variable: UInt64(columns.count))
        for (name, type) in columns {
            bytes.append(variableText: name)
            bytes.append(variableText: types + type)
        }
        return bytes
    }

    /// `EstimatedHistogram`: pairs of a bound, each a fifth above the one before, and how many fell below it.
    private mutating func histogram(buckets: Int, around mean: Int, count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: Int32(buckets + 1))
        var (bound, left) = (1, count)
        for bucket in 0...buckets {
            bytes.append(bigEndian: Int64(bucket == 0 ? 1 : bound))
            let here = bound > mean / 2 && left > 0 ? max(1, left / 3 + random.below(1 + left / 4)) : 0
            left -= min(left, here)
            bytes.append(bigEndian: Int64(min(here, count)))
            if bucket > 0 { bound = max(bound + 1, (bound * 6 + 2) / 5) }
        }
        return bytes
    }

    private static func sum(_ bytes: [UInt8]) -> UInt32 {
        unsafe bytes.withUnsafeBufferPointer { unsafe crc32_gzip_refl(0, $0.baseAddress, UInt64($0.count)) }
    }
}
