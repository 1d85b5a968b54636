internal import FoundationEssentials
package import SystemPackage
internal import TransferEngine
package import Vault

/// How far a restore into a node is, on disk before the next step begins: what guards the steps that move or truncate.
///
/// Lines of JSON in the restore's own directory, so that the journal goes where the data go. The first is the header;
/// each further one is a step that is done, and is synced before `note` returns. A line that was torn by a crash was not
/// acted upon, and is cut off; any other damage is an error, since a step must not be guessed.
package final class RestoreJournal: Sendable {
    /// What the restore is: a run that goes on must have been asked for the same.
    package struct Header: Sendable, Hashable, Codable {
        package var type = "restore"
        package var version = 1
        package var id: RestoreID
        package var strategy: RestoreStrategy
        package var cluster: String
        package var backup: String
        package var hostId: String
        /// By option.
        package var options: [String: String]

        package init(_ request: RestoreRequest, _ selection: RestoreSelection, id: RestoreID) {
            self.id = id
            strategy = request.strategy
            cluster = selection.header.cluster
            backup = selection.header.backup
            hostId = selection.header.hostId.description
            options = request.options
        }
    }

    /// One step that is done.
    package struct Record: Sendable, Hashable, Codable {
        package var stage: RestoreStage
        /// `shop.orders`, for steps that go by table.
        package var table: String?
        /// What the step has brought and later ones need: the tag of a snapshot.
        package var facts: [String: String]?
        package var time: Timestamp
    }

    private struct State {
        var records: [Record]
        /// Bytes of the file that are whole lines.
        var length: Int64
    }

    package let header: Header
    package let path: FilePath
    private let file: WritableFile
    private let state: ThreadLock<State>
    /// Called before each step is written, for tests: a fault at every step.
    private let beforeNote: (@Sendable (Record) throws -> Void)?

    private init(
        _ header: Header,
        _ path: FilePath,
        _ file: WritableFile,
        _ state: State,
        _ beforeNote: (@Sendable (Record) throws -> Void)?
    ) {
        self.header = header
        self.path = path
        self.file = file
        self.state = ThreadLock(state)
        self.beforeNote = beforeNote
    }

    /// Opens the journal, or begins it with `header` and the step `planned`; blocks.
    ///
    /// - Throws: `RunError` with code `.conflict` where the journal is of a restore with other options, `.failed` where it
    ///   is damaged; `FileError`.
    package static func open(
        _ folders: RestoreFolders,
        _ header: Header,
        beforeNote: (@Sendable (Record) throws -> Void)? = nil
    ) throws -> RestoreJournal {
        try folders.make()
        let path = folders.journal
        if let journal = try existing(path, beforeNote: beforeNote) {
            try journal.header.checkSame(as: header)
            return journal
        }
        let new = FilePath(path.string + ".new")
        try FileTree.remove(new)  // of a run that was killed here
        let file = try WritableFile(new, creation: .mustBeNew)
        let line = try Self.line(header)
        try file.write(line.span, at: 0)
        try file.sync()
        try FileTree.rename(new, to: path)
        try FileTree.syncDirectory(path.removingLastComponent())
        let state = State(records: [], length: Int64(line.count))
        let journal = RestoreJournal(header, path, file, state, beforeNote)
        try journal.note(.planned)
        return journal
    }

    /// Opens a journal that is there, to go on with it; nil if there is none.
    ///
    /// Blocks.
    package static func existing(
        _ path: FilePath,
        beforeNote: (@Sendable (Record) throws -> Void)? = nil
    ) throws -> RestoreJournal? {
        guard let content = try Content(of: path) else { return nil }
        let file = try WritableFile(path, creation: .orReopen)
        try file.resize(content.length)
        return RestoreJournal(
            content.header,
            path,
            file,
            State(records: content.records, length: content.length),
            beforeNote
        )
    }

    package var records: [Record] { state.withLock { $0.records } }

    /// The last step that is done.
    package var stage: RestoreStage { state.withLock { $0.records.last?.stage ?? .planned } }

    /// Whether that step is done, of that table.
    package func has(_ stage: RestoreStage, table: String? = nil) -> Bool { record(stage, table: table) != nil }

    package func record(_ stage: RestoreStage, table: String? = nil) -> Record? {
        records.last { $0.stage == stage && $0.table == table }
    }

    /// Notes that a step is done; it is on disk when this returns.
    ///
    /// Blocks.
    package func note(_ stage: RestoreStage, table: String? = nil, facts: [String: String]? = nil) throws {
        let record = Record(stage: stage, table: table, facts: facts, time: .now)
        try beforeNote?(record)
        let line = try Self.line(record)
        try state.withLock { state in
            try file.write(line.span, at: state.length)
            try file.sync()
            state.length += Int64(line.count)
            state.records.append(record)
        }
    }

    private static func line(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value)) + [0x0A]
    }

    /// What a journal says, without opening it for more; nil if there is none.
    package struct Content: Sendable {
        package let header: Header
        package let records: [Record]
        /// Bytes of whole lines.
        let length: Int64

        package var stage: RestoreStage { records.last?.stage ?? .planned }

        /// Blocks.
        package init?(of path: FilePath) throws {
            guard (try? FileStatus(of: path)) != nil else { return nil }
            let bytes = try SmallFile.bytes(of: path, limit: 256 << 20)
            func damaged(_ reason: String, _ cause: (any Error)? = nil) -> RunError {
                RunError(.failed, "read the journal", "\(path)", reason, cause: cause)
            }
            guard let end = bytes.lastIndex(of: 0x0A) else { throw damaged("it has no whole line") }
            let decoder = JSONDecoder()
            let lines = bytes[..<end].split(separator: 0x0A)
            guard let first = lines.first, let header = try? decoder.decode(Header.self, from: Data(first)),
                header.type == "restore"
            else { throw damaged("its first line is no header") }
            guard header.version <= 1 else { throw damaged("a later ringvault has written it") }
            self.header = header
            do {
                records = try lines.dropFirst().map { try decoder.decode(Record.self, from: Data($0)) }
            } catch {
                throw damaged("a line of it cannot be read, so nobody can say how far the restore is", error)
            }
            length = Int64(end + 1)
        }
    }
}

extension RestoreJournal.Header {
    /// - Throws: `RunError` with code `.conflict`, naming the first option that differs.
    func checkSame(as wanted: Self) throws(RunError) {
        for name in Set(options.keys).union(wanted.options.keys).sorted() where options[name] != wanted.options[name] {
            throw RunError(
                .conflict,
                "go on with the restore",
                "\(id)",
                "it was begun with \(Self.text(name, options[name])), and is now asked for with "
                    + "\(Self.text(name, wanted.options[name])): ask for the same, or undo it first"
            )
        }
    }

    private static func text(_ name: String, _ value: String?) -> String {
        value.map { "--\(name) \($0)" } ?? "no --\(name)"
    }
}
