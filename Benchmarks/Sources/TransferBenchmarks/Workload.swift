/// One part of a run: who is measured at what.
enum Workload: String, Sendable, Codable, CaseIterable {
    /// Backup and restore of a few large files, from directory to directory.
    case large
    /// The same with many small files.
    case small
    /// Large files to an HTTP server on this machine.
    case upload
    /// Large files to a store that lets every request wait.
    case latency
    /// A second backup after a little has changed, and a third after nothing has.
    case incremental

    static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

    var title: String {
        switch self {
        case .large: "Large files"
        case .small: "Small files"
        case .upload: "Upload over HTTP"
        case .latency: "A distant store"
        case .incremental: "What changes"
        }
    }
}
