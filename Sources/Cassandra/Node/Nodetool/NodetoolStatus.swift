/// What `nodetool status` says of the nodes of the ring.
///
/// Source: org.apache.cassandra.tools.nodetool.Status, 3.11 to 5.0. Columns are padded with blanks, and a load, a rack and
/// a data center may have blanks within. The host id is the fixed point: left of it stand two letters, the address and
/// what is of no use here; right of it the rack, or, while every node has one token, that token and the rack.
enum NodetoolStatus {
    static func members(_ output: String) throws(CassandraError) -> [RingState.Member] {
        var members: [RingState.Member] = []
        var datacenter: String?
        var tokenIsBeforeRack = false
        for line in NodetoolText.lines(of: output) {
            if let name = NodetoolText.after("Datacenter: ", line) {
                datacenter = name
            } else if line.hasPrefix("--  ") {
                tokenIsBeforeRack = line.split(whereSeparator: \.isWhitespace).contains("Token")
            } else if let row = try Row(line, tokenIsBeforeRack: tokenIsBeforeRack) {
                guard let datacenter else {
                    throw NodetoolText.malformed("status", "a node stands under no data center")
                }
                members.append(row.member(of: datacenter))
            }
        }
        guard !members.isEmpty else { throw NodetoolText.malformed("status", "it lists no node") }
        return members
    }

    private struct Row {
        private let marks: [Character]
        private let address: String
        private let hostID: String?
        private let rack: String?

        /// Nil for a line that is no node's.
        init?(_ line: Substring, tokenIsBeforeRack: Bool) throws(CassandraError) {
            let fields = line.split(whereSeparator: \.isWhitespace)
            guard let first = fields.first, first.count == 2, line.first == first.first else { return nil }
            marks = Array(first)
            guard "UD?".contains(marks[0]), "NLJM".contains(marks[1]) else { return nil }
            let odd = NodetoolText.malformed("status", "a line is \"\(PrintableName(String(line.prefix(200))))\"")
            guard fields.count >= 6 else { throw odd }
            address = String(fields[1])
            // Address, load, tokens, owns, host id, and after it the rack; a load of "?" has no unit.
            guard let place = fields.firstIndex(where: { NodetoolText.isUUID($0) || $0 == "null" }), place >= 3 else {
                throw odd
            }
            hostID = NodetoolText.isUUID(fields[place]) ? fields[place].lowercased() : nil
            let skipped = tokenIsBeforeRack ? place + 1 : place
            guard skipped < fields.count else { throw odd }
            let rack = NodetoolText.trimmed(line[fields[skipped].endIndex...])
            self.rack = rack.isEmpty ? nil : rack
        }

        func member(of datacenter: String) -> RingState.Member {
            let state: RingState.Member.State =
                switch marks[1] {
                case "N": .normal
                case "L": .leaving
                case "J": .joining
                case "M": .moving
                default: .unknown
                }
            return RingState.Member(
                address: address,
                hostID: hostID,
                datacenter: datacenter,
                rack: rack,
                isUp: marks[0] == "U",
                state: state
            )
        }
    }
}
