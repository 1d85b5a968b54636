package import Cassandra
internal import FoundationEssentials
internal import SystemPackage
package import Vault

/// What a backup keeps of its node beside the files: who it is, its schema, its settings without what is secret.
package struct NodeCapture: Sendable {
    private let control: any NodeControl
    private let session: (any CQLSession)?
    private let keepsRoles: Bool
    private let configuration: CassandraConfiguration?
    private let directories: [String]

    /// - Parameters:
    ///   - session: nil where no schema is kept.
    ///   - keepsRoles: whether roles with their hashed passwords are kept.
    ///   - configuration: nil where cassandra.yaml cannot be read.
    ///   - directories: of the node's data, for one without a configuration.
    package init(
        _ control: any NodeControl,
        session: (any CQLSession)?,
        keepsRoles: Bool = false,
        configuration: CassandraConfiguration? = nil,
        directories: [String]
    ) {
        self.control = control
        self.session = session
        self.keepsRoles = keepsRoles
        self.configuration = configuration
        self.directories = directories
    }

    /// Asks for something small in CQL; nil where no schema is kept.
    package var trial: (@Sendable () async throws -> Void)? {
        guard let session else { return nil }
        let table = keepsRoles ? "system_auth.roles" : "system_schema.keyspaces"
        return { @Sendable in _ = try await session.rows("SELECT JSON * FROM \(table)") }
    }

    /// All documents but those with secrets, as things are now.
    ///
    /// - Throws: `CassandraError`; `.changing` if the schema in CQL is not that of `facts`.
    package func documents(_ facts: NodeFacts) async throws -> [ManifestDocument] {
        var documents = [try await record(facts)]
        if let session {
            let schema = try await Schema.read(from: session)
            if let told = facts.schemaVersion, let read = schema.version, told.lowercased() != read.lowercased() {
                throw CassandraError(
                    .changing,
                    "read the schema by",
                    session.means,
                    "its version is \(read), \(control.means) says \(told): it has just changed, or --cql-host is another "
                        + "node's"
                )
            }
            documents.append(ManifestDocument(name: ManifestDocument.schema, text: try Self.json(schema)))
            documents.append(
                ManifestDocument(name: ManifestDocument.statements, text: try await schema.text(from: session))
            )
        }
        if let configuration {
            documents.append(
                ManifestDocument(name: ManifestDocument.configuration, text: configuration.redactedText)
            )
            if let rack = configuration.redactedRackDC {
                documents.append(ManifestDocument(name: ManifestDocument.rack, text: rack))
            }
        }
        return documents
    }

    /// Roles with hashed passwords and grants; none unless they are to be kept.
    package func secrets(_ facts: NodeFacts) async throws -> [ManifestDocument] {
        guard keepsRoles, let session else { return [] }
        let roles = try await RoleScript.read(from: session, release: facts.releaseVersion)
        return [ManifestDocument(name: ManifestDocument.roles, text: roles)]
    }

    private func record(_ facts: NodeFacts) async throws -> ManifestDocument {
        var record = NodeRecord(
            releaseVersion: facts.releaseVersion.description,
            clusterName: facts.clusterName,
            partitioner: facts.partitioner,
            hostID: facts.hostID,
            address: facts.address,
            datacenter: facts.datacenter,
            rack: facts.rack,
            tokens: facts.tokens,
            schemaVersion: facts.schemaVersion
        )
        do throws(CassandraError) {
            record.ring = try await control.ring().members.map { member in
                NodeRecord.Member(
                    address: member.address,
                    hostID: member.hostID,
                    datacenter: member.datacenter,
                    rack: member.rack,
                    isUp: member.isUp,
                    state: member.state.rawValue
                )
            }
        } catch {
            guard error.code == .unsupported else { throw error }
        }
        record.directories = NodeRecord.Directories(
            data: configuration?.tableDirectories.map(\.string) ?? directories,
            commitLog: configuration?.commitLogDirectory.string,
            hints: configuration?.hintsDirectory.string,
            savedCaches: configuration?.savedCachesDirectory.string,
            changeLog: configuration?.cdcDirectory.string
        )
        return ManifestDocument(name: ManifestDocument.node, text: try Self.json(record))
    }

    private static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    }
}
