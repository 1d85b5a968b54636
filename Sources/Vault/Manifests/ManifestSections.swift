internal import TransferEngine

/// Parts of one manifest that were written one after another, each with its tables in order, as the one sequence of lines
/// that the manifest has.
///
/// Lines are taken as they stand; only those of tables are read. What is decompressed at one time is a little of each part.
struct ManifestSections: ~Copyable {
    private final class Section {
        var lines: CompressedLines
        var ahead: [UInt8]?
        /// Of the table that `ahead` begins; nil where it is a document, or the part is at its end.
        var table: String?

        init(_ body: [UInt8]) throws {
            lines = try CompressedLines(body)
            try advance()
        }

        func advance() throws {
            ahead = try lines.next()
            table = try ahead.flatMap { try ManifestSections.table($0) }
        }
    }

    private let sections: [Section]
    /// The one whose table is being gone through.
    private var current: Section?
    private var last: String?

    /// - Parameter bodies: compressed; documents stand in the first alone, before its tables.
    init(_ bodies: [[UInt8]]) throws { sections = try bodies.map { try Section($0) } }

    /// The next line without its newline; nil at the end.
    ///
    /// - Throws: `VaultError` if a table stands in two parts.
    mutating func next() throws -> [UInt8]? {
        if let current, let line = current.ahead, current.table == nil {
            try current.advance()
            return line
        }
        current = nil
        if let line = sections.first?.ahead, let first = sections.first, first.table == nil, last == nil {
            try first.advance()  // a document
            return line
        }
        var least: (section: Section, table: String)?
        for section in sections {
            guard let table = section.table else { continue }
            if let known = least, !table.utf8.lexicographicallyPrecedes(known.table.utf8) { continue }
            least = (section, table)
        }
        guard let (section, table) = least, let line = section.ahead else { return nil }
        if let last, !last.utf8.lexicographicallyPrecedes(table.utf8) {
            throw VaultError(.invalid, "write", "a manifest", "table \(table) stands in it twice")
        }
        last = table
        current = section
        try section.advance()
        return line
    }

    /// The path of the table whose line it is; nil for any other line.
    private static func table(_ line: [UInt8]) throws -> String? {
        guard line.starts(with: ManifestLine.tableStart) else { return nil }
        guard case .table(let table) = try ManifestLine(json: line.span) else { return nil }
        return table.path
    }
}
