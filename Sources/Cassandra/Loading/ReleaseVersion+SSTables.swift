extension ReleaseVersion {
    /// Whether nodes of the release open an SSTable of that name's version, format and id.
    ///
    /// True for releases after those that are known here: the node itself looks at every SSTable it is given.
    /// Source: `isCompatible` and `earliest_supported_version` of `BigFormat.BigVersion` (3.11: jb to m?, 4.0 and 4.1: ma to n?,
    /// 5.0: ma to o?) and `BtiFormat.BtiVersion` (5.0: da to d?); UUIDs as ids: CASSANDRA-17048, 4.1.
    package func opens(_ name: SSTableName) -> Bool {
        guard isKnown else { return true }
        if case .uuid = name.id, !isAtLeast(4, 1) { return false }
        switch name.format {
        case .big: return name.version >= (isAtLeast(4, 0) ? "ma" : "jb") && name.version.prefix(1) <= newestBig
        case .bti: return isAtLeast(5, 0) && name.version.prefix(1) == "d"
        case .other: return false
        }
    }

    private var isKnown: Bool { !isAtLeast(5, 1) }

    /// The first letter of the version that it writes.
    private var newestBig: Substring {
        if isAtLeast(5, 0) { return "o" }
        return isAtLeast(4, 0) ? "n" : "m"
    }
}
