/// What `nodetool describecluster` says.
///
/// Source: org.apache.cassandra.tools.nodetool.DescribeCluster, 3.11 to 5.0.
struct NodetoolCluster {
    let name: String
    let partitioner: String
    /// Addresses by version, a UUID in lower case.
    let schemaVersions: [String: [String]]
    let unreachable: [String]

    init(_ output: String) throws(CassandraError) {
        var name: String?
        var partitioner: String?
        var versions: [String: [String]] = [:]
        var unreachable: [String] = []
        var isInVersions = false
        for line in NodetoolText.lines(of: output) {
            let words = NodetoolText.trimmed(line)
            if words == "Schema versions:" {
                isInVersions = true
            } else if isInVersions {
                // One line a version until a line that is none; between them may be empty ones, which are left out.
                guard let colon = words.firstRange(of: ": ["), words.hasSuffix("]") else {
                    isInVersions = false
                    continue
                }
                let addresses = words[colon.upperBound...].dropLast().split(separator: ",").map(NodetoolText.trimmed)
                let version = String(words[..<colon.lowerBound])
                if version == "UNREACHABLE" {
                    unreachable += addresses
                } else if NodetoolText.isUUID(version) {
                    versions[version.lowercased(), default: []] += addresses
                } else {
                    throw NodetoolText.malformed("describecluster", "a schema's version is \(version)")
                }
            } else if name == nil, let text = NodetoolText.after("Name: ", words) {
                name = text
            } else if partitioner == nil, let text = NodetoolText.after("Partitioner: ", words) {
                partitioner = text
            }
        }
        guard let name, !name.isEmpty else { throw NodetoolText.malformed("describecluster", "it tells no name") }
        guard let partitioner, !partitioner.isEmpty else {
            throw NodetoolText.malformed("describecluster", "it tells no partitioner")
        }
        guard !versions.isEmpty || !unreachable.isEmpty else {
            throw NodetoolText.malformed("describecluster", "it tells no version of the schema")
        }
        self.name = name
        self.partitioner = partitioner
        schemaVersions = versions
        self.unreachable = unreachable
    }
}
