/// How `NodeControl.importSSTables` loads, in the words of `nodetool import`; the defaults are Cassandra's.
package struct ImportOptions: Sendable, Hashable {
    /// The SSTables keep their level of leveled compaction; reset to 0 otherwise.
    package var keepsLevel = false
    /// They stay repaired; unrepaired otherwise.
    package var keepsRepaired = false
    /// The directories stay as they are; otherwise the files are moved out of them.
    package var copies = false
    /// Checks each SSTable before it is loaded.
    package var verifies = true
    /// Checks every value too.
    package var verifiesValues = false
    /// Refuses SSTables with tokens that are not this node's.
    package var verifiesTokens = true
    package var invalidatesCaches = true

    package init() {}
}
