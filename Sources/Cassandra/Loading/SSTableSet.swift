/// One SSTable as it stands in a directory: all files whose names share its prefix.
package struct SSTableSet: Sendable, Hashable {
    /// What Cassandra cannot open an SSTable without, besides one of `indexes`.
    ///
    /// Source: `SSTableReader.openNoValidation` (3.11, 4.x), `SSTableFormat.primaryComponents` (5.0).
    private static let required = ["Data.db", "Statistics.db"]
    /// The primary index: of `big` and of `bti`.
    private static let indexes = ["Index.db", "Partitions.db"]
    /// What Cassandra makes anew from the index where it is missing.
    private static let dispensable: Set<String> = ["Summary.db", "Filter.db"]

    /// The name of one of its components; all others differ in the component alone.
    package let name: SSTableName
    /// Names of components, as `Data.db`, ascending bytewise, each once.
    package let components: [String]
    /// Components that are not there, though the SSTable cannot be without them or its `TOC.txt` lists them.
    package let missing: [String]

    /// - Parameter contents: what `TOC.txt` says; nil where there is none, as after a whole SSTable was streamed (4.0).
    init(name: SSTableName, components: [String], contents: TableOfContents?) {
        self.name = name
        self.components = components
        var missing = Self.required.filter { !components.contains($0) }
        if !Self.indexes.contains(where: components.contains) { missing.append(Self.index(of: name.format)) }
        for component in contents?.missing(from: components) ?? []
        where !missing.contains(component) && !Self.dispensable.contains(component) {
            missing.append(component)
        }
        self.missing = missing
    }

    /// What the names of all components begin with, before a dash: `nb-1-big`.
    package var prefix: String { name.prefix }
    package var isWhole: Bool { missing.isEmpty }

    /// `nb-1-big-Data.db`.
    package func fileName(_ component: String) -> String { "\(prefix)-\(component)" }

    /// The order in which names may appear in a directory that the node reads: the one that makes it an SSTable last.
    ///
    /// Without `Data.db` the others are orphans, which are not loaded. Source: `SSTable.rename`, `deleteOrphanedComponents`
    /// in `SortedTableScrubber` (5.0), `ColumnFamilyStore.scrubDataDirectories` (3.11, 4.x).
    package var placingOrder: [String] {
        components.filter { $0 != TableOfContents.component && $0 != "Data.db" }
            + [TableOfContents.component, "Data.db"].filter(components.contains)
    }

    private static func index(of format: SSTableName.Format) -> String {
        switch format {
        case .bti: "Partitions.db"
        case .big, .other: "Index.db"
        }
    }
}
