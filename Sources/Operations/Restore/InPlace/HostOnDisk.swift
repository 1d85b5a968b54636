internal import SystemPackage
internal import TransferEngine
internal import Vault

/// The host id of a node that is stopped, found in its own data: its table `system.local` has it as 16 bytes.
///
/// Nobody can be asked, and the table's format is Cassandra's own; but of a few known ids it can be told which one is
/// there: compression leaves random bytes as they are, so they stand in Data.db as such. Seen with 3.11, 4.0, 4.1, 5.0.
enum HostOnDisk {
    /// Bytes of one file that are looked at: the table has one row.
    private static let most = 4 << 20

    /// The one of `candidates` that the data directories belong to; nil if none or several are found.
    ///
    /// Blocks.
    static func find(_ candidates: [HostID], in dataDirectories: [FilePath]) -> HostID? {
        let found = contents(in: dataDirectories)
        let matching = candidates.filter { candidate in
            let bytes = bytes(of: candidate)
            return found.contains { contains($0, bytes) }
        }
        return matching.count == 1 ? matching[0] : nil
    }

    /// Whether the node has been started before: it has a `system.local` with a row.
    static func hasIdentity(in dataDirectories: [FilePath]) -> Bool { !contents(in: dataDirectories).isEmpty }

    private static func contents(in dataDirectories: [FilePath]) -> [[UInt8]] {
        var all: [[UInt8]] = []
        for data in dataDirectories {
            let system = data.appending("system")
            let tables = (try? DirectoryListing(of: system).names) ?? []
            for table in tables where table == "local" || table.hasPrefix("local-") {
                let directory = system.appending(table)
                for name in (try? DirectoryListing(of: directory).names) ?? [] where name.hasSuffix("-Data.db") {
                    if let bytes = try? SmallFile.bytes(of: directory.appending(name), limit: most) {
                        all.append(bytes)
                    }
                }
            }
        }
        return all
    }

    private static func bytes(of host: HostID) -> [UInt8] {
        let digits = Array(host.description.utf8.filter { $0 != UInt8(ascii: "-") })
        return stride(from: 0, to: digits.count, by: 2).compactMap { index in
            UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16)
        }
    }

    private static func contains(_ bytes: [UInt8], _ wanted: [UInt8]) -> Bool {
        guard let first = wanted.first, bytes.count >= wanted.count else { return false }
        return bytes.indices.dropLast(wanted.count - 1).contains { index in
            bytes[index] == first && bytes[index..<index + wanted.count].elementsEqual(wanted)
        }
    }
}
