internal import SystemPackage
internal import TransferEngine

/// Sorts any number of blobs' names in a fixed amount of memory.
///
/// Names gather in memory; when there are too many they are sorted and written to a file without a name, a *run*.
/// As soon as `fan` runs of one level stand they are merged into one of the next, each name once: so what lies on the
/// disk is a small multiple of the different names, however often manifests repeat them.
actor NameSorter {
    private static let fan = 8
    /// Names that are written in one call.
    private static let step = 8192

    private let directory: FilePath
    private let capacity: Int
    private var names: [CompactName] = []
    /// By level.
    private var runs: [[SortedNames]] = []

    /// - Parameters:
    ///   - directory: where runs are written.
    ///   - memory: bytes for names, sorting them takes half as much again.
    init(directory: FilePath, memory: Int) {
        self.directory = directory
        capacity = max(16, memory / MemoryLayout<CompactName>.stride)
    }

    func add(_ more: [CompactName]) throws {
        if names.capacity < capacity, names.count + more.count > 1024 { names.reserveCapacity(capacity) }
        for name in more {
            if name == names.last { continue }  // files of one pack stand side by side
            if names.count == capacity { try spill() }
            names.append(name)
        }
    }

    /// All names; the sorter is empty after it.
    func finish() throws -> SortedNames {
        guard !runs.isEmpty else {
            defer { names = [] }
            names.sort()
            return SortedNames(storage: .memory(names.withoutRepeats()))
        }
        if !names.isEmpty { try spill() }
        names = []
        defer { runs = [] }
        return try merge(runs.flatMap(\.self))
    }

    private func spill() throws {
        try Task.checkCancellation()
        names.sort()
        var writer = RunWriter(try ScratchFile(in: directory))
        for name in names { try writer.append(name) }
        names.removeAll(keepingCapacity: true)
        try keep(try writer.finish(), level: 0)
    }

    private func keep(_ run: SortedNames, level: Int) throws {
        while runs.count <= level { runs.append([]) }
        runs[level].append(run)
        guard runs[level].count == Self.fan else { return }
        let merged = try merge(runs[level])
        runs[level] = []
        try keep(merged, level: level + 1)
    }

    private func merge(_ runs: [SortedNames]) throws -> SortedNames {
        guard runs.count > 1 else { return runs[0] }
        var cursors = runs.map(\.cursor)
        var writer = RunWriter(try ScratchFile(in: directory))
        while true {
            var least: (index: Int, name: CompactName)?
            for index in cursors.indices {
                guard let name = try cursors[index].peek() else { continue }
                if let least, least.name <= name { continue }
                least = (index, name)
            }
            guard let least else { return try writer.finish() }
            _ = try cursors[least.index].next()
            try writer.append(least.name)
        }
    }

    /// Writes ascending names, leaving repeats out.
    private struct RunWriter {
        private let file: ScratchFile
        private var pending: [CompactName] = []
        private var last: CompactName?
        private var count = 0

        init(_ file: ScratchFile) {
            self.file = file
            pending.reserveCapacity(NameSorter.step)
        }

        mutating func append(_ name: CompactName) throws {
            if name == last { return }
            last = name
            pending.append(name)
            if pending.count == NameSorter.step { try flush() }
        }

        mutating func finish() throws -> SortedNames {
            try flush()
            return SortedNames(storage: .file(file, count: count))
        }

        private mutating func flush() throws {
            unsafe try pending.withUnsafeBytes { unsafe try file.append($0) }
            count += pending.count
            pending.removeAll(keepingCapacity: true)
        }
    }
}

extension [CompactName] {
    /// Ascending names, each once.
    func withoutRepeats() -> [CompactName] {
        var distinct: [CompactName] = []
        distinct.reserveCapacity(count)
        for name in self where name != distinct.last { distinct.append(name) }
        return distinct
    }
}
