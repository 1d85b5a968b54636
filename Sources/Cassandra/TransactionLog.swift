/// What a transaction log says of the SSTables beside it: which are not finished and which are obsolete.
///
/// A node that flushes, compacts or streams writes `nb_txn_compaction_<uuid>.log` into every directory that the
/// operation touches, one record a line, and removes it when no trace of the operation is left:
///
///     ADD:[/var/lib/cassandra/data/shop/orders-3e28…/nb-9-big,0,8][2493503833]
///     REMOVE:[/var/lib/cassandra/data/shop/orders-3e28…/nb-4-big,1795216561000,8][3123456789]
///     COMMIT:[,0,0][2613697770]
///
/// The fields are a path without the component, the newest modification in milliseconds since 1970, the number of
/// files, and the CRC-32 of these. Without a valid last COMMIT the SSTables added do not count; with it, those removed
/// do not. Source: org.apache.cassandra.db.lifecycle.LogFile, LogRecord and LogAwareFileLister, 3.0 to 5.0.
struct TransactionLog: Sendable, Equatable {
    enum Outcome: Sendable, Equatable { case committed, aborted, unfinished }

    /// One SSTable added or removed.
    struct Record: Sendable, Equatable {
        /// Last component of the directory that holds the SSTable; the whole path is the node's and may not be ours.
        let directory: String
        /// `nb-9-big`.
        let prefix: String
        /// Newest modification of its files in milliseconds since 1970; 0 of an added one.
        let modified: Int64
        /// How many files it has or had; of an added one possibly fewer than that.
        let fileCount: Int
    }

    private(set) var outcome = Outcome.unfinished
    private(set) var added: [Record] = []
    private(set) var removed: [Record] = []
    /// Lines, except the last, that are damaged: the log is applied without them, as a running node does.
    private(set) var damagedLines = 0

    /// Whether a file of that name is a transaction log: `nb_txn_flush_<uuid>.log`, since 5.0 also
    /// `bti-da_txn_flush_<uuid>.log`.
    static func isName(_ name: String) -> Bool {
        guard name.utf8.suffix(4).elementsEqual(".log".utf8) else { return false }
        let fields = name.dropLast(4).split(separator: "_", omittingEmptySubsequences: false)
        if fields.first == "txn" { return fields.count >= 3 }
        guard fields.count >= 4, fields[1] == "txn" else { return false }
        let version = fields[0].split(separator: "-", omittingEmptySubsequences: false)
        return version.count <= 2 && version.last?.utf8.count == 2
    }

    init(_ text: String) {
        let lines = text.split(whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let isLast = index == lines.count - 1
            switch Line(line) {
            case .add(let record)?: added.append(record)
            case .remove(let record)?: removed.append(record)
            case .commit? where isLast: outcome = .committed
            case .abort? where isLast: outcome = .aborted
            case .commit?, .abort?: damagedLines += 1
            // A last line that is damaged is one being written, or cut by a crash: it is not there yet.
            case nil: damagedLines += isLast ? 0 : 1
            }
        }
    }

    /// Those whose files do not count as the outcome stands.
    var notLive: [Record] { outcome == .committed ? removed : added }
}

extension TransactionLog {
    private enum Line {
        case add(Record)
        case remove(Record)
        case commit
        case abort

        /// Nil if the line is malformed or its checksum is another.
        init?(_ line: Substring) {
            let parts = line.split(separator: "[", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0].last == ":", parts[1].last == "]", parts[2].last == "]",
                let checksum = UInt32(parts[2].dropLast())
            else { return nil }
            let kind = parts[0].dropLast().uppercased()
            let fields = parts[1].dropLast().split(separator: ",", omittingEmptySubsequences: false)
            guard fields.count == 3, let time = Int64(fields[1]), let fileCount = Int32(fields[2]),
                Self.checksum(path: fields[0], kind: kind, time: time, fileCount: fileCount) == checksum
            else { return nil }
            let path = fields[0].split(separator: "/")
            switch kind {
            case "COMMIT": self = .commit
            case "ABORT": self = .abort
            case "ADD", "REMOVE":
                guard path.count >= 2 else { return nil }
                let record = Record(
                    directory: String(path[path.count - 2]),
                    prefix: String(path[path.count - 1]),
                    modified: time,
                    fileCount: Int(fileCount)
                )
                self = kind == "ADD" ? .add(record) : .remove(record)
            default: return nil
            }
        }

        /// `LogRecord.computeChecksum`: CRC-32 of path, kind, the time's low and high half and the count, big-endian.
        private static func checksum(path: Substring, kind: String, time: Int64, fileCount: Int32) -> UInt32 {
            var bytes = Array(path.utf8) + Array(kind.utf8)
            let numbers = [
                UInt32(truncatingIfNeeded: time), UInt32(truncatingIfNeeded: time >> 32), UInt32(bitPattern: fileCount),
            ]
            for number in numbers {
                for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: number >> UInt32(shift))) }
            }
            return TransactionLog.crc32(bytes)
        }
    }

    /// CRC-32 of zlib, bit by bit: a line is a hundred bytes.
    static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var value = UInt32.max
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
        }
        return ~value
    }
}
