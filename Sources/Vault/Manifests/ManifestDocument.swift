/// A text that a backup keeps of its node beside the files: its schema, its settings, its place in the ring.
///
/// Its line stands between the header and the first table.
package struct ManifestDocument: Sendable, Hashable {
    /// Bytes of UTF-8 that all documents of a manifest have together, at most.
    package static let mostBytes = 64 << 20
    /// Documents of a manifest, at most.
    package static let mostDocuments = 256

    /// A file's name, such as `schema.cql`; each once in a manifest.
    package let name: String
    package let text: String

    package init(name: String, text: String) {
        self.name = name
        self.text = text
    }
}

extension ManifestDocument {
    /// What Ringvault itself writes; a manifest may have others.
    ///
    /// The schema as a model, for comparison, and as the statements that make it.
    package static let schema = "schema.json"
    package static let statements = "schema.cql"
    /// `CREATE ROLE` and grants, where they were asked for.
    package static let roles = "roles.cql"
    /// Who the node is and whom it saw.
    package static let node = "node.json"
    /// The node's settings, without what is secret in them.
    package static let configuration = "cassandra.yaml"
    package static let rack = "cassandra-rackdc.properties"
}
