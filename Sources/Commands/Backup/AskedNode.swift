internal import ArgumentParser
internal import Cassandra
internal import Logging
internal import Operations
internal import SystemPackage
internal import Vault

/// The node that takes the snapshot of a backup, as the options reach it.
struct AskedNode: Sendable {
    /// What it says of itself.
    struct Identity: Sendable {
        let facts: NodeFacts
        let host: HostID
        /// Of the whole ring as it is now, but for nodes that come or go; nil where the node does not tell.
        let expectedNodes: [HostID]?
    }

    let directories: [FilePath]
    let node: BackupNode
    private let preflight: Preflight

    /// Asks it nothing yet.
    ///
    /// - Returns: nil for a backup that needs no node.
    /// - Throws: `ValidationError` for options that do not go together.
    init?(_ command: BackupStart, _ session: Session) throws {
        let settings = session.settings
        guard try command.source.source == .own else { return nil }
        guard try command.node.means(settings) != .none else {
            throw ValidationError("without a node (--node none) give --snapshot or --live")
        }
        let control = try command.node.control(settings, session.logger)
        let (paths, configuration) = try command.directories(settings)
        if configuration == nil {
            session.logger.warning(
                "cassandra.yaml cannot be read, so the backup does not keep it; --cassandra-config says where it is"
            )
        }
        let shell = try command.cql.session(settings, session.logger)
        if command.source.roles, shell == nil { throw ValidationError("--roles asks in CQL: leave out --cqlsh none") }
        let capture = NodeCapture(
            control,
            session: shell,
            keepsRoles: command.source.roles,
            configuration: configuration,
            directories: paths.map(\.string)
        )
        directories = paths
        node = BackupNode(control) { facts in
            try await capture.documents(facts)
        } captureSecrets: { facts in
            try await capture.secrets(facts)
        }
        preflight = Preflight(
            control,
            told: Preflight.Told(
                cluster: try settings.string(.cluster, command.cluster),
                host: try settings.string(.hostID, command.hostID).map(HostIDArgument.parse),
                datacenter: try settings.string(.datacenter, command.datacenter),
                rack: try settings.string(.rack, command.rack)
            ),
            directories: paths,
            configured: configuration?.tableDirectories,
            filter: try command.filter.filter(settings).leavingOut(),
            space: try command.source.space,
            adoptsCluster: command.source.adoptCluster,
            tryCapture: capture.trial
        )
    }

    /// - Throws: `CassandraError` if the node does not answer.
    func identity() async throws -> Identity {
        let facts = try await node.control.facts()
        guard let host = HostID(facts.hostID) else {
            throw CassandraError(.malformed, "ask", node.control.means, "its host id is '\(facts.hostID)'")
        }
        return Identity(facts: facts, host: host, expectedNodes: Self.expected(try? await node.control.ring()))
    }

    /// Looks at everything before a backup begins.
    ///
    /// - Throws: `RunError` with code `.refused`, naming all that speaks against it; where that is the vault alone, what was
    ///   thrown when it was opened.
    func examine(_ vault: Result<Vault, any Error>) async throws -> PreflightReport {
        let report = await preflight.run(vault.map { $0 })
        if report.failures.map(\.check) == [.store] { _ = try vault.get() }
        try report.check("this node")
        return report
    }

    /// Looks at everything, and changes nothing.
    ///
    /// - Throws: `RunError` with code `.refused` after the result is printed, if a backup would not begin.
    func show(_ session: Session) async throws {
        let vault: Result<Vault?, any Error>
        do {
            vault = .success(try await session.vault())
        } catch let error as VaultError where error.code == .notFound {
            vault = .success(nil)
        } catch {
            vault = .failure(error)
        }
        let report = await preflight.run(vault)
        try session.output.print(PreflightResult(report: report))
        try report.check("this node")
    }

    /// Nodes that are down are expected as well: without them the backup of the ring is not whole.
    ///
    /// Those that join have
    /// nothing yet, and those that leave give all away.
    private static func expected(_ ring: RingState?) -> [HostID]? {
        let normal = ring?.members.filter { $0.state == .normal || $0.state == .unknown }
        let hosts = normal?.compactMap { $0.hostID.flatMap { HostID($0) } } ?? []
        return hosts.isEmpty || hosts.count != normal?.count ? nil : hosts.sorted()
    }
}
