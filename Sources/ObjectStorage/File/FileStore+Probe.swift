internal import SystemPackage
internal import TransferEngine

extension FileStore: StoreProbe {
    package var probe: (any StoreProbe)? { self }

    package var transport: StoreTransport { .files }

    package var deletesInBatches: Bool { false }

    package func putOnlyIfAbsent(_ bytes: [UInt8], at key: ObjectKey) async throws(StoreError) -> PutResult? {
        try await put(document: bytes, at: key, .onlyIfAbsent)
    }

    package func uploadChecks(at key: ObjectKey) async throws(StoreError) -> [UploadCheck] { [] }

    package func clockDifference(askingFor key: ObjectKey) async throws(StoreError) -> Int64? { nil }

    package func tidier(for segment: String) async -> @Sendable () async -> Void {
        let (root, io) = (root, io)
        let missing = await Self.answer(io) { () throws(FileError) in
            Self.missing(root.appending(Self.temporaryName))
        }
        return {
            _ = await Self.answer(io) { () throws(FileError) in
                Self.removeEmpty(root.appending(segment))
                // Lowest first; the system keeps those that someone has filled since.
                for directory in missing ?? [] { try FileTree.removeDirectory(directory) }
            }
        }
    }

    private static func answer<Value: Sendable>(
        _ io: IOExecutor,
        _ body: () throws(FileError) -> Value
    ) async -> Value? {
        do throws(FileError) {
            return try await io.run(body)
        } catch {
            return nil
        }
    }

    /// `path` and those above it that are not there, the lowest first.
    private static func missing(_ path: FilePath) -> [FilePath] {
        var missing: [FilePath] = []
        var path = path
        while !path.isEmpty, (try? FileStatus(of: path, followingLinks: true)) == nil {
            missing.append(path)
            guard path.removeLastComponent() else { break }
        }
        return missing
    }

    /// Removes the directories from `path` on downwards that hold nothing but directories.
    private static func removeEmpty(_ path: FilePath) {
        for name in (try? DirectoryListing(of: path).names) ?? [] {
            let below = path.appending(name)
            if (try? FileStatus(of: below))?.kind == .directory { removeEmpty(below) }
        }
        try? FileTree.removeDirectory(path)
    }
}
