internal import SystemPackage
internal import Yams

/// A cassandra.yaml, as a tree with its places in the file.
struct ConfigurationYAML {
    let path: FilePath
    let text: String
    let root: Node

    /// - Throws: `CassandraError` with code `.invalid`, naming the line, for text that is no YAML, that has a key twice,
    ///   or whose root is no mapping. Never quotes the text, which has secrets.
    init(path: FilePath, text: String) throws(CassandraError) {
        self.path = path
        // libyaml takes a byte order mark for a character of the first line's.
        self.text = text.hasPrefix("\u{FEFF}") ? String(text.unicodeScalars.dropFirst()) : text
        do {
            root = try Yams.compose(yaml: self.text) ?? Node([:])
        } catch let error as YamlError {
            throw CassandraError(.invalid, Self.operation, path.string, Self.words(error))
        } catch {
            throw CassandraError(.invalid, Self.operation, path.string, "it is no YAML")
        }
        guard root.mapping != nil else {
            throw CassandraError(.invalid, Self.operation, path.string, "it is not a list of 'name: value' lines")
        }
    }

    static let operation = "use the configuration"

    private static func words(_ error: YamlError) -> String {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "line \(mark.line), column \(mark.column): \(problem)"
        case .duplicatedKeysInMapping(let names, let context):
            "\(names.sorted().map { "'\($0)'" }.joined(separator: ", ")) stands there more than once, in the list of "
                + "values that begins in line \(context.mark.line)"
        case .no, .memory, .reader, .writer, .emitter, .representer, .dataCouldNotBeDecoded: "it is no YAML"
        }
    }

    /// A value of the root; nil where there is none, or nothing after the colon.
    func node(_ key: String) -> Node? {
        guard let node = root.mapping?[Node(key)] else { return nil }
        if let scalar = node.scalar, scalar.style == .plain, ["", "~", "null", "Null", "NULL"].contains(scalar.string) {
            return nil
        }
        return node
    }

    func flaw(_ key: String, _ node: Node, _ reason: String) -> CassandraError {
        let place = node.mark.map { "line \($0.line): " } ?? ""
        return CassandraError(.invalid, Self.operation, path.string, "\(place)\(key) \(reason)")
    }
}
