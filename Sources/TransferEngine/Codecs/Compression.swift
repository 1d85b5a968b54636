/// How blobs are compressed, as a user says it: `none`, `lz4`, `zstd`, `zstd:7` or `auto`.
package enum Compression: Sendable, Hashable, CustomStringConvertible {
    case none
    case lz4
    /// - Parameter level: 1 (fast) to 19 (small).
    case zstd(level: Int)
    /// zstd at its default level where a sample of the content promises a gain, nothing elsewhere.
    case auto

    /// The level that `zstd` alone means.
    ///
    /// On LZ4-compressed Data.db, level 1 saves nine tenths of what level 3 does, in a quarter of its CPU time.
    package static let defaultLevel = 1
    package static let levels = 1...19

    /// A compressed blob that is not smaller than this share of its content is stored plain: under 3 % is no gain.
    package static func worthwhile(_ count: Int) -> Int { count * 97 / 100 }

    package init?(_ text: String) {
        switch text {
        case "none": self = .none
        case "lz4": self = .lz4
        case "zstd": self = .zstd(level: Self.defaultLevel)
        case "auto": self = .auto
        default:
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0] == "zstd", let level = Int(parts[1]), Self.levels.contains(level) else {
                return nil
            }
            self = .zstd(level: level)
        }
    }

    package var description: String {
        switch self {
        case .none: "none"
        case .lz4: "lz4"
        case .zstd(let level): level == Self.defaultLevel ? "zstd" : "zstd:\(level)"
        case .auto: "auto"
        }
    }
}
