internal import ArgumentParser
internal import Operations
internal import TransferEngine
internal import Vault

/// The command `ringvault backup schema NAME`.
struct BackupSchema: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the schema that a backup holds, or another of its documents.",
        discussion: """
            A backup of a node that was asked holds, besides the files: schema.cql (the statements that make keyspaces, \
            types, tables, indexes and views), schema.json (the same as data), node.json (who the node was, its tokens, \
            the ring as it saw it), cassandra.yaml and cassandra-rackdc.properties (without what is secret in them), \
            and roles.cql where it was asked for. Of a backup without schema.cql, the statements of its tables are \
            printed, as their snapshots had them. Nothing is written.
            """
    )

    @Argument(help: "Name of the backup.")
    var name: String

    @Option(help: ArgumentHelp("Which document; default schema.cql.", valueName: "name"))
    var document: String?

    @Flag(help: "Tell which documents there are, of each node.")
    var list = false

    @Option(
        name: .customLong("host-id"),
        help: ArgumentHelp("Only this node's part; needed where nodes have different ones.", valueName: "uuid")
    )
    var hostID: String?

    @OptionGroup var store: StoreOptions
    @OptionGroup var engine: EngineOptions

    @Option(help: ArgumentHelp("The cluster, where several have such a backup.", valueName: "cluster"))
    var cluster: String?

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard !list || document == nil else {
            throw ValidationError("--list tells all documents: leave out --document")
        }
    }

    func run() async throws {
        let session = try Session(global, store, engine)
        let host = try hostID.map(HostIDArgument.parse)
        let vault = try await session.vault()
        let cluster = try session.settings.string(.cluster, cluster)
        let listing = try await Catalogue(vault).find(name, cluster: cluster)
        let choice = try DocumentChoice(vault, listing, host: host)
        guard list else {
            let chosen = try await choice.document(document ?? ManifestDocument.statements)
            return try session.output.print(BackupSchemaResult(id: listing.id, chosen: chosen))
        }
        try session.output.print(BackupDocumentsResult(id: listing.id, nodes: try await choice.all()))
    }
}

/// One document, as it is.
struct BackupSchemaResult: Renderable {
    struct JSON: Encodable {
        let cluster: String
        let backup: String
        let hostId: HostID
        let document: String
        /// Put together from the tables' own statements.
        let isSubstitute: Bool
        let text: String
    }

    let id: BackupID
    let chosen: DocumentChoice.Chosen

    var json: JSON {
        JSON(
            cluster: id.cluster,
            backup: id.backup,
            hostId: chosen.host,
            document: chosen.document.name,
            isSubstitute: chosen.isSubstitute,
            text: chosen.document.text
        )
    }

    var text: String { chosen.document.text.hasSuffix("\n") ? chosen.document.text : chosen.document.text + "\n" }
}

/// Which documents a backup has.
struct BackupDocumentsResult: Renderable {
    struct JSON: Encodable {
        struct Node: Encodable {
            let hostId: HostID
            let releaseVersion: String?
            let schemaVersion: String?
            let documents: [Document]
        }

        struct Document: Encodable {
            let name: String
            let bytes: Int
        }

        let cluster: String
        let backup: String
        let nodes: [Node]
    }

    let id: BackupID
    let nodes: [BackupDocuments]

    var json: JSON {
        JSON(
            cluster: id.cluster,
            backup: id.backup,
            nodes: nodes.map { node in
                JSON.Node(
                    hostId: node.header.hostId,
                    releaseVersion: node.header.releaseVersion,
                    schemaVersion: node.header.schemaVersion,
                    documents: node.documents.map { JSON.Document(name: $0.name, bytes: $0.text.utf8.count) }
                )
            }
        )
    }

    var text: String {
        var table = TextTable([
            ("NODE", .left), ("RELEASE", .left), ("SCHEMA VERSION", .left), ("DOCUMENT", .left), ("SIZE", .right),
        ])
        for node in nodes {
            let header = node.header
            let start = [header.hostId.description, header.releaseVersion ?? "-", header.schemaVersion ?? "-"]
            for document in node.documents {
                table.append(start + [document.name, ByteCount(Int64(document.text.utf8.count)).description])
            }
            if node.documents.isEmpty { table.append(start + ["-", "-"]) }
        }
        return table.text
    }
}
