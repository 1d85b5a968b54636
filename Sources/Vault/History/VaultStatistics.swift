internal import ObjectStorage

/// How much a vault holds, and what storing each content once and compressed has saved.
package struct VaultStatistics: Sendable, Hashable, Codable {
    /// By what sums are parted.
    package enum Grouping: String, Sendable, Hashable, Codable, CaseIterable {
        case cluster, keyspace, table, backup
    }

    package struct Sums: Sendable, Hashable, Codable {
        /// What the sums are of: `prod`, `prod shop`, `prod shop.orders`, `prod daily-1`; empty for all.
        package let name: String
        /// Files in all manifests, and their plain bytes: what restoring all of them would write.
        package internal(set) var files = 0
        package internal(set) var logicalBytes: Int64 = 0
        /// Blobs that those files lie in, each once, and the plain bytes of them that are named.
        package internal(set) var blobs = 0
        package internal(set) var uniqueBytes: Int64 = 0
        /// Bytes of those blobs in the store.
        ///
        /// A blob that several of a grouping name counts for each of them.
        package internal(set) var storedBytes: Int64 = 0
        /// Blobs whose size nobody knows: the store does not have them.
        package internal(set) var missingBlobs = 0

        /// Logical bytes to unique bytes; nil for nothing.
        package var dedupRatio: Double? { uniqueBytes > 0 ? Double(logicalBytes) / Double(uniqueBytes) : nil }
        /// Unique bytes to stored bytes; nil for nothing.
        package var compressionRatio: Double? { storedBytes > 0 ? Double(uniqueBytes) / Double(storedBytes) : nil }

        init(name: String) { self.name = name }
    }

    /// Bytes for blobs' names: with more of them the manifests are read several times.
    package static let memory = 64 << 20

    package internal(set) var backups = 0
    package internal(set) var manifests = 0
    package internal(set) var all = Sums(name: "")
    package let grouping: Grouping
    /// Ascending by name.
    package internal(set) var parts: [Sums] = []

    /// Reads all manifests of the vault, and lists the blobs of which manifests do not tell the stored size.
    ///
    /// - Throws: `VaultError` with code `.damaged` for a manifest that cannot be read: sums would be wrong.
    package static func of(
        _ vault: Vault,
        by grouping: Grouping,
        memory: Int = memory
    ) async throws -> VaultStatistics {
        var statistics = VaultStatistics(grouping: grouping)
        let listings = try await Catalogue(vault).backups()
        var passes = HashPasses<BlobUse>(memory: memory)
        var indexes: [String: Int] = [:]
        repeat {
            let isFirst = passes.isFirst
            for listing in listings {
                if isFirst { statistics.backups += 1 }
                for host in listing.nodes {
                    if isFirst { statistics.manifests += 1 }
                    var reader = try await ManifestReader.open(vault, key: try listing.id.manifestKey(host))
                    while let line = try await reader.next() {
                        guard case .group(let group) = line else { continue }
                        let name = grouping.name(listing.id, group.table)
                        let index = indexes[name] ?? statistics.addPart(name)
                        indexes[name] = index
                        if isFirst { statistics.count(group, index) }
                        for piece in group.files.flatMap(\.pieces) {
                            guard let name = CompactName(piece.blob) else { continue }
                            passes.add(BlobUse(name, piece, part: index))
                        }
                    }
                }
            }
            let uses = passes.finish()
            statistics.count(uses, try await sizes(of: uses, vault))
        } while passes.beginNext()
        statistics.parts.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        return statistics
    }

    private mutating func addPart(_ name: String) -> Int {
        parts.append(Sums(name: name))
        return parts.count - 1
    }

    private mutating func count(_ group: ManifestGroup, _ part: Int) {
        all.files += group.files.count
        all.logicalBytes &+= group.bytes
        parts[part].files += group.files.count
        parts[part].logicalBytes &+= group.bytes
    }

    /// - Parameter sizes: of the uses without one, by the store's listing.
    private mutating func count(_ uses: [BlobUse], _ sizes: [CompactName: UInt32]) {
        var start = 0
        while start < uses.count {
            var end = start
            var (length, stored) = (UInt32(0), UInt32(0))
            while end < uses.count, uses[end].name == uses[start].name {
                length = max(length, uses[end].end)
                stored = max(stored, uses[end].stored)
                end += 1
            }
            if stored == 0 { stored = sizes[uses[start].name] ?? 0 }
            all.count(length, stored)
            for use in uses[start..<end] { parts[Int(use.part)].count(use.end, stored) }
            start = end
        }
    }

    /// Sizes of blobs that no manifest tells: from the listing of their folders.
    private static func sizes(of uses: [BlobUse], _ vault: Vault) async throws -> [CompactName: UInt32] {
        var known: Set<CompactName> = []
        for use in uses where use.stored > 0 { known.insert(use.name) }
        let unknown = Set(uses.lazy.filter { $0.stored == 0 }.map(\.name)).subtracting(known)
        known = []
        guard !unknown.isEmpty else { return [:] }
        var sizes: [CompactName: UInt32] = [:]
        for folder in Set(unknown.map { UInt8(truncatingIfNeeded: $0.words.0 >> 56) }).sorted() {
            let hex = (folder < 16 ? "0" : "") + String(folder, radix: 16)
            try await vault.store.forEachObject(prefix: "blobs/\(hex)/") { object in
                guard let text = object.key.segments.last,
                    let name = BlobName(String(text)).flatMap({ CompactName($0) }),
                    unknown.contains(name)
                else { return }
                sizes[name] = UInt32(clamping: object.size)
            }
        }
        return sizes
    }
}

extension VaultStatistics.Sums {
    fileprivate mutating func count(_ length: UInt32, _ stored: UInt32) {
        blobs += 1
        uniqueBytes += Int64(length)
        storedBytes += Int64(stored)
        if stored == 0 { missingBlobs += 1 }
    }
}

extension VaultStatistics.Grouping {
    fileprivate func name(_ id: BackupID, _ table: String) -> String {
        let parts = table.split(separator: "/")
        let keyspace = parts.first.map(String.init) ?? table
        switch self {
        case .cluster: return id.cluster
        case .backup: return "\(id.cluster) \(id.backup)"
        case .keyspace: return "\(id.cluster) \(keyspace)"
        case .table:
            // The directory's name without the table's id: a table dropped and made anew is the same to people.
            var name = parts.last ?? ""
            if let dash = name.lastIndex(of: "-"), name[dash...].utf8.count == 33 { name = name[..<dash] }
            return "\(id.cluster) \(keyspace).\(name)"
        }
    }
}

/// That one part of the sums names a blob: 56 bytes.
private struct BlobUse: HashedRecord {
    let name: CompactName
    let part: UInt32
    /// The furthest end of a piece in the blob's content.
    private(set) var end: UInt32
    /// Bytes as stored; 0: unknown.
    private(set) var stored: UInt32

    init(_ name: CompactName, _ piece: BlobReference, part: Int) {
        self.name = name
        self.part = UInt32(clamping: part)
        end = UInt32(clamping: piece.offset + piece.length)
        stored = UInt32(clamping: piece.frame?.bytes ?? 0)
    }

    func isSame(as other: Self) -> Bool { self == other }

    mutating func absorb(_ other: Self) {
        end = max(end, other.end)
        stored = max(stored, other.stored)
    }

    static func == (left: Self, right: Self) -> Bool { left.name == right.name && left.part == right.part }

    static func < (left: Self, right: Self) -> Bool {
        left.name == right.name ? left.part < right.part : left.name < right.name
    }
}
