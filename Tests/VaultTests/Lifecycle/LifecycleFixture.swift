import ObjectStorage
import SystemPackage
import TestSupport
import TransferEngine

@testable import Vault

/// A vault in memory with a clock that tests move: backups whose files have contents that tests choose.
struct LifecycleFixture: Sendable {
    private final class Seconds: Sendable {
        private let value = ThreadLock<Int64>(1_800_000_000)
        var now: Int64 { value.withLock { $0 } }
        func advance(_ seconds: Int64) { value.withLock { $0 += seconds } }
    }

    static let host = "00000000-0000-0000-0000-000000000001"
    static let other = "00000000-0000-0000-0000-000000000002"

    let base: MemoryStore
    let vault: Vault
    let pool = BufferPool(limit: 8 << 20)
    private let seconds: Seconds

    /// - Parameter wrap: puts something between the vault and its store.
    init(_ wrap: (MemoryStore) -> any ObjectStore = { $0 }) async throws {
        let seconds = Seconds()
        self.seconds = seconds
        base = MemoryStore(pageLimit: 5) { seconds.now }
        _ = try await Vault.create(in: base, chunkSize: 1 << 20)
        vault = try await Vault.open(wrap(base))
    }

    /// The store's clock, in seconds, and every process's.
    var now: Int64 { seconds.now }
    func advance(hours: Int64) { seconds.advance(hours * 3600) }
    func advance(days: Int64) { seconds.advance(days * 86400) }
    var clock: MonotonicClock {
        let seconds = seconds
        return MonotonicClock { .seconds(seconds.now) }
    }

    func id(_ name: String) throws -> BackupID { try BackupID(cluster: "c", backup: name) }

    func header(_ name: String, host: String = host) throws -> ManifestHeader {
        guard let host = HostID(host) else { throw JSONError("no host") }
        return ManifestHeader(
            vault: vault.description.id,
            cluster: "c",
            backup: name,
            hostId: host,
            datacenter: nil,
            rack: nil,
            started: Timestamp(seconds: now),
            source: "live",
            dataDirectories: ["/d"]
        )
    }

    /// Stores a content as one blob.
    func store(_ content: String, generation: Int = 0) async throws -> BlobReference {
        let bytes = Array(content.utf8)
        let outcome = try await BlobWriter(vault, compression: .none).store(
            BufferLease(holding: bytes),
            digest: SHA256.digest(of: bytes.span),
            generation: generation
        )
        return BlobReference(blob: outcome.name, offset: 0, length: bytes.count)
    }

    /// A manifest with a file for each content, at the places given.
    func writer(
        _ name: String,
        _ files: [(content: String, place: BlobReference)],
        host: String = host
    ) throws -> ManifestWriter {
        var writer = try ManifestWriter(header(name, host: host), chunkSize: vault.description.chunkSize)
        try writer.write(.table(ManifestTable(path: "k/t", schema: nil)))
        for (index, file) in files.enumerated() {
            let digits = "\(index + 1000)"
            let entry = ManifestFile(
                path: "f\(digits)",
                size: Int64(file.content.utf8.count),
                modified: 0,
                inode: UInt64(index),
                digest: SHA256.digest(of: Array(file.content.utf8).span),
                pieces: [file.place]
            )
            let group = ManifestGroup(table: "k/t", name: "f\(digits)", isSSTable: false, directory: 0, files: [entry])
            try writer.write(.group(group))
        }
        return writer
    }

    /// Backs up these contents, each a blob of its own.
    @discardableResult
    func backUp(_ name: String, _ contents: [String], host: String = host) async throws -> ManifestHeader {
        let publication = Publication(vault, clock: clock)
        let id = try id(name)
        let header = try header(name, host: host)
        let intent = BackupIntent(
            cluster: "c",
            backup: name,
            started: Timestamp(seconds: now),
            expectedNodes: [header.hostId]
        )
        _ = try await Catalogue(vault).begin(intent, id, host: header.hostId)
        var files: [(String, BlobReference)] = []
        for content in contents { files.append((content, try await store(content))) }
        let published = try await publication.publish(
            try writer(name, files, host: host),
            at: try id.manifestKey(header.hostId),
            totals: { ManifestHeader.Totals() },
            finished: Timestamp(seconds: now),
            renewing: FileRenewal(fixture: self)
        )
        _ = try await Catalogue(vault).complete(id, intent)
        return published.header
    }

    /// Stores listed contents again, as a node does from its files.
    struct FileRenewal: BlobRenewing {
        let fixture: LifecycleFixture

        func renew(_ groups: [ManifestGroup], _ listed: ListedNames) async throws -> [ManifestGroup] {
            var groups = groups
            for index in groups.indices {
                let file = groups[index].files[0]
                let piece = file.pieces[0]
                guard listed.contains(piece.blob) else { continue }
                let bytes = fixture.base[try piece.blob.key.description] ?? []
                let generation = listed.nextGeneration(of: piece.blob.content)
                let place = try await fixture.store(String(decoding: bytes, as: UTF8.self), generation: generation)
                groups[index].files[0] = file.with(pieces: [place])
            }
            return groups
        }
    }

    func options(_ change: (inout CollectionOptions) -> Void = { _ in }) -> CollectionOptions {
        var options = CollectionOptions(space: MarkingSpace(directory: "/tmp", memory: 1 << 16))
        options.trashRetention = .zero
        options.sparing = .zero
        change(&options)
        return options
    }

    @discardableResult
    func collect(_ change: (inout CollectionOptions) -> Void = { _ in }) async throws -> CollectionReport {
        try await Collector(vault, options(change), clock: clock).run()
    }

    /// Names of the blobs that the manifest of `name` names.
    func names(in name: String, host: String = host) async throws -> [String] {
        let key = try id(name).manifestKey(try header(name, host: host).hostId)
        var reader = try await ManifestReader.open(vault, key: key)
        var names: [String] = []
        while let line = try await reader.next() {
            if case .group(let group) = line { names += group.files.flatMap(\.pieces).map(\.blob.description) }
        }
        return names
    }

    func name(of content: String, generation: Int = 0) -> String {
        let digest = SHA256.digest(of: Array(content.utf8).span)
        return BlobName(plain: digest, generation: generation, format: .plain).description
    }

    var blobs: [String] {
        base.keys.filter { $0.hasPrefix("blobs/") }.map { String($0.dropFirst("blobs/00/".count)) }
    }

    func keys(_ prefix: String) -> [String] { base.keys.filter { $0.hasPrefix(prefix) } }
}
