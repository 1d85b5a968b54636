internal import TransferEngine

/// What `nodetool listsnapshots` says.
///
/// Source: org.apache.cassandra.tools.nodetool.ListSnapshots: five columns in 3.11 and 4.0, from 4.1 on two more with
/// times, of which the second may be blank. Columns are padded with blanks; a tag may have blanks within. So a row is
/// read from its end: times, two sizes of two words each, names without blanks; what is left is the tag.
enum NodetoolSnapshots {
    static func snapshots(_ output: String) throws(CassandraError) -> [NodeSnapshot] {
        var snapshots: [NodeSnapshot] = []
        var expirationColumn: Int?
        var sawHeader = false
        for line in NodetoolText.lines(of: output) {
            if line.hasPrefix("There are no snapshots") { return [] }
            if line.hasPrefix("Snapshot name ") {
                sawHeader = true
                expirationColumn = line.firstRange(of: "Expiration time").map {
                    line.distance(from: line.startIndex, to: $0.lowerBound)
                }
            } else if line.hasPrefix("Total TrueDiskSpaceUsed") {
                return snapshots
            } else if sawHeader, !line.allSatisfy(\.isWhitespace) {
                guard let snapshot = row(line, expirationColumn) else {
                    throw NodetoolText.malformed(
                        "listsnapshots",
                        "a line is \"\(PrintableName(String(line.prefix(200))))\""
                    )
                }
                snapshots.append(snapshot)
            }
        }
        throw NodetoolText.malformed("listsnapshots", "it is not whole")
    }

    private static func row(_ line: Substring, _ expirationColumn: Int?) -> NodeSnapshot? {
        var fields = line.split(whereSeparator: \.isWhitespace)
        var created: String?
        var expires: String?
        while let last = fields.last, isTime(last) {
            fields.removeLast()
            let column = line.distance(from: line.startIndex, to: last.startIndex)
            if let expirationColumn, column >= expirationColumn {
                expires = String(last)
            } else {
                created = String(last)
            }
        }
        guard fields.count >= 7, let size = size(fields.suffix(2).joined(separator: " ")),
            let trueSize = self.size(fields.dropLast(2).suffix(2).joined(separator: " "))
        else { return nil }
        let names = fields.dropLast(4)
        let (table, keyspace) = (names[names.endIndex - 1], names[names.endIndex - 2])
        let tag = NodetoolText.trimmed(line[..<keyspace.startIndex])
        guard !tag.isEmpty, SchemaName.isValid(keyspace) else { return nil }
        return NodeSnapshot(
            tag: tag,
            keyspace: String(keyspace),
            table: String(table),
            sizeOnDisk: size,
            trueSize: trueSize,
            created: created,
            expires: expires
        )
    }

    /// `2026-11-20T23:20:12.426Z`.
    private static func isTime(_ field: Substring) -> Bool {
        field.hasSuffix("Z") && field.utf8.count >= 20 && field.contains("T") && field.first?.isNumber == true
    }

    /// `11.08 KiB`, `0 bytes`; in the JVM's locale the point may be a comma.
    static func size(_ text: String) -> Int64? {
        let fields = text.split(separator: " ")
        guard fields.count == 2 else { return nil }
        let number = String(fields[0].map { $0 == "," ? "." : $0 })
        return ByteCount("\(number)\(fields[1] == "bytes" ? "B" : fields[1])")?.bytes
    }
}
