internal import CLZ4Block

/// Compressed chunks whose random values can be replaced as they stand, so that each use of one gives other rows.
///
/// LZ4 stores what it finds nowhere before as it is. A key or a customer's id in it can be overwritten, and the block stays a
/// right one, as long as no match refers to those bytes. Overwriting the some 80 values of a chunk takes a small part of the time
/// in which one is compressed.
struct TemplatePool: Sendable {
    /// Plain bytes of a chunk: Cassandra's `chunk_length_in_kb` since 4.0.
    static let chunk = 16 << 10
    /// The most that are kept, 37 MiB: used in turn, none comes twice within a blob or within the window of zstd up to level 19.
    static let most = 4096
    /// Of a value's 16 bytes, those that are replaced.
    ///
    /// At its ends a match may reach into it by chance.
    static let replaced = 2..<14

    /// A key's place in the plain chunk and in the frame, and its bytes.
    struct Key: Sendable {
        /// Where its partition begins in the plain chunk.
        var partition: Int
        /// Where its replaced bytes stand in the frame.
        var place: Int
        var bytes: PartitionKey
    }

    struct Template: Sendable {
        var frame: Range<Int>
        var keys: Range<Int>
        var places: Range<Int>
    }

    /// LZ4 blocks, end to end.
    private(set) var frames: [UInt8] = []
    private(set) var keys: [Key] = []
    /// Where the replaced bytes of all other values stand in their frame.
    private(set) var places: [UInt16] = []
    private(set) var templates: [Template] = []

    /// - Parameter count: a power of two, so that every odd step goes through all.
    init(seed: UInt64, count: Int, workers: Int) async {
        precondition(count.nonzeroBitCount == 1)
        let share = (count + workers - 1) / workers
        var parts: [Int: TemplatePool] = [:]
        await withTaskGroup(of: (Int, TemplatePool).self) { group in
            for first in stride(from: 0, to: count, by: share) {
                group.addTask { (first, TemplatePool(seed: seed, first..<min(first + share, count))) }
            }
            for await (first, part) in group { parts[first] = part }
        }
        for first in parts.keys.sorted() { parts[first].map { append($0) } }
    }

    private init(seed: UInt64, _ indices: Range<Int>) {
        var text: [UInt8] = []
        var frame = [UInt8](repeating: 0, count: Int(LZ4_compressBound(Int32(Self.chunk))))
        for index in indices {
            var attempt: UInt64 = 0
            repeat {
                text.removeAll(keepingCapacity: true)
                var rows = Partitions(random: Random(seed: seed, 1, UInt64(index), attempt))
                rows.fill(&text, count: Self.chunk)
                attempt += 1
                let count = LZ4Block.compress(text, into: &frame)
                if add(text, rows.values, frame: frame[..<count]) { break }
            } while true
        }
    }

    private mutating func append(_ other: TemplatePool) {
        for template in other.templates {
            templates.append(
                Template(
                    frame: template.frame.shifted(by: frames.count),
                    keys: template.keys.shifted(by: keys.count),
                    places: template.places.shifted(by: places.count)
                )
            )
        }
        frames += other.frames
        keys += other.keys
        places += other.places
    }

    /// - Returns: false if a value cannot be replaced, which is rare.
    private mutating func add(_ text: [UInt8], _ values: [Partitions.Value], frame: ArraySlice<UInt8>) -> Bool {
        guard
            let literals = LZ4Block.free(
                in: frame,
                values.map { $0.offset + Self.replaced.lowerBound },
                count: Self.replaced.count
            )
        else { return false }
        var template = Template(
            frame: frames.count..<frames.count + frame.count,
            keys: keys.count..<keys.count,
            places: places.count..<places.count
        )
        for (value, place) in zip(values, literals) {
            if let partition = value.partition {
                keys.append(
                    Key(
                        partition: partition,
                        place: place,
                        bytes: PartitionKey(
                            high: Self.number(text, at: value.offset),
                            low: Self.number(text, at: value.offset + 8)
                        )
                    )
                )
            } else {
                places.append(UInt16(place))
            }
        }
        template.keys = template.keys.lowerBound..<keys.count
        template.places = template.places.lowerBound..<places.count
        frames += frame
        templates.append(template)
        return true
    }

    static func number(_ text: [UInt8], at offset: Int) -> UInt64 {
        text[offset..<offset + 8].reduce(0) { $0 << 8 | UInt64($1) }
    }
}

extension Range<Int> {
    fileprivate func shifted(by count: Int) -> Range<Int> { lowerBound + count..<upperBound + count }
}
