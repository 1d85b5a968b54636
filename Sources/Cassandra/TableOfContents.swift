package import SystemPackage
internal import TransferEngine

/// The components that an SSTable has by its own account: `TOC.txt`, one name a line, in no order.
///
/// What is not listed may belong to the SSTable all the same: 5.0.1 leaves out `SAI+aa+PartitionToSize.db`.
///
/// Nor need there be one: a node of 4.0 has none for SSTables received whole from another, as `STREAM_COMPONENTS` in
/// org.apache.cassandra.db.streaming does not have it. Source: `SSTable.appendTOC` (3.11, 4.x),
/// org.apache.cassandra.io.sstable.format.TOCComponent (5.0).
package struct TableOfContents: Sendable, Hashable {
    package static let component = "TOC.txt"

    /// In the file's order; each once.
    package let components: [String]

    /// - Throws: `CassandraError` with code `.corrupt` if a line cannot be the name of a component.
    package init(_ bytes: some Sequence<UInt8>, of name: String) throws(CassandraError) {
        var components: [String] = []
        for line in Array(bytes).split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            guard let text = String(validating: line, as: UTF8.self), !line.contains(where: { $0 < 0x20 || $0 == 0x2F })
            else { throw CassandraError(.corrupt, "read the components in", name, "a line is not a component's name") }
            let component = text.trimmingSpaces()
            if !component.isEmpty, !components.contains(component) { components.append(component) }
        }
        self.components = components
    }

    /// Reads and parses the file; blocks.
    package init(_ path: FilePath) throws(CassandraError) {
        let bytes: [UInt8]
        do { bytes = try SmallFile.bytes(of: path) } catch {
            throw CassandraError("read the components in", path.string, error)
        }
        try self.init(bytes, of: path.string)
    }

    /// What is listed but not among `present` (names of components, as `Data.db`).
    package func missing(from present: some Collection<String>) -> [String] {
        components.filter { !present.contains($0) }
    }
}

extension String {
    fileprivate func trimmingSpaces() -> String {
        let rest = drop { $0 == " " || $0 == "\t" }
        guard let last = rest.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return String(rest[...last])
    }
}
