/// What is asked of a contender.
enum Job: String, Sendable, Codable, CaseIterable {
    case backup
    /// Once more, with nothing changed.
    case unchanged = "unchanged backup"
    /// Once more, after SSTables of 1 % of the bytes were added.
    case changed = "1 % changed backup"
    /// Reading back and hashing all that is stored.
    case verify
    /// Looking whether all is there, reading no content.
    case look
    case restore
    case upload
    case list
    /// Only what it takes to start and to say a version.
    case start
}
