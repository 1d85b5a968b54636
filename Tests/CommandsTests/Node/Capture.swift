import SystemPackage
import TestSupport
import TransferEngine

/// One call of a real node's `nodetool` or `cqlsh`, and what it answered.
struct Capture {
    /// `snapshot-existing-tag`.
    let name: String
    let program: String
    let arguments: [String]
    let status: Int32
    let output: String
    let errors: String
    /// What the node was: `up`, `drained` or `down`.
    let state: String

    /// All of one folder, `nodetool` or `cql`, that were made on the node as it is in the fixtures.
    static func all(_ folder: String, _ version: String) throws -> [Capture] {
        let directory = StandInNode.fixtures.appending("cassandra/\(version)/\(folder)")
        return try SmallFile.text(of: directory.appending("index.tsv")).split(separator: "\n").dropFirst().compactMap {
            let fields = $0.split(separator: "\t").map(String.init)
            let name = String(fields[0].dropLast(4))
            let words = words(of: fields[3])
            let output = try? SmallFile.text(of: directory.appending("\(name).txt"), limit: 1 << 20)
            // The schema of daily-1 is not that of the end; the largest outputs are not in the fixtures.
            guard !name.hasPrefix("daily-1"), let output else { return nil }
            return Capture(
                name: name,
                program: words[0],
                arguments: Array(words.dropFirst()),
                status: Int32(fields[1]) ?? -1,
                output: output,
                errors: (try? SmallFile.text(of: directory.appending("\(name).err"), limit: 1 << 20)) ?? "",
                state: name.hasPrefix("drained") ? "drained" : name.hasPrefix("dead") ? "down" : "up"
            )
        }
    }

    /// Words of a shell's line, with its two kinds of quotes.
    private static func words(of line: String) -> [String] {
        var words = [""]
        var quote: Character?
        for character in line {
            if let current = quote {
                if character == current { quote = nil } else { words[words.count - 1].append(character) }
            } else if character == "\"" || character == "'" {
                quote = character
            } else if character == " " {
                words.append("")
            } else {
                words[words.count - 1].append(character)
            }
        }
        return words.filter { !$0.isEmpty }
    }
}
