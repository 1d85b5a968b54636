/// What `nodetool describering` says.
///
/// Source: org.apache.cassandra.tools.nodetool.DescribeRing, 3.11 to 5.0, which prints Thrift's
/// `TokenRange(start_token:…, end_token:…, endpoints:[…], …)`, one a line.
enum NodetoolRanges {
    /// Ascending by where they begin.
    static func ranges(_ output: String) throws(CassandraError) -> [TokenRange] {
        var ranges: [TokenRange] = []
        var sawHeader = false
        for line in NodetoolText.lines(of: output) {
            let words = NodetoolText.trimmed(line)
            if words == "TokenRange:" {
                sawHeader = true
            } else if words.hasPrefix("TokenRange(") {
                guard let start = value("(start_token:", ",", words), let end = value(", end_token:", ",", words),
                    let endpoints = value(", endpoints:[", "]", words), words.hasSuffix(")")
                else {
                    throw NodetoolText.malformed(
                        "describering",
                        "a line is \"\(PrintableName(String(words.prefix(200))))\""
                    )
                }
                ranges.append(
                    TokenRange(
                        start: start,
                        end: end,
                        endpoints: endpoints.split(separator: ",").map(NodetoolText.trimmed)
                    )
                )
            }
        }
        guard sawHeader, !ranges.isEmpty else { throw NodetoolText.malformed("describering", "it lists no range") }
        return ranges.sorted { Token.precedes($0.start, $1.start) }
    }

    private static func value(_ mark: String, _ end: Character, _ line: String) -> String? {
        guard let start = line.firstRange(of: mark)?.upperBound, let stop = line[start...].firstIndex(of: end) else {
            return nil
        }
        return NodetoolText.trimmed(line[start..<stop])
    }
}
