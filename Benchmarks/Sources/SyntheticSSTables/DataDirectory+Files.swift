internal import FoundationEssentials
internal import Glibc

/// Directories, links, and what lies in a snapshot beside SSTables.
extension DataDirectory {
    func makeDirectories(_ table: Int, tag: String) throws(GeneratorError) {
        let path = snapshotDirectory(table, tag: tag)
        do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch {
            throw GeneratorError("create", path, "\(error)")
        }
    }

    /// Numbers of SSTables, ascending.
    func numbers(in directory: String) throws(GeneratorError) -> [Int] {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: directory) } catch {
            throw GeneratorError("list", directory, "\(error)")
        }
        return names.compactMap { name in
            guard name.hasPrefix("nb-"), name.hasSuffix("-big-\(Component.data.rawValue)") else { return nil }
            return Int(name.dropFirst(3).prefix { $0 != "-" })
        }
        .sorted()
    }

    func link(_ number: Int, from: String, to: String) throws(GeneratorError) {
        for component in Component.allCases {
            let name = "nb-\(number)-big-\(component.rawValue)"
            guard unsafe Glibc.link("\(from)/\(name)", "\(to)/\(name)") == 0 else {
                throw GeneratorError("link", "\(to)/\(name)", unsafe String(cString: strerror(errno)))
            }
        }
    }

    func remove(_ number: Int, from directory: String) throws(GeneratorError) {
        for component in Component.allCases {
            let path = "\(directory)/nb-\(number)-big-\(component.rawValue)"
            guard unsafe unlink(path) == 0 else {
                throw GeneratorError("remove", path, unsafe String(cString: strerror(errno)))
            }
        }
    }

    /// Writes `manifest.json` and `schema.cql`, as Cassandra does with each snapshot of a table.
    func finishSnapshot(_ table: Int, tag: String) throws(GeneratorError) {
        let directory = snapshotDirectory(table, tag: tag)
        let names = try numbers(in: directory).map { "\"nb-\($0)-big-\(Component.data.rawValue)\"" }
        try OutputFile.write(
            Array("{\"files\":[\(names.joined(separator: ","))]}".utf8),
            to: "\(directory)/manifest.json"
        )
        let id = Array(tableDirectory(table).suffix(32))
        let uuid = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(id[$0]) }.joined(separator: "-")
        let schema = """
            CREATE TABLE IF NOT EXISTS \(shape.keyspace).\(shape.tableName)\(table) (
                id uuid,
                line int,
                customer uuid,
                note text,
                placed timestamp,
                status text,
                PRIMARY KEY (id, line)
            ) WITH ID = \(uuid)
                AND CLUSTERING ORDER BY (line ASC)
                AND compression = { 'chunk_length_in_kb': '16', 'class': 'org.apache.cassandra.io.compress.LZ4Compressor' };

            """
        try OutputFile.write(Array(schema.utf8), to: "\(directory)/schema.cql")
    }
}
