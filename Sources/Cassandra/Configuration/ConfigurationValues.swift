internal import SystemPackage
internal import Yams

/// Values of a cassandra.yaml by their kinds.
struct ConfigurationValues {
    let yaml: ConfigurationYAML
    let variables: ConfigurationVariables

    func string(_ key: String) throws(CassandraError) -> String? {
        guard let node = yaml.node(key) else { return nil }
        return try string(key, node)
    }

    func integer(_ key: String) throws(CassandraError) -> Int? {
        guard let node = yaml.node(key) else { return nil }
        let text = try string(key, node)
        guard let number = Int(text), number >= 0 else { throw yaml.flaw(key, node, "is '\(text)', not a number") }
        return number
    }

    func flag(_ key: String) throws(CassandraError) -> Bool? {
        guard let node = yaml.node(key) else { return nil }
        let text = try string(key, node)
        switch text.lowercased() {
        case "true", "yes", "on", "y": return true
        case "false", "no", "off", "n": return false
        default: throw yaml.flaw(key, node, "is '\(text)', neither true nor false")
        }
    }

    func directory(_ key: String) throws(CassandraError) -> FilePath? {
        guard let node = yaml.node(key) else { return nil }
        return try directory(key, node)
    }

    /// A list of directories, each once.
    func directories(_ key: String) throws(CassandraError) -> [FilePath]? {
        guard let node = yaml.node(key) else { return nil }
        guard let elements = node.sequence else { throw yaml.flaw(key, node, "is not a list") }
        var paths: [FilePath] = []
        for element in elements {
            let path = try directory(key, element)
            guard !paths.contains(path) else { throw yaml.flaw(key, element, "names \(path) twice") }
            paths.append(path)
        }
        return paths.isEmpty ? nil : paths
    }

    private func directory(_ key: String, _ node: Node) throws(CassandraError) -> FilePath {
        let text = try string(key, node)
        let path = FilePath(text).lexicallyNormalized()
        guard path.isAbsolute else {
            throw yaml.flaw(key, node, "is '\(text)', which is relative to where Cassandra was started")
        }
        return path
    }

    private func string(_ key: String, _ node: Node) throws(CassandraError) -> String {
        guard let scalar = node.scalar else { throw yaml.flaw(key, node, "is a list, where one value is expected") }
        do {
            return try variables.resolve(scalar.string)
        } catch {
            throw yaml.flaw(key, node, "needs the environment variable \(error.name), which is not set")
        }
    }
}
