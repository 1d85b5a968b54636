package import Cassandra
package import SystemPackage
internal import TransferEngine
package import Vault

/// Looks at everything that a backup needs before it begins, and tells all of it together.
///
/// Nothing of the node is changed. In the store one small object is put and removed again.
package struct Preflight: Sendable {
    /// What the user says of the node; nil: nothing.
    package struct Told: Sendable, Hashable {
        package var cluster: String?
        package var host: HostID?
        package var datacenter: String?
        package var rack: String?

        package init(cluster: String? = nil, host: HostID? = nil, datacenter: String? = nil, rack: String? = nil) {
            self.cluster = cluster
            self.host = host
            self.datacenter = datacenter
            self.rack = rack
        }
    }

    /// How much of the disks has to be free: compaction writes while the snapshot holds what it would remove.
    package struct Space: Sendable, Hashable {
        /// Bytes below which no backup begins.
        package var least: Int64 = 1 << 30
        /// Of the data on the disk, below which somebody should look.
        static let share: Int64 = 10

        package init() {}
    }

    let control: any NodeControl
    let told: Told
    let directories: [FilePath]
    /// Of cassandra.yaml; nil where that was not read.
    let configured: [FilePath]?
    let filter: TableFilter
    let space: Space
    /// Whether another cluster's vault is taken.
    let adoptsCluster: Bool
    /// Tries to read the schema; nil where none is kept.
    let tryCapture: (@Sendable () async throws -> Void)?

    package init(
        _ control: any NodeControl,
        told: Told = Told(),
        directories: [FilePath],
        configured: [FilePath]? = nil,
        filter: TableFilter = .everything,
        space: Space = Space(),
        adoptsCluster: Bool = false,
        tryCapture: (@Sendable () async throws -> Void)? = nil
    ) {
        self.control = control
        self.told = told
        self.directories = directories
        self.configured = configured
        self.filter = filter
        self.space = space
        self.adoptsCluster = adoptsCluster
        self.tryCapture = tryCapture
    }

    /// - Parameter vault: what the store is; nil inside: there is none yet, and the backup will make it.
    /// - Returns: one finding for each check.
    package func run(_ vault: Result<Vault?, any Error>) async -> PreflightReport {
        var findings: [PreflightFinding] = []
        let facts: NodeFacts?
        do throws(CassandraError) {
            let answer = try await control.facts()
            facts = answer
            let what = "Cassandra \(answer.releaseVersion) of \(answer.datacenter)/\(answer.rack), by \(control.means)"
            findings.append(PreflightFinding(.node, .ok, what))
            findings.append(identity(answer))
        } catch {
            facts = nil
            findings.append(PreflightFinding(.node, .failed, "\(error)"))
            findings.append(PreflightFinding(.identity, .notTried, Self.silent))
        }
        let ring = facts == nil ? nil : try? await control.ring()
        if let facts {
            findings.append(await mode())
            findings.append(Self.examine(ring, of: facts))
            findings.append(Self.agreement(ring))
            findings.append(await capture())
        } else {
            for check in [PreflightCheck.mode, .ring, .schema, .capture] {
                findings.append(PreflightFinding(check, .notTried, Self.silent))
            }
        }
        findings += dataDirectories()
        findings += await store(vault, facts, ring)
        return PreflightReport(findings: findings)
    }

    static let silent = "the node does not answer"

    // MARK: The node

    private func identity(_ facts: NodeFacts) -> PreflightFinding {
        var differences: [String] = []
        func compare(_ option: String, _ given: String?, _ found: String) {
            if let given, given != found { differences.append("\(option) is '\(given)', the node has '\(found)'") }
        }
        compare("--host-id", told.host?.description, facts.hostID.lowercased())
        if !adoptsCluster { compare("--cluster", told.cluster, facts.clusterName) }
        compare("--datacenter", told.datacenter, facts.datacenter)
        compare("--rack", told.rack, facts.rack)
        guard differences.isEmpty else {
            return PreflightFinding(
                .identity,
                .failed,
                differences.joined(separator: ", "),
                "leave out what the node knows, or ask the right node"
            )
        }
        return PreflightFinding(.identity, .ok, "host \(facts.hostID) of cluster '\(facts.clusterName)'")
    }

    private func mode() async -> PreflightFinding {
        do throws(CassandraError) {
            let mode = try await control.mode()
            guard mode == .normal else {
                return PreflightFinding(.mode, .failed, "\(mode)", "wait until 'nodetool netstats' says NORMAL")
            }
            return PreflightFinding(.mode, .ok, "\(mode)")
        } catch {
            if error.code == .unsupported { return PreflightFinding(.mode, .notTried, error.reason) }
            return PreflightFinding(.mode, .failed, "\(error)")
        }
    }

    private static func examine(_ ring: RingState?, of facts: NodeFacts) -> PreflightFinding {
        guard let ring else { return PreflightFinding(.ring, .warning, "the node does not tell who else there is") }
        let own = ring.members.first { $0.hostID?.lowercased() == facts.hostID.lowercased() }
        guard let own else {
            return PreflightFinding(.ring, .warning, "the node is not in its own list of the ring's nodes")
        }
        guard own.isUp, own.state == .normal || own.state == .unknown else {
            let state = own.isUp ? own.state.rawValue : "down"
            return PreflightFinding(
                .ring,
                .failed,
                "the ring sees this node as \(state)",
                "wait until it is up and normal"
            )
        }
        let down = ring.members.filter { !$0.isUp }
        guard down.isEmpty else {
            return PreflightFinding(
                .ring,
                .warning,
                "down: \(down.map(\.address).joined(separator: ", ")), of \(ring.members.count) nodes",
                "the backup is complete when they have been backed up as well"
            )
        }
        return PreflightFinding(.ring, .ok, "\(ring.members.count) nodes, all up")
    }

    private static func agreement(_ ring: RingState?) -> PreflightFinding {
        guard let ring, !ring.schemaVersions.isEmpty else {
            return PreflightFinding(.schema, .notTried, "the node does not tell the others' schema versions")
        }
        guard ring.agreesOnSchema else {
            let versions = ring.schemaVersions.sorted { $0.key < $1.key }
                .map { "\($0.key) on \($0.value.sorted().joined(separator: ", "))" }
            return PreflightFinding(
                .schema,
                .failed,
                "the nodes have different schemas: \(versions.joined(separator: "; "))",
                "wait until 'nodetool describecluster' shows one"
            )
        }
        let version = ring.schemaVersions.keys.first ?? ""
        guard ring.unreachable.isEmpty else {
            let missing = ring.unreachable.sorted().joined(separator: ", ")
            return PreflightFinding(.schema, .warning, "\(version); not known of \(missing), which do not answer")
        }
        return PreflightFinding(.schema, .ok, version)
    }

    private func capture() async -> PreflightFinding {
        guard let tryCapture else {
            return PreflightFinding(
                .capture,
                .warning,
                "the schema is not kept, but for schema.cql of each table",
                "a restore into a new cluster then has no types, functions and roles"
            )
        }
        do {
            try await tryCapture()
            return PreflightFinding(.capture, .ok, "the schema can be read")
        } catch {
            return PreflightFinding(
                .capture,
                .failed,
                "\(error)",
                "say where cqlsh is and how it logs in (--cqlsh, --cql-host, --cql-username …), or go without by "
                    + "--cqlsh none"
            )
        }
    }
}
