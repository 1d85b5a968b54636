/// The names of the blobs that one manifest names, gathered while it is written: 40 bytes for each blob, not for each
/// file.
struct OwnNames: Sendable {
    private var names: [CompactName] = []
    /// How many may gather before repeats are thrown out.
    private var limit = 4096
    private var isSorted = true

    mutating func add(_ name: CompactName) {
        if name == names.last { return }  // files of one pack stand side by side
        if let last = names.last, name < last { isSorted = false }
        names.append(name)
        guard names.count >= limit else { return }
        names = sorted
        isSorted = true
        limit = max(limit, names.count * 2)
    }

    /// Ascending, each once.
    var sorted: [CompactName] { (isSorted ? names : names.sorted()).withoutRepeats() }
}
