/// What was met and left out, in words for the user: the first few, and the number of the others.
package struct Warnings: Sendable, Hashable {
    /// Texts kept; a directory of a million odd files must not fill the memory.
    package static let limit = 20

    package private(set) var texts: [String] = []
    /// How many more there were.
    package private(set) var omitted = 0

    package init() {}

    package var isEmpty: Bool { texts.isEmpty }
    package var count: Int { texts.count + omitted }

    package mutating func add(_ text: @autoclosure () -> String) {
        if texts.count < Self.limit {
            texts.append(text())
        } else {
            omitted += 1
        }
    }

    package mutating func add(_ others: Warnings) {
        for text in others.texts { add(text) }
        omitted += others.omitted
    }
}
