/// Partitions of a shop's orders as SSTables of version nb hold them, before compression.
///
/// The table is `(id uuid, line int, customer uuid, note text, placed timestamp, status text, PRIMARY KEY (id, line))`. Source:
/// `UnfilteredSerializer` and `ColumnIndexWriter` of Cassandra 4.0. Partitions are not in the order of their tokens.
struct Partitions {
    /// What no row needs more than, with the head of a partition before it and its end behind it.
    private static let most = 400
    /// Of a hundred pieces of a note, those that repeat an earlier one.
    private static let repeats = 16
    /// The least that can be filled.
    static let least = 2 * most + 120

    /// Where a random value stands that nothing else depends on.
    struct Value: Equatable {
        /// From the beginning of what was filled.
        var offset: Int
        /// The head of its partition if it is that partition's key.
        var partition: Int?
    }

    private var random: Random
    private var time: UInt64
    /// All 16-byte values of what was filled last, ascending.
    private(set) var values: [Value] = []
    /// Where the notes of what is being filled stand in the text.
    private var notes: [Range<Int>] = []

    init(random: Random) {
        self.random = random
        time = self.random.next() & 0xFF_FFFF_FFFF
    }

    /// Appends exactly `count` bytes of whole partitions, at least `least`.
    mutating func fill(_ text: inout [UInt8], count: Int) {
        precondition(count >= Self.least)
        values.removeAll(keepingCapacity: true)
        notes.removeAll(keepingCapacity: true)
        let start = text.count
        while true {
            appendHead(to: &text, from: start)
            var previous = text.count
            for line in 0..<1 + random.below(14) {
                let left = start + count - text.count
                let before = text.count
                appendRow(
                    to: &text,
                    line: line,
                    previous: previous,
                    from: start,
                    size: left < 2 * Self.most ? left - 1 : nil
                )
                previous = before
                if left < 2 * Self.most {
                    text.append(0x01)
                    return
                }
            }
            text.append(0x01)
        }
    }

    /// The key, and a deletion time that says that nothing is deleted.
    private mutating func appendHead(to text: inout [UInt8], from start: Int) {
        let head = text.count - start
        text.append(bigEndian: UInt16(16))
        values.append(Value(offset: text.count - start, partition: head))
        text.append(bigEndian: random.next())
        text.append(bigEndian: random.next())
        text.append(bigEndian: Int32.max)
        text.append(bigEndian: Int64.min)
    }

    /// Appends a row.
    ///
    /// - Parameter size: what it has in all, by a note as long as that takes; where it is nil, notes are a line or two.
    private mutating func appendRow(to text: inout [UInt8], line: Int, previous: Int, from start: Int, size: Int?) {
        let status = Self.states[min(random.below(12), Self.states.count - 1)]
        let sincePrevious = UInt64(text.count - previous)
        let cells = 1 + 16 + 1 + 9 + 2 + status.count
        let note =
            if let size {
                // A row of given size is long enough for two bytes of each length.
                size - (1 + 1 + 4 + 2 + [UInt8].length(variable: sincePrevious) + 5 + cells + 2)
            } else {
                60 + random.below(220)
            }
        time = (time &+ random.next() & 0xFFF_FFFF) & 0x3_FFFF_FFFF | 0x4_0000_0000
        let body = [UInt8].length(variable: sincePrevious) + 5 + cells + [UInt8].length(variable: UInt64(note)) + note
        text.append(0x24)  // has a timestamp, and all columns
        text.append(0x00)  // no clustering value is null or empty
        text.append(bigEndian: Int32(line))
        text.append(variable: UInt64(body))
        text.append(variable: sincePrevious)
        text.append(variable: time)  // five bytes
        text.append(0x08)  // a cell with the row's time
        values.append(Value(offset: text.count - start, partition: nil))
        text.append(bigEndian: random.next())
        text.append(bigEndian: random.next())
        text.append(0x08)
        text.append(variable: UInt64(note))
        appendNote(note, to: &text)
        text.append(0x08)
        text.append(bigEndian: 1_760_000_000_000 + time >> 10)
        text.append(0x08)
        text.append(UInt8(status.count))
        text.append(contentsOf: status)
    }

    /// Words, and stretches of earlier notes: what a row has in common with its neighbours LZ4 finds.
    private mutating func appendNote(_ count: Int, to text: inout [UInt8]) {
        let start = text.count
        let end = start + count
        while text.count < end {
            let left = end - text.count
            if !notes.isEmpty, random.below(100) < Self.repeats {
                let note = notes[random.below(notes.count)]
                let length = min(left, 20 + random.below(50), note.count)
                let place = note.lowerBound + random.below(note.count - length + 1)
                text.append(contentsOf: text[place..<place + length])
            } else {
                Vocabulary.shared.appendWord(to: &text, atMost: left, random: &random)
            }
        }
        notes.append(start..<end)
    }

    private static let states = ["shipped", "paid", "new", "returned", "cancelled"].map { Array($0.utf8) }
}
