package import SystemPackage
package import TransferEngine

/// Objects as files below one directory: a disk, or a network file system that many nodes mount.
///
/// A put writes a new file in `.ringvault-tmp`, syncs it, gives it its name in one step and syncs the directory: what a
/// killed process leaves behind has no object's name. Create-only is link(2), which never replaces a name.
package struct FileStore: ObjectStore {
    /// Where unfinished files lie; no object's key can begin with it.
    package static let temporaryName = ".ringvault-tmp"

    /// Seconds after which an unfinished file is taken for the remains of a killed process, if nothing else tells that it
    /// is: the writer of one holds a lock on it, which ends with the process.
    private static let abandonedAge: Int64 = 24 * 3600

    let root: FilePath
    let io: IOExecutor
    private let firstPut = FirstPut()
    private let upload: TokenBucket
    private let download: TokenBucket

    /// The most bytes that go in one call where there is a limit.
    private static let limitedStep = 1 << 20

    /// - Parameters:
    ///   - root: an absolute path; it is made at the first put.
    ///   - io: where the blocking calls run.
    ///   - upload: of what is written to objects; kept in small steps, as HTTP stores keep theirs.
    ///   - download: of what is read from objects.
    package init(
        root: FilePath,
        io: IOExecutor,
        upload: TokenBucket = TokenBucket(.unlimited),
        download: TokenBucket = TokenBucket(.unlimited)
    ) {
        self.root = root
        self.io = io
        self.upload = upload
        self.download = download
    }

    package var location: String { "file://\(root)" }

    package func put(
        _ body: borrowing BufferLease,
        at key: ObjectKey,
        _ condition: PutCondition,
        digest: SHA256Digest?
    ) async throws(StoreError) -> PutResult {
        let path = try path(of: key, "put")
        let directory = root.appending(Self.temporaryName)
        let isLimited = !upload.isUnlimited
        let begun = try await blocking("put", key) { () throws(FileError) -> Put in
            if condition == .onlyIfAbsent, Self.isObject(path) {
                try FileTree.syncDirectory(path.removingLastComponent())  // its writer may have been killed before it
                return .done(.existed)
            }
            let file = try Self.retryingMissing(directory) { () throws(FileError) in try Self.newTemporary(directory) }
            if firstPut.isNow() {
                // Compared by the file system's own clock: the machine's may be another on a mounted one.
                let now = (try? FileStatus(of: file.path).modified).map { $0 / 1_000_000_000 } ?? 0
                try? Self.sweep(directory, olderThan: Self.abandonedAge, now: now)
            }
            if isLimited { return .begun(file) }
            return .done(
                try Self.publish(file, at: path, condition) { () throws(FileError) in
                    try file.write(body.bytes, at: 0)
                }
            )
        }
        let file: WritableFile
        switch begun {
        case .done(let result): return result
        case .begun(let found): file = found
        }
        do throws(StoreError) {
            try await writeInSteps(body, to: file, key)
        } catch {
            await io.run { try? FileTree.remove(file.path) }
            throw error
        }
        return try await blocking("put", key) { () throws(FileError) in
            try Self.publish(file, at: path, condition) {}
        }
    }

    private enum Put: Sendable {
        case done(PutResult)
        /// An empty file is there, to be written and published.
        case begun(WritableFile)
    }

    private func writeInSteps(
        _ body: borrowing BufferLease,
        to file: WritableFile,
        _ key: ObjectKey
    ) async throws(StoreError) {
        let hasTurn: Bool
        do { hasTurn = try await upload.beginTurn() } catch { throw StoreError(.cancelled, "put", key) }
        defer { if hasTurn { upload.endTurn() } }
        var offset = 0
        while offset < body.count {
            let step = offset..<offset + min(upload.step(upTo: Self.limitedStep), body.count - offset)
            try await wait(upload, step.count, "put", key)
            try await blocking("put", key) { () throws(FileError) in
                try file.write(body.bytes.extracting(step), at: Int64(step.lowerBound))
            }
            offset = step.upperBound
        }
    }

    /// Gives an unfinished file its name once `body` has filled it; removes it where that fails.
    private static func publish(
        _ file: WritableFile,
        at path: FilePath,
        _ condition: PutCondition,
        filling body: () throws(FileError) -> Void
    ) throws(FileError) -> PutResult {
        do throws(FileError) {
            try body()
            try file.sync()
            file.dropCache()
            let parent = path.removingLastComponent()
            try retryingMissing(parent) { () throws(FileError) in
                switch condition {
                case .always: try FileTree.rename(file.path, to: path)
                case .onlyIfAbsent: try FileTree.link(file.path, to: path)
                }
            }
            if condition == .onlyIfAbsent { try FileTree.remove(file.path) }
            try FileTree.syncDirectory(parent)
            return .stored
        } catch {
            try? FileTree.remove(file.path)
            // Said by link(2), and of an object: a file where a directory is to be made "exists" too.
            if condition == .onlyIfAbsent, error.code == .exists, error.path == path {
                let kind = (try? FileStatus(of: path))?.kind
                if kind == .regular || kind == nil { return .existed }  // nil: deleted since
            }
            throw error
        }
    }

    package func get(
        _ key: ObjectKey,
        range: Range<Int64>?,
        into buffer: inout BufferLease
    ) async throws(StoreError) -> ObjectInfo {
        let path = try path(of: key, "get")
        let room = Int64(buffer.capacity - buffer.count)
        let file = try await blocking("get", key) { () throws(FileError) in
            do throws(FileError) {
                return try ReadableFile(path)
            } catch {
                // What is no regular file is no object, as `head` and `list` say.
                throw error.code == .notRegular ? FileError("open", path, .notFound) : error
            }
        }
        let size = file.status.size
        let wanted = range ?? 0..<size
        let clamped = min(wanted.lowerBound, size)..<min(wanted.upperBound, size)
        guard wanted.lowerBound <= size, Int64(clamped.count) <= room else {
            throw StoreError(.badRange, "get", key)
        }
        var offset = clamped.lowerBound
        repeat {
            var end = clamped.upperBound
            if !download.isUnlimited {
                end = min(end, offset + Int64(download.step(upTo: Self.limitedStep)))
                try await wait(download, Int(end - offset), "get", key)
            }
            let step = offset..<end
            do throws(FileError) {
                try await io.run { () throws(FileError) in
                    let residency = file.residency(of: step)
                    defer { file.evict(residency) }
                    file.prefetch(residency)
                    try file.read(step.count, at: step.lowerBound, into: &buffer)
                }
            } catch {
                throw Self.storeError(error, "get", key)
            }
            offset = end
        } while offset < clamped.upperBound
        return ObjectInfo(key: key, size: size, modified: file.status.modified / 1_000_000_000)
    }

    package func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? {
        let path = try path(of: key, "head")
        do throws(StoreError) {
            let status = try await blocking("head", key) { () throws(FileError) in try FileStatus(of: path) }
            guard status.kind == .regular else { return nil }
            return ObjectInfo(key: key, size: status.size, modified: status.modified / 1_000_000_000)
        } catch {
            if error.code == .notFound { return nil }
            throw error
        }
    }

    package func delete(_ key: ObjectKey) async throws(StoreError) {
        let path = try path(of: key, "delete")
        try await blocking("delete", key) { () throws(FileError) in
            do throws(FileError) {
                try FileTree.remove(path)
                try FileTree.syncDirectory(path.removingLastComponent())
            } catch {
                if error.code != .notFound { throw error }
            }
        }
    }

    package func list(prefix: String, from cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        let root = root
        // Ours is the last key of the page before.
        let after = cursor.flatMap { try? ObjectKey($0.text) }
        var walk = FileStoreWalk(prefix: prefix, after: after, limit: limit)
        do throws(FileError) {
            try await io.run { () throws(FileError) in try walk.visit(root, key: "") }
        } catch {
            throw Self.storeError(error, "list", prefix)
        }
        return walk.page
    }

    /// Removes what killed processes left of unfinished puts; the first put of a process does so as well.
    ///
    /// - Parameter age: seconds since the last write; a file younger than that may belong to a put under way.
    package func sweepTemporaries(olderThan age: Int64, now: Int64) async throws(StoreError) {
        let directory = root.appending(Self.temporaryName)
        do throws(FileError) {
            try await io.run { () throws(FileError) in try Self.sweep(directory, olderThan: age, now: now) }
        } catch {
            if error.code != .notFound { throw Self.storeError(error, "sweep", Self.temporaryName) }
        }
    }

    private static func sweep(_ directory: FilePath, olderThan age: Int64, now: Int64) throws(FileError) {
        for name in try DirectoryListing(of: directory).names {
            let path = directory.appending(name)
            guard let status = try? FileStatus(of: path), status.kind == .regular else { continue }
            let isAbandoned = name.hasPrefix(TemporaryName.ownPrefix) && (try? FileTree.isLocked(path)) == false
            if isAbandoned || status.modified / 1_000_000_000 + age < now { try FileTree.remove(path) }
        }
    }

    /// Makes an unfinished file, and locks it for as long as it is open.
    private static func newTemporary(_ directory: FilePath) throws(FileError) -> WritableFile {
        while true {
            let file = try WritableFile(directory.appending(TemporaryName.next()), creation: .mustBeNew)
            // Another process may sweep between the two calls, and take it for an abandoned one.
            do throws(FileError) {
                try file.lock()
            } catch {
                guard error.code == .exists else { return file }  // no locks here: its age tells
                continue
            }
            if try file.status().linkCount > 0 { return file }
        }
    }

    private func path(of key: ObjectKey, _ operation: String) throws(StoreError) -> FilePath {
        guard key.segments.first != Self.temporaryName[...] else { throw StoreError(.refused, operation, key) }
        return root.appending(key.segments.map { FilePath.Component(String($0)) }.compactMap(\.self))
    }

    private static func isObject(_ path: FilePath) -> Bool { (try? FileStatus(of: path))?.kind == .regular }

    /// Runs `body`; where the directory it needs is missing, makes that and runs it again.
    private static func retryingMissing<Value>(
        _ directory: FilePath,
        _ body: () throws(FileError) -> Value
    ) throws(FileError) -> Value {
        do throws(FileError) {
            return try body()
        } catch {
            guard error.code == .notFound else { throw error }
            try FileTree.makeDirectories(directory, isDurable: true)
            return try body()
        }
    }

    private func wait(
        _ limit: TokenBucket,
        _ bytes: Int,
        _ operation: String,
        _ key: ObjectKey
    ) async throws(StoreError) {
        do {
            try await limit.take(bytes)
        } catch {
            throw StoreError(.cancelled, operation, key)
        }
    }

    private func blocking<Value: Sendable>(
        _ operation: String,
        _ key: ObjectKey,
        _ body: () throws(FileError) -> Value
    ) async throws(StoreError) -> Value {
        do throws(FileError) {
            return try await io.run(body)
        } catch {
            throw Self.storeError(error, operation, key.description)
        }
    }
}
