internal import SystemPackage
internal import TransferEngine

/// What a node would replay from its commit log when it starts: what was written and is in no SSTable.
///
/// A segment's header is its version (4 bytes), its id (8), the length of its parameters (2), those, and a CRC-32 (4).
/// Sections follow, each behind a marker of 8 bytes that is zero where none is: a node that was drained leaves such.
/// Source: `CommitLogDescriptor.readHeader` and `CommitLogSegmentReader`, org.apache.cassandra.db.commitlog, 3.11 to 5.0.
struct CommitLogSegments: Sendable {
    /// Segments that hold something to replay, or cannot be understood.
    private(set) var pending: [String] = []
    private(set) var count = 0
    private(set) var bytes: Int64 = 0

    /// Blocks.
    ///
    /// A directory that is not there has none.
    init(in directory: FilePath) throws(FileError) {
        guard (try? FileStatus(of: directory, followingLinks: true)) != nil else { return }
        for name in try DirectoryListing(of: directory).names where Self.isSegment(name) {
            let path = directory.appending(name)
            guard let status = try? FileStatus(of: path), status.kind == .regular else { continue }
            count += 1
            bytes += status.size
            if try Self.mayReplay(path) { pending.append(name) }
        }
    }

    static func isSegment(_ name: String) -> Bool { name.hasPrefix("CommitLog-") && name.hasSuffix(".log") }

    private static func mayReplay(_ path: FilePath) throws(FileError) -> Bool {
        let bytes = try SmallFile.bytes(of: path, limit: (64 << 10) + 64)
        let parameters = bytes.count >= 14 ? Int(bytes[12]) << 8 | Int(bytes[13]) : 0
        let marker = 14 + parameters + 4
        // One that ends in its header is none that can be understood, unless it was never written to.
        guard bytes.count >= marker else { return bytes.contains { $0 != 0 } }
        return bytes.dropFirst(marker).prefix(8).contains { $0 != 0 }
    }
}
