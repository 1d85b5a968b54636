internal import FoundationEssentials

/// How a result is printed.
///
/// A new format is a compile error here until every result has it.
enum Output: String, Sendable {
    case table
    case json

    func print(_ result: some Renderable) throws {
        switch self {
        case .table: Swift.print(result.text, terminator: "")
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            Swift.print(String(decoding: try encoder.encode(result.json), as: UTF8.self))
        }
    }
}

/// A command's result, for people and for programs.
protocol Renderable {
    associatedtype JSON: Encodable
    /// Stable names; a member is added, never changed in meaning.
    var json: JSON { get }
    /// Whole lines, each ended by a newline.
    var text: String { get }
}
