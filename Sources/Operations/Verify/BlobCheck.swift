internal import ObjectStorage
internal import TransferEngine
internal import Vault

/// Looks at all blobs of a roll, several at a time.
final class BlobCheck: Sendable {
    /// What a listing of a thousand objects costs at the large providers, in looks at single ones.
    private static let looksForPage = 13

    private struct State {
        var damage = Damage()
        var reframed = 0
        var spareBlobs = 0
        var spareBytes: Int64 = 0
        /// Places in the roll of blobs that a listing did not settle.
        var open: [Int] = []
    }

    private let vault: Vault
    private let level: VerificationLevel
    private let context: RunContext
    private let isOfWholeVault: Bool
    private let examiner: BlobExaminer
    private let state = ThreadLock(State())

    /// - Parameter isOfWholeVault: whether blobs that the roll does not have are counted.
    init(_ vault: Vault, _ level: VerificationLevel, _ context: RunContext, isOfWholeVault: Bool) {
        self.vault = vault
        self.level = level
        self.context = context
        self.isOfWholeVault = isOfWholeVault
        examiner = BlobExaminer(vault, level: level, pool: context.pool) { [progress = context.progress] count in
            progress.update { $0.receivedBytes += Int64(count) }
        }
    }

    var damage: Damage { state.withLock { $0.damage } }
    var reframed: Int { state.withLock { $0.reframed } }

    /// - Returns: blobs in the store that the roll does not have, and their bytes; 0 unless the whole vault is checked.
    func run(_ roll: BlobRoll) async throws -> (blobs: Int, bytes: Int64) {
        state.withLock {
            $0.open = []
            ($0.spareBlobs, $0.spareBytes) = (0, 0)
        }
        let paysToList = try await paysToList(roll)
        if isOfWholeVault || paysToList { try await list(roll) }
        let open =
            level == .list && (isOfWholeVault || paysToList)
            ? state.withLock { $0.open.sorted() } : Array(0..<roll.count)
        var next = 0
        try await forEach(atMost: width, on: context.io) {
            guard next < open.count else { return nil as Int? }
            defer { next += 1 }
            return open[next]
        } _: { [self] index in
            // What a listing did not tell is asked for once more: it may have been listed in the wrong moment.
            try await examine(roll[index], listed: nil)
        }
        return state.withLock { ($0.spareBlobs, $0.spareBytes) }
    }

    private var width: Int { context.width(chunkSize: vault.description.chunkSize) }

    /// Whether listing all blobs is cheaper than looking at each one of the roll.
    ///
    /// Hashes are uniform: how far the first page reaches tells how many there are.
    private func paysToList(_ roll: BlobRoll) async throws -> Bool {
        guard level == .list, roll.count > Self.looksForPage else { return false }
        let page = try await vault.store.list(prefix: "blobs/", from: nil, limit: 1000)
        guard page.next != nil else { return true }
        guard let last = page.objects.last, let name = Self.name(last) else { return false }
        let share = max(Double(name.leadingWord), 1) / 0x1p64
        let pages = Double(page.objects.count) / share / 1000 + Double(roll.folders.count)
        return pages * Double(Self.looksForPage) < Double(roll.count)
    }

    /// Lists the folders of the roll's blobs, and settles what that tells.
    private func list(_ roll: BlobRoll) async throws {
        let folders = roll.folders
        var next = 0
        try await forEach(atMost: width, on: context.io) {
            guard next < folders.count else { return nil as Int? }
            defer { next += 1 }
            return next
        } _: { [self] index in
            try await list(folders[index], roll)
        }
    }

    private func list(_ folder: (prefix: String, blobs: Range<Int>), _ roll: BlobRoll) async throws {
        var isFound = [Bool](repeating: false, count: folder.blobs.count)
        try await vault.store.forEachObject(prefix: folder.prefix) { object in
            let name = Self.name(object)
            guard let name, let index = roll.index(of: name) else {
                // Of a name that this pass is not about, another one tells.
                if name.map({ roll.covers($0) }) ?? true { countSpare(object) }
                return
            }
            isFound[index - folder.blobs.lowerBound] = true
            if level == .list { try await examine(roll[index], listed: object) }
        }
        let missing = folder.blobs.filter { !isFound[$0 - folder.blobs.lowerBound] }
        state.withLock { $0.open += missing }
    }

    private func countSpare(_ object: ObjectInfo) {
        guard isOfWholeVault else { return }
        state.withLock {
            $0.spareBlobs += 1
            $0.spareBytes += object.size
        }
    }

    /// Nil for a key that is no blob's.
    private static func name(_ object: ObjectInfo) -> BlobName? {
        guard let last = object.key.segments.last, let name = BlobName(String(last)) else { return nil }
        return (try? name.key) == object.key ? name : nil
    }

    private func examine(_ blob: ClaimedBlob, listed: ObjectInfo?) async throws {
        let verdict = try await examiner.examine(blob, listed: listed)
        context.progress.update { $0.doneFiles += 1 }
        switch verdict {
        case .good: break
        case .reframed: state.withLock { $0.reframed += 1 }
        case .bad(let fault): state.withLock { $0.damage.add(blob.name, fault) }
        }
    }
}
