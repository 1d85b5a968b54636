import ObjectStorage
import SystemPackage
import TestSupport
import TransferEngine

@testable import Vault

/// A vault, a few nodes and the processes that work on it at one time: one random history for each seed.
final class ModelWorld: Sendable {
    /// Which rules the processes keep.
    struct Rules: Sendable {
        var publication = Publication.Rules()
        var collector = Collector.Rules()
    }

    /// What happened in a history, so that a test can tell whether anything did.
    struct Tally: Sendable {
        var backups = 0
        var collections = 0
        var deletions = 0
        var undeletions = 0
        /// Processes that were killed or failed.
        var failures = 0
        /// Pieces that were stored again since their blobs were condemned.
        var renewals = 0

        mutating func add(_ other: Tally) {
            backups += other.backups
            collections += other.collections
            deletions += other.deletions
            undeletions += other.undeletions
            failures += other.failures
            renewals += other.renewals
        }
    }

    private struct Known: Sendable {
        let reference: BlobReference
        /// The model's time at which the blob was known to exist.
        let seen: Int64
    }

    private struct State {
        var ids = 0
        var tally = Tally()
        /// What each node remembers locally of where contents lie: its journals and manifests, however old.
        var known: [HostID: [Int: Known]] = [:]
    }

    private static let hosts = ["1", "2"].compactMap {
        HostID("00000000-0000-0000-0000-00000000000\($0)")
    }
    private static let hour: Int64 = 3600
    private static let day: Int64 = 86400
    /// The longest that an operation is under way, in seconds: what a client's clocks allow.
    private static let longestRequest: Int64 = 600

    let store: MemoryStore
    private let description = Vault.Description(
        id: "0fecf38e-9862-4747-923a-5c08286c33c3",
        chunkSize: 1 << 20,
        created: Timestamp(seconds: 1_800_000_000)
    )
    private let scheduler: ModelScheduler
    private let pool: BufferPool
    private let rules: Rules
    private let state: ThreadLock<State>
    private let clock: MonotonicClock

    init(io: IOExecutor, pool: BufferPool, rules: Rules) {
        let shared = Shared()
        state = ThreadLock(State())
        scheduler = ModelScheduler(io: io)
        self.pool = pool
        self.rules = rules
        time = shared
        store = MemoryStore(pageLimit: 8) { shared.now }
        clock = MonotonicClock { .seconds(shared.now) }
    }

    /// The model's clock: the store's and every process's.
    private final class Shared: Sendable {
        private let seconds = ThreadLock<Int64>(1_800_000_000)
        var now: Int64 { seconds.withLock { $0 } }
        func advance(_ by: Int64) { seconds.withLock { $0 += by } }
    }

    private let time: Shared

    var tally: Tally { state.withLock { $0.tally } }

    // MARK: The schedule

    /// Runs one history to its end.
    func run(seed: UInt64) async {
        var random = SeededGenerator(seed)
        let processes = Int.random(in: 4...10, using: &random)
        var started = 0
        while true {
            let parked = scheduler.parked
            if parked.isEmpty, started == processes { return }
            let mayStart = started < processes && Set(parked.map(\.process)).count < 4
            if mayStart, parked.isEmpty || Int.random(in: 0..<12, using: &random) == 0 {
                await start(started, &random)
                started += 1
            } else if Int.random(in: 0..<25, using: &random) == 0 {
                await advance(&random)
            } else if !parked.isEmpty {
                await step(parked, &random)
            }
        }
    }

    private func step(_ parked: [ModelScheduler.Parked], _ random: inout SeededGenerator) async {
        let index = Int.random(in: parked.indices, using: &random)
        // Answers that are late are late for long.
        if parked[index].isAnswer, Int.random(in: 0..<6, using: &random) > 0, !parked.allSatisfy(\.isAnswer) { return }
        let order: ModelScheduler.Order =
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<1: .crash
            case 1..<3: .fail
            case 3..<12: parked[index].isAnswer ? .proceed : .hold
            default: .proceed
            }
        await scheduler.resume(index, order)
    }

    /// Time passes: a little while requests are under way, or a lot while no more than answers are.
    private func advance(_ random: inout SeededGenerator) async {
        if Bool.random(using: &random) {
            let oldest = scheduler.parked.filter { !$0.isAnswer }.map(\.since).min() ?? time.now
            let most = oldest + Self.longestRequest - time.now
            if most > 0 { time.advance(Int64.random(in: 1...most, using: &random)) }
            return
        }
        while let index = scheduler.parked.firstIndex(where: { !$0.isAnswer }) { await scheduler.resume(index, .hold) }
        let steps = [Self.hour / 2, 3 * Self.hour, 13 * Self.hour, 25 * Self.hour, 25 * Self.hour, 26 * Self.hour]
        let long = [8 * Self.day, 15 * Self.day, 22 * Self.day, 31 * Self.day]
        let all = Int.random(in: 0..<4, using: &random) == 0 ? long : steps
        time.advance(all[Int.random(in: all.indices, using: &random)])
    }

    private func start(_ number: Int, _ random: inout SeededGenerator) async {
        let seed = random.next()
        let kind = number == 0 ? 0 : Int.random(in: 0..<100, using: &random)
        let vault = Vault(
            store: ModelStore(store, process: number, scheduler) { self.time.now },
            description: description
        )
        await scheduler.start {
            var random = SeededGenerator(seed)
            do {
                switch kind {
                case 0..<45: try await self.backUp(vault, &random)
                case 45..<78:
                    try await self.collect(vault, &random)
                    self.state.withLock { $0.tally.collections += 1 }
                case 78..<91:
                    let move = try await Trash(self.lists(vault), width: 1).delete(
                        try self.backup(below: "clusters/", &random)
                    )
                    if move.objects > 0 { self.state.withLock { $0.tally.deletions += 1 } }
                default:
                    let publication = self.publication(vault)
                    let id = try self.backup(below: "trash/", &random)
                    _ = try await Trash(self.lists(vault), width: 1).undelete(
                        id,
                        by: publication,
                        pool: self.pool
                    )
                    self.state.withLock { $0.tally.undeletions += 1 }
                }
            } catch {
                // Processes may fail; what they leave behind is what counts.
                self.state.withLock { $0.tally.failures += 1 }
            }
        }
    }

    // MARK: Processes

    private func lists(_ vault: Vault) -> CondemnedLists {
        CondemnedLists(vault) {
            let number = self.state.withLock { state in
                state.ids += 1
                return state.ids
            }
            let digits = "\(number)"
            return "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.utf8.count) + digits
        }
    }

    private func publication(_ vault: Vault, evidenceAge: Duration = .zero) -> Publication {
        Publication(vault, evidenceAge: evidenceAge, clock: clock, rules: rules.publication)
    }

    private func anyBackup(_ random: inout SeededGenerator) throws -> BackupID {
        try BackupID(cluster: "c", backup: "b\(Int.random(in: 0..<3, using: &random))")
    }

    /// One that is there when the process begins, or any.
    private func backup(below root: String, _ random: inout SeededGenerator) throws -> BackupID {
        let names = Set(
            store.keys.filter { $0.hasPrefix(root) }.compactMap { key in
                key.split(separator: "/").first { $0.count == 2 && $0.hasPrefix("b") }.map(String.init)
            }
        ).sorted()
        guard let name = names.randomElement(using: &random) else { return try anyBackup(&random) }
        return try BackupID(cluster: "c", backup: name)
    }

    private func collect(_ vault: Vault, _ random: inout SeededGenerator) async throws {
        var options = options
        if Int.random(in: 0..<3, using: &random) > 0 { options.trashRetention = .zero }
        _ = try await Collector(lists(vault), options, clock: clock, rules: rules.collector).run()
    }

    private var options: CollectionOptions {
        var options = CollectionOptions(space: MarkingSpace(directory: "/tmp", memory: 1 << 16, width: 1))
        options.blobsInList = 3
        options.sparing = .zero
        options.blobsInBatch = 2
        return options
    }

    /// A node's backup: some files are reused by what an earlier manifest or its own memory says, some are stored.
    private func backUp(_ vault: Vault, _ random: inout SeededGenerator) async throws {
        let host = Self.hosts[Int.random(in: Self.hosts.indices, using: &random)]
        let id = try anyBackup(&random)
        let began = time.now
        var reused: [Int: BlobReference] = [:]
        var evidenceAge: Int64 = 0
        let usesMemory = Bool.random(using: &random)
        if usesMemory {
            let life = Publication.evidenceLife.components.seconds
            let known = state.withLock { $0.known[host] ?? [:] }.filter { began - $0.value.seen < life }
            reused = known.mapValues(\.reference)
            evidenceAge = known.values.map { began - $0.seen }.max() ?? 0
        }
        let publication = publication(vault, evidenceAge: .seconds(evidenceAge))
        let catalogue = Catalogue(vault)
        let intent = BackupIntent(
            cluster: id.cluster,
            backup: id.backup,
            started: Timestamp(seconds: began),
            expectedNodes: id.backup == "b0" ? [host] : nil
        )
        _ = try await catalogue.begin(intent, id, host: host)
        if !usesMemory { reused = try await previous(vault, host, besides: id) }

        var writer = try ManifestWriter(header(of: id, host), chunkSize: description.chunkSize)
        try writer.write(.table(ManifestTable(path: "k/t", schema: nil)))
        let blobs = BlobWriter(vault, compression: .none)
        let contents = (0..<Int.random(in: 1...3, using: &random)).map { _ in
            ModelContent(number: Int.random(in: 0..<ModelContent.bytes.count, using: &random))
        }
        for (index, place) in try await places(of: contents, reused, blobs, &random).enumerated() {
            try writer.write(.group(group(index, contents[index], place)))
            remember(contents[index], place, reused[contents[index].number] == place ? began - evidenceAge : nil, host)
        }
        if Int.random(in: 0..<6, using: &random) == 0 { return }  // killed: what it has stored is nobody's
        _ = try await publication.publish(
            writer,
            at: try id.manifestKey(host),
            totals: { ManifestHeader.Totals() },
            finished: Timestamp(seconds: began),
            renewing: ModelRenewal(blobs: blobs)
        )
        state.withLock { $0.tally.backups += 1 }
        _ = try await catalogue.complete(id, intent)
    }

    /// - Parameter seen: when it was known to exist; nil: now.
    private func remember(_ content: ModelContent, _ place: BlobReference, _ seen: Int64?, _ host: HostID) {
        let known = Known(reference: place, seen: seen ?? time.now)
        state.withLock { state in
            if let older = state.known[host]?[content.number], older.seen >= known.seen { return }
            state.known[host, default: [:]][content.number] = known
        }
    }

    private func previous(_ vault: Vault, _ host: HostID, besides id: BackupID) async throws -> [Int: BlobReference] {
        var places: [Int: BlobReference] = [:]
        guard let key = try await Catalogue(vault).latestManifest(of: host, besides: id) else { return [:] }
        var reader = try await ManifestReader.open(vault, key: key)
        while let line = try await reader.next() {
            guard case .group(let group) = line else { continue }
            places[Int(group.files[0].inode)] = group.files[0].pieces[0]
        }
        return places
    }

    private func places(
        of contents: [ModelContent],
        _ reused: [Int: BlobReference],
        _ blobs: BlobWriter,
        _ random: inout SeededGenerator
    ) async throws -> [BlobReference] {
        var places: [BlobReference] = []
        while places.count < contents.count {
            let content = contents[places.count]
            if let place = reused[content.number], Int.random(in: 0..<5, using: &random) > 0 {
                places.append(place)
                continue
            }
            // Alone, or packed with the next.
            let isPack = places.count + 1 < contents.count && Int.random(in: 0..<3, using: &random) == 0
            let packed = isPack ? [content, contents[places.count + 1]] : [content]
            let bytes = packed.flatMap(\.bytes)
            let outcome = try await blobs.store(BufferLease(holding: bytes), digest: SHA256.digest(of: bytes.span))
            for (index, content) in packed.enumerated() {
                let offset = packed.prefix(index).reduce(0) { $0 + $1.bytes.count }
                places.append(BlobReference(blob: outcome.name, offset: offset, length: content.bytes.count))
            }
        }
        return places
    }

    private func header(of id: BackupID, _ host: HostID) -> ManifestHeader {
        ManifestHeader(
            vault: description.id,
            cluster: id.cluster,
            backup: id.backup,
            hostId: host,
            datacenter: nil,
            rack: nil,
            started: Timestamp(seconds: time.now),
            source: "live",
            dataDirectories: ["/d"]
        )
    }

    private func group(_ index: Int, _ content: ModelContent, _ place: BlobReference) -> ManifestGroup {
        let file = ManifestFile(
            path: "f\(index)",
            size: Int64(content.bytes.count),
            modified: 0,
            inode: UInt64(content.number),
            digest: content.digest,
            pieces: [place]
        )
        return ManifestGroup(table: "k/t", name: "f\(index)", isSSTable: false, directory: 0, files: [file])
    }

    // MARK: What must hold

    /// What is wrong with a manifest that stands; nil if all can be restored to the last bit.
    ///
    /// Not in the trash: a deletion that was held up may put a manifest there after its blobs are gone. It must not come
    /// back then.
    func violation() async throws -> String? {
        for place in try await manifests() where place.home == place.key {
            for (content, piece) in try await pieces(of: place) {
                if piece.blob.generation > 0 { state.withLock { $0.tally.renewals += 1 } }
                guard let blob = store[try piece.blob.key.description] else {
                    return "\(place.key): the blob \(piece.blob) of \(content) is gone"
                }
                let found = Array(blob[piece.offset..<piece.offset + piece.length])
                guard found == content.bytes, ContentName(plain: SHA256.digest(of: blob.span)) == piece.blob.content
                else {
                    return "\(place.key): the blob \(piece.blob) has other bytes"
                }
            }
        }
        return nil
    }

    /// What is left over after collections at leisure; nil if nothing is.
    func garbage() async throws -> String? {
        let vault = Vault(store: store, description: description)
        var options = options
        options.trashRetention = .zero
        for wait in [0, 25 * Self.hour, 31 * Self.day] {
            time.advance(wait)
            _ = try await Collector(lists(vault), options, clock: clock, rules: Collector.Rules()).run()
        }
        var named: Set<String> = []
        for place in try await manifests() {
            for (_, piece) in try await pieces(of: place) { named.insert(try piece.blob.key.description) }
        }
        let keys = store.keys
        let unnamed = keys.filter { $0.hasPrefix("blobs/") && !named.contains($0) }
        let rest = keys.filter { $0.hasPrefix("trash/") || $0.hasPrefix("condemned/") }
        return unnamed.isEmpty && rest.isEmpty ? nil : "left over: \((unnamed + rest).joined(separator: ", "))"
    }

    private func manifests() async throws -> [ManifestPlace] {
        let marker = Marker(vault: Vault(store: store, description: description), space: options.space)
        return try await marker.keys(below: "clusters/") + marker.keys(below: "trash/")
    }

    private func pieces(of place: ManifestPlace) async throws -> [(ModelContent, BlobReference)] {
        let vault = Vault(store: store, description: description)
        var reader = try await ManifestReader.open(vault, key: place.home, storedAt: place.key)
        var pieces: [(ModelContent, BlobReference)] = []
        while let line = try await reader.next() {
            guard case .group(let group) = line else { continue }
            for file in group.files { pieces.append((ModelContent(number: Int(file.inode)), file.pieces[0])) }
        }
        return pieces
    }
}
