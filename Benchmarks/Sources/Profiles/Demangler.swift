internal import FoundationEssentials
internal import Programs

/// Makes mangled names of Swift readable, by `swift demangle`, and short.
package struct Demangler: Sendable {
    private let names: [String: String]

    /// - Parameters:
    ///   - symbols: mangled or not; what is not Swift's stays as it is.
    ///   - directory: where a file may lie for a moment.
    package init(_ symbols: Set<String>, directory: String) {
        let mangled = symbols.filter { $0.hasPrefix("$s") || $0.hasPrefix("$S") }.sorted()
        let file = directory + "/symbols"
        let text = mangled.joined(separator: "\n") + "\n"
        guard !mangled.isEmpty, (try? text.write(toFile: file, atomically: false, encoding: .utf8)) != nil,
            let answer = try? Program(["sh", "-c", "exec swift demangle --simplified < \"$1\"", "sh", file]).run(),
            answer.status == 0
        else {
            names = [:]
            return
        }
        let lines = answer.text.split(separator: "\n", omittingEmptySubsequences: false)
        names = Dictionary(zip(mangled, lines.map { Self.short(String($0)) })) { first, _ in first }
    }

    package func name(of frame: Sample.Frame) -> String {
        guard let symbol = frame.symbol else { return "[\(frame.library)]" }
        return names[symbol] ?? symbol
    }

    /// Without what the compiler adds to a function's name for its parts: those are the same function to a reader.
    static func short(_ name: String) -> String {
        var name = Substring(name)
        if name.hasPrefix("("), let end = name.firstIndex(of: ")"), let of = name.firstRange(of: " for ") {
            if end < of.lowerBound { name = name[of.upperBound...] }
        }
        for prefix in ["partial apply for ", "partial apply forwarder for ", "@objc ", "merged ", "specialized "] {
            if name.hasPrefix(prefix) { name = name.dropFirst(prefix.count) }
        }
        // A closure is known by the function that it stands in.
        if name.hasPrefix("closure #"), let of = name.firstRange(of: " in ") {
            name = "closure in " + name[of.upperBound...]
        }
        return name.count > 100 ? name.prefix(99) + "…" : String(name)
    }
}

extension Substring {
    fileprivate func firstRange(of text: String) -> Range<Index>? {
        var place = startIndex
        while place < endIndex {
            if self[place...].hasPrefix(text) { return place..<index(place, offsetBy: text.count) }
            place = index(after: place)
        }
        return nil
    }
}
