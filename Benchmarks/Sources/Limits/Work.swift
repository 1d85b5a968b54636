/// What a program has to do at least to get a job done: which stages, for how many bytes and files.
package struct Work: Sendable, Hashable {
    package struct Part: Sendable, Hashable {
        package let stage: Stage
        /// Bytes or files, as the stage counts.
        package let amount: Int
    }

    package let name: String
    package let parts: [Part]

    private init(_ name: String, _ parts: [(Stage, Int)]) {
        self.name = name
        self.parts = parts.filter { $0.1 > 0 }.map { Part(stage: $0.0, amount: $0.1) }
    }

    /// A backup without compression to a server on this machine.
    package static func upload(content: Int, files: Int = 0) -> Work {
        Work(
            "read, hash, send",
            [(.openFile, files), (.read, content), (.sha256, content), (.crc32, content), (.send, content)]
        )
    }

    /// A backup into a directory.
    ///
    /// - Parameters:
    ///   - stored: bytes that were written.
    ///   - compression: nil, `.zstd` or `.lz4`.
    package static func backup(content: Int, stored: Int, compression: Stage?, files: Int = 0) -> Work {
        let compressing = compression.map { [($0, content)] } ?? []
        return Work(
            compression == nil ? "read, hash, write" : "read, hash, compress, write",
            [(.openFile, files), (.read, content), (.sha256, content), (.crc32, content)] + compressing
                + [(.write, stored)]
        )
    }

    /// A restore from a directory.
    ///
    /// - Parameters:
    ///   - stored: bytes that were read.
    ///   - compression: as in `backup`.
    package static func restore(content: Int, stored: Int, compression: Stage?, files: Int = 0) -> Work {
        let decompressing: [(Stage, Int)] =
            switch compression {
            case .zstd?: [(.unzstd, content)]
            case .lz4?: [(.unlz4, content)]
            default: []
            }
        return Work(
            compression == nil ? "read, hash, write" : "read, decompress, hash, write",
            [(.read, stored)] + decompressing + [(.sha256, content), (.write, content), (.createFile, files)]
        )
    }

    /// A backup in which nothing has changed: every file is looked at, none is opened.
    package static func unchanged(files: Int) -> Work { Work("list", [(.listFile, files)]) }
}
