internal import TransferEngine

/// What tasks did, in the order they did it.
package final class Recorder<Element: Sendable>: Sendable {
    private let elements = ThreadLock<[Element]>([])

    package init() {}

    package var all: [Element] { elements.withLock { $0 } }
    package var count: Int { elements.withLock { $0.count } }

    package func add(_ element: Element) { elements.withLock { $0.append(element) } }
}
