/// How many requests of each method a server got.
struct Requests: Sendable, Codable, Equatable {
    private(set) var counts: [String: Int] = [:]

    init() {}

    /// - Parameter text: lines of `uniq -c`: `  12 HEAD`.
    init(counted text: String) {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, let count = Int(words[0]) { counts[String(words[1])] = count }
        }
    }

    var total: Int { counts.values.reduce(0, +) }

    /// `12 HEAD, 130 PUT`.
    var text: String {
        counts.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(
            separator: ", "
        )
    }

    mutating func add(_ method: String) { counts[method, default: 0] += 1 }

    static func - (left: Requests, right: Requests) -> Requests {
        var difference = left
        for (method, count) in right.counts { difference.counts[method, default: 0] -= count }
        return difference
    }
}
