internal import FoundationEssentials
internal import SyntheticSSTables
internal import TransferEngine

/// The beginning of a generated Data.db.
enum Sample {
    static func bytes(_ count: Int) async throws -> [UInt8] {
        let scratch = Scratch()
        let data = DataDirectory(scratch.path, shape: DataShape(sstables: 1, dataBytes: count + 64 << 10))
        _ = try await data.write(snapshot: "sample", workers: 1)
        let path = data.snapshotDirectory(0, tag: "sample") + "/nb-1-big-\(Component.data.rawValue)"
        guard let bytes = FileManager.default.contents(atPath: path), bytes.count >= count else {
            throw StageError("cannot read \(path)")
        }
        return Array(bytes.prefix(count))
    }
}

/// A directory that is gone with the value, or when `removeAll` is called: what the benchmark library is given, it keeps to the end.
final class Scratch: Sendable {
    private static let all = ThreadLock<Set<String>>([])

    let path = FileManager.default.temporaryDirectory.path + "/ringvault-stages-" + UUID().uuidString

    init() { _ = Self.all.withLock { $0.insert(path) } }

    deinit { Self.remove(path) }

    static func removeAll() {
        for path in all.withLock({ $0 }) { remove(path) }
    }

    private static func remove(_ path: String) {
        _ = all.withLock { $0.remove(path) }
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// Why a stage could not be run.
struct StageError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
