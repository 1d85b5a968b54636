internal import TransferEngine
internal import Vault

/// One line of a journal.
///
/// `<CRC-32C of the rest, 8 hex digits> <rest>`, where the rest is one of
///
///     G <files reused> <bytes reused> <the group's line of the manifest>
///     P <piece> <CRC-32 or -> <r if the vault had it, else n> <a group's line with one file and the one place>
///     C <blobs stored> <bytes stored> <plain bytes in them> <bytes read>
///     S <id of the snapshot that what follows was read from>
///     E <groups> <files> <bytes> <the table's line of the manifest, whose groups all stand before>
enum JournalRecord {
    case group(JournaledGroup)
    case snapshot(String)
    case end(JournaledTable)
    case piece(JournaledPiece)
    case counts(JournalCounts)

    /// Appends the record as a line.
    func append(to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes += "00000000 ".utf8  // the sum, once it is known
        switch self {
        case .group(let entry):
            bytes += "G \(entry.reusedFiles) \(entry.reusedBytes) ".utf8
            entry.group.append(lineTo: &bytes)
        case .snapshot(let id): bytes += "S \(id)".utf8
        case .end(let end):
            bytes += "E \(end.groups) \(end.files) \(end.bytes) ".utf8
            bytes += end.table.line
        case .piece(let piece):
            let checksum = piece.checksum.map { "\($0.value)" } ?? "-"
            bytes += "P \(piece.index) \(checksum) \(piece.isReused ? "r" : "n") ".utf8
            piece.group.append(lineTo: &bytes)
        case .counts(let counts):
            bytes += "C \(counts.storedBlobs) \(counts.storedBytes) \(counts.newBytes) \(counts.readBytes)".utf8
        }
        let digits = Base16.digits(of: Self.checksum(bytes.span.extracting((start + 9)...)))
        for index in 0..<8 { bytes[start + index] = UInt8(truncatingIfNeeded: digits >> UInt64(56 - 8 * index)) }
        bytes.append(0x0A)
    }

    /// - Parameter line: without its newline.
    /// - Returns: nil for a line that was torn or changed.
    init?(line: ArraySlice<UInt8>) {
        let text = Array(line.dropFirst(9))
        guard line.count > 9, line.prefix(8).elementsEqual(Base16.text(of: Self.checksum(text.span)).utf8) else {
            return nil
        }
        let fields = text.split(separator: 0x20, maxSplits: 4, omittingEmptySubsequences: false)
        func number<Number: FixedWidthInteger>(_ index: Int) -> Number? {
            fields.indices.contains(index) ? Number(String(decoding: fields[index], as: UTF8.self)) : nil
        }
        switch fields[0] {
        case [UInt8(ascii: "G")]:
            let parts = text.split(separator: 0x20, maxSplits: 3, omittingEmptySubsequences: false)
            guard parts.count == 4, let files: Int = number(1), let bytes: Int64 = number(2),
                let group = ManifestGroup(line: Array(parts[3]).span)
            else { return nil }
            self = .group(JournaledGroup(group: group, reusedFiles: files, reusedBytes: bytes))
        case [UInt8(ascii: "S")]:
            guard fields.count == 2 else { return nil }
            self = .snapshot(String(decoding: fields[1], as: UTF8.self))
        case [UInt8(ascii: "E")]:
            guard fields.count == 5, let groups: Int = number(1), let files: Int = number(2),
                let bytes: Int64 = number(3), let table = ManifestTable(line: Array(fields[4]).span)
            else { return nil }
            self = .end(JournaledTable(table: table, groups: groups, files: files, bytes: bytes))
        case [UInt8(ascii: "P")]:
            guard fields.count == 5, let index: Int = number(1),
                let group = ManifestGroup(line: Array(fields[4]).span),
                let piece = JournaledPiece(
                    group,
                    index: index,
                    checksum: number(2),
                    isReused: fields[3] == [UInt8(ascii: "r")]
                )
            else { return nil }
            self = .piece(piece)
        case [UInt8(ascii: "C")]:
            guard fields.count == 5, let blobs: Int = number(1), let stored: Int64 = number(2),
                let new: Int64 = number(3), let read: Int64 = number(4)
            else { return nil }
            self = .counts(
                JournalCounts(storedBlobs: blobs, storedBytes: stored, newBytes: new, readBytes: read)
            )
        default: return nil
        }
    }

    private static func checksum(_ text: Span<UInt8>) -> UInt32 {
        var sum = CRC32C()
        sum.update(text)
        return sum.value
    }
}

/// A group of files that is whole: each has all its places in the vault.
struct JournaledGroup: Sendable {
    let group: ManifestGroup
    /// Of its files and bytes, those that the vault had before.
    let reusedFiles: Int
    let reusedBytes: Int64
}

/// A table of which every group is in the journal: its snapshot is not needed any more.
struct JournaledTable: Sendable, Hashable {
    let table: ManifestTable
    /// Sums over its groups, by which a run that takes them over knows that it has all.
    var groups = 0
    var files = 0
    /// Plain.
    var bytes: Int64 = 0

    mutating func count(_ group: ManifestGroup) {
        groups += 1
        files += group.files.count
        bytes += group.bytes
    }
}

/// A piece of a file with its place in the vault, of a group that is not whole yet.
struct JournaledPiece: Sendable {
    let position: ManifestPosition
    let path: String
    let status: (size: Int64, modified: Int64, inode: UInt64)
    let index: Int
    let reference: BlobReference
    /// Of the piece.
    let digest: SHA256Digest
    /// Of the piece, where its file is checked against Digest.crc32.
    let checksum: CRC32?
    let isReused: Bool

    init(
        at position: ManifestPosition,
        path: String,
        status: FileStatus,
        index: Int,
        reference: BlobReference,
        digest: SHA256Digest,
        checksum: CRC32?,
        isReused: Bool
    ) {
        self.position = position
        self.path = path
        self.status = (status.size, status.modified, status.inode)
        self.index = index
        self.reference = reference
        self.digest = digest
        self.checksum = checksum
        self.isReused = isReused
    }

    fileprivate init?(_ group: ManifestGroup, index: Int, checksum: UInt32?, isReused: Bool) {
        guard group.files.count == 1, group.files[0].pieces.count == 1, let digest = group.files[0].digest else {
            return nil
        }
        let file = group.files[0]
        position = group.position
        path = file.path
        status = (file.size, file.modified, file.inode)
        self.index = index
        reference = file.pieces[0]
        self.digest = digest
        self.checksum = checksum.map { CRC32(value: $0, count: Int64(file.pieces[0].length)) }
        self.isReused = isReused
    }

    /// As a group of one file that has this one place.
    fileprivate var group: ManifestGroup {
        let file = ManifestFile(
            path: path,
            size: status.size,
            modified: status.modified,
            inode: status.inode,
            digest: digest,
            pieces: [reference]
        )
        return ManifestGroup(
            table: position.table,
            name: position.name,
            isSSTable: false,
            directory: position.directory,
            files: [file]
        )
    }

    /// Whether it is of that file as it stands now, by path, size, modification time and inode.
    func isOf(_ path: String, _ now: FileStatus) -> Bool {
        self.path.hasBytes(of: path)
            && status == (size: now.size, modified: now.modified, inode: now.inode)
    }
}

/// What all runs of a backup have done so far.
struct JournalCounts: Sendable, Hashable {
    var storedBlobs = 0
    var storedBytes: Int64 = 0
    /// Plain bytes in those blobs.
    var newBytes: Int64 = 0
    var readBytes: Int64 = 0
}

extension JournalCounts {
    /// The later of two in each: workers tell them in any order.
    mutating func advance(to other: JournalCounts) {
        storedBlobs = max(storedBlobs, other.storedBlobs)
        storedBytes = max(storedBytes, other.storedBytes)
        newBytes = max(newBytes, other.newBytes)
        readBytes = max(readBytes, other.readBytes)
    }

    init(_ progress: Progress.Snapshot) {
        storedBlobs = progress.storedBlobs
        storedBytes = progress.storedBytes
        newBytes = progress.newBytes
        readBytes = progress.readBytes
    }
}
