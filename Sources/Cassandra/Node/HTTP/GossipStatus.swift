/// What a node's status in gossip means.
///
/// Source: `VersionedValue.STATUS_*` in org.apache.cassandra.gms.VersionedValue, 3.11 to 5.0: a word, a comma and more.
enum GossipStatus {
    private static func word(_ status: String) -> String {
        String(status.prefix { $0 != "," }).uppercased()
    }

    static func mode(_ status: String) -> NodeMode {
        switch word(status) {
        case "NORMAL": .normal
        case "BOOT", "BOOT_REPLACE": .joining
        case "LEAVING": .leaving
        case "LEFT": .decommissioned
        case "MOVING": .moving
        // A node says so of itself when it is drained, and others of one that is stopped.
        case "SHUTDOWN": .drained
        default: .other(status)
        }
    }

    static func state(_ status: String) -> RingState.Member.State {
        switch word(status) {
        case "NORMAL", "SHUTDOWN": .normal
        case "BOOT", "BOOT_REPLACE": .joining
        case "LEAVING": .leaving
        case "MOVING": .moving
        default: .unknown
        }
    }

    /// No member of the ring any more; gossip remembers it for some days.
    static func isGone(_ status: String) -> Bool {
        ["LEFT", "REMOVED", "REMOVING"].contains(word(status))
    }
}
