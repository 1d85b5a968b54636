internal import SystemPackage
internal import TransferEngine

/// Removes from stages what is not to be there, table by table, so that memory holds the names of one.
struct StageSweep {
    private let stages: [FilePath]
    /// The table whose files are being told, below each stage.
    private var place: String?
    /// Its files, by stage: paths below the table's directory.
    private var files: [Set<String>]
    private var places: Set<String> = []

    init(_ stages: [FilePath]) {
        self.stages = stages
        files = stages.map { _ in [] }
    }

    /// Keeps those files; tables are told one after the other.
    mutating func keep(_ paths: [String], at place: String, in stage: Int) throws(FileError) {
        if self.place != place {
            try sweepTable()
            self.place = place
            places.insert(place)
        }
        files[stage].formUnion(paths)
    }

    /// Removes what of the last table, and which tables, nobody has told of.
    mutating func finish() throws(FileError) {
        try sweepTable()
        for stage in stages {
            for keyspace in try Self.names(in: stage) {
                let above = stage.appending(keyspace)
                for table in try Self.names(in: above) where !places.contains("\(keyspace)/\(table)") {
                    try FileTree.removeAll(above.appending(table))
                }
                if try Self.names(in: above).isEmpty { try FileTree.removeDirectory(above) }
            }
        }
    }

    private mutating func sweepTable() throws(FileError) {
        guard let place else { return }
        for (index, stage) in stages.enumerated() {
            let directory = stage.appending(place)
            guard (try? FileStatus(of: directory)) != nil else { continue }
            try sweep(directory, "", keeping: files[index])
            files[index] = []
        }
    }

    private func sweep(_ directory: FilePath, _ prefix: String, keeping kept: Set<String>) throws(FileError) {
        for entry in try DirectoryListing(of: directory).entries {
            let path = directory.appending(entry.name)
            if try FileStatus(of: path).kind == .directory {
                try sweep(path, "\(prefix)\(entry.name)/", keeping: kept)
                if try Self.names(in: path).isEmpty { try FileTree.removeDirectory(path) }
            } else if !kept.contains(prefix + entry.name) {
                try FileTree.remove(path)
            }
        }
    }

    private static func names(in path: FilePath) throws(FileError) -> [String] { try DirectoryListing(of: path).names }
}
