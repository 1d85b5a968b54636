internal import Cassandra
internal import TransferEngine
internal import Vault

/// What a run finds out about blobs that it is going to reuse without reading their files: those of its slice, each
/// looked at once in a while by one of its tasks.
///
/// The planner notes what is to be looked at, and waits for an answer only when it comes to a file that rests on it.
final class BlobRechecks: Sendable {
    private enum Answer: Hashable {
        case good
        case missing
        /// There, and not what was stored.
        case wrong
    }

    private struct State {
        var answers: [BlobName: Answer] = [:]
        var underWay: Set<BlobName> = []
        var waiting: [BlobName: [CheckedContinuation<Void, Never>]] = [:]
        /// Bad blobs that files of this run rested on.
        var needed: Set<BlobName> = []
        /// Missing blobs that were stored again under their own names.
        var healed: Set<BlobName> = []
        var looked = 0
        var isRefused = false
        var warnings = Warnings()
    }

    /// Answers that say nothing is wrong are forgotten beyond so many: asking again is cheap.
    private static let remembered = 65_536

    let slice: ManifestHeader.Recheck
    private let examiner: BlobExaminer
    private let distrusted: DistrustedBlobs
    /// Whether a refusal is news: a node that may only write is meant to see nothing.
    private let tellsRefusals: Bool
    private let state = ThreadLock(State())

    /// - Parameter distrusted: learns of blobs whose name must not be used any more.
    init(
        _ slice: ManifestHeader.Recheck,
        _ vault: Vault,
        _ context: RunContext,
        distrusted: DistrustedBlobs
    ) {
        self.slice = slice
        self.distrusted = distrusted
        tellsRefusals = vault.canRead
        examiner = BlobExaminer(vault, level: .list, pool: context.pool) { [progress = context.progress] count in
            progress.update { $0.receivedBytes += Int64(count) }
        }
    }

    // MARK: The planner

    /// The blobs of a group that somebody has to look at now, and that count from now on as being looked at.
    func due(in group: ManifestGroup) -> [BackupWork.Recheck] {
        var due: [BackupWork.Recheck] = []
        for file in group.files {
            for piece in file.pieces where slice.includes(piece.blob) && due.last?.reference.blob != piece.blob {
                let isNew = state.withLock { state in
                    guard !state.isRefused, state.answers[piece.blob] == nil else { return false }
                    return state.underWay.insert(piece.blob).inserted
                }
                if isNew { due.append(BackupWork.Recheck(reference: piece)) }
            }
        }
        return due
    }

    /// The paths of the group's files that rest on a bad blob, once all is known of it.
    func unsoundFiles(of group: ManifestGroup) async -> Set<String> {
        var unsound: Set<String> = []
        for file in group.files {
            for piece in file.pieces where slice.includes(piece.blob) {
                await wait(for: piece.blob)
                if isBad(piece.blob) { unsound.insert(file.path) }
            }
        }
        return unsound
    }

    private func wait(for name: BlobName) async {
        await withCheckedContinuation { continuation in
            let isKnown = state.withLock { state in
                guard state.underWay.contains(name) else { return true }
                state.waiting[name, default: []].append(continuation)
                return false
            }
            if isKnown { continuation.resume() }
        }
    }

    func isBad(_ name: BlobName) -> Bool {
        state.withLock { state in
            guard let answer = state.answers[name] else { return false }
            return answer != .good
        }
    }

    /// Notes that a file is read again because of a bad blob.
    func noteNeed(of name: BlobName) { state.withLock { _ = $0.needed.insert(name) } }

    // MARK: The workers

    /// Looks at a blob and tells those who wait for it, whatever comes of it.
    func run(_ check: BackupWork.Recheck, isStopped: Bool) async throws {
        let name = check.reference.blob
        var answer = Answer.good
        var looked = false
        var refusal: String?
        defer { settle(name, answer, looked: looked, refusal: refusal) }
        guard !isStopped, !state.withLock({ $0.isRefused }) else { return }
        let blob = ClaimedBlob(
            name: name,
            frame: check.reference.frame,
            end: check.reference.offset + check.reference.length
        )
        switch try await examiner.examine(blob) {
        case .good, .reframed: break
        case .bad(.missing): answer = .missing
        case .bad(.changed), .bad(.content):
            answer = .wrong
            distrusted.add(name)
        case .bad(.unreadable(let why)): refusal = why
        }
        looked = refusal == nil
    }

    private func settle(_ name: BlobName, _ answer: Answer, looked: Bool, refusal: String?) {
        let waiting = state.withLock { state in
            if state.answers.count >= Self.remembered { state.answers = state.answers.filter { $0.value != .good } }
            state.answers[name] = answer
            state.underWay.remove(name)
            if looked { state.looked += 1 }
            if let refusal, !state.isRefused {
                state.isRefused = true
                guard tellsRefusals else { return state.waiting.removeValue(forKey: name) ?? [] }
                state.warnings.add("the blobs that are reused cannot be looked at (--recheck): \(refusal)")
            }
            return state.waiting.removeValue(forKey: name) ?? []
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Notes that a blob was stored.
    func noteStored(_ name: BlobName) {
        state.withLock { if $0.answers[name] == .missing { $0.healed.insert(name) } }
    }

    // MARK: The end

    /// Blobs that were looked at; of those, the bad ones whose files were stored again.
    var counts: (looked: Int, repaired: Int) { state.withLock { ($0.looked, $0.needed.count) } }

    /// What someone should know of bad blobs.
    var warnings: Warnings {
        state.withLock { state in
            var warnings = state.warnings
            for (name, answer) in state.answers.sorted(by: { $0.key < $1.key }) where answer != .good {
                let what = answer == .missing ? "is missing in the store" : "is not what was stored"
                let healed = state.healed.contains(name)
                let then =
                    if healed {
                        "its content was stored again under its name: backups that name it are whole again"
                    } else if state.needed.contains(name) {
                        "its files were read and stored anew for this backup; older ones that name it stay damaged: "
                            + "'ringvault vault check' tells which"
                    } else {
                        "no file of this backup has its content any more: 'ringvault vault check' tells what suffers"
                    }
                warnings.add("blob \(name) \(what); \(then)")
            }
            return warnings
        }
    }
}
