internal import SystemPackage
package import Vault

/// What a restore into a node is going to do, before it does anything: what `--dry-run` prints, and what the real run
/// makes first and keeps to.
package struct RestorePlan: Sendable, Hashable, Codable {
    /// One thing that must be so, or had better be.
    package struct Check: Sendable, Hashable, Codable {
        package enum Status: String, Sendable, Hashable, Codable { case ok, warning, failed }

        /// Stable, for programs: `node is stopped`.
        package let name: String
        package let status: Status
        /// What was found, and what to do about it.
        package let words: String

        package init(_ name: String, _ status: Status, _ words: String) {
            self.name = name
            self.status = status
            self.words = words
        }
    }

    /// One table of the backup.
    package struct Table: Sendable, Hashable, Codable {
        /// `shop.orders`.
        package var name: String
        /// Its path in the manifest: `shop/orders-3e2816e0e53811f1916b25b74eacdfa4`.
        package var source: String
        /// The path below a data directory that its files go to, or that they are staged under.
        package var target: String
        package var sstables = 0
        package var files = 0
        /// Plain bytes of those files.
        package var bytes: Int64 = 0
        /// Of those, what has to be fetched.
        package var newBytes: Int64 = 0

        package init(name: String, source: String, target: String) {
            self.name = name
            self.source = source
            self.target = target
        }
    }

    /// Something of the node, or beside it, that will not stay as it is.
    package struct Touch: Sendable, Hashable, Codable {
        package enum Action: String, Sendable, Hashable, Codable {
            case setAside = "set aside"
            case created
            case replaced
            case truncated
            case snapshot
            case loaded
            case executed
        }

        package let action: Action
        /// A path, a table, a statement.
        package let subject: String
        /// Of what is touched; nil where that is not known.
        package var files: Int?
        package var bytes: Int64?

        package init(_ action: Action, _ subject: String, files: Int? = nil, bytes: Int64? = nil) {
            self.action = action
            self.subject = subject
            self.files = files
            self.bytes = bytes
        }
    }

    package var id: RestoreID
    package var strategy: RestoreStrategy
    package var cluster: String
    package var backup: String
    package var hostId: HostID
    package var dataDirectories: [String]
    /// Where it stands already; nil: it has not begun.
    package var stage: RestoreStage?
    package var checks: [Check] = []
    package var tables: [Table] = []
    package var touches: [Touch] = []
    /// What somebody has to do, in order, one sentence each.
    package var instructions: [String] = []
    /// Lines of cassandra.yaml that a new machine needs, `initial_token: …`.
    package var settings: [String: String] = [:]
    /// Of all tables.
    package var files = 0
    package var bytes: Int64 = 0
    package var newBytes: Int64 = 0
    /// How long fetching takes at the rate of earlier restores; nil where there were none.
    package var seconds: Double?

    package init(_ request: RestoreRequest, _ selection: RestoreSelection, id: RestoreID) {
        self.id = id
        strategy = request.strategy
        cluster = selection.header.cluster
        backup = selection.header.backup
        hostId = selection.header.hostId
        dataDirectories = request.dataDirectories.map(\.string)
    }

    package var failures: [Check] { checks.filter { $0.status == .failed } }

    package mutating func check(_ name: String, _ status: Check.Status, _ words: String) {
        checks.append(Check(name, status, words))
    }

    /// Sums up the tables, and tells how long fetching takes.
    ///
    /// - Parameter rate: plain bytes a second of earlier restores.
    package mutating func sumUp(rate: Double?) {
        files = tables.reduce(0) { $0 + $1.files }
        bytes = tables.reduce(0) { $0 + $1.bytes }
        newBytes = tables.reduce(0) { $0 + $1.newBytes }
        seconds = rate.flatMap { $0 > 0 ? Double(newBytes) / $0 : nil }
    }

    /// - Throws: `RestoreRefused` if a check has failed.
    package func checkAccepted() throws(RestoreRefused) {
        if !failures.isEmpty { throw RestoreRefused(plan: self) }
    }
}

/// A restore that was refused before anything was changed, since a check of its plan has failed.
package struct RestoreRefused: Error, CustomStringConvertible {
    package let plan: RestorePlan

    package init(plan: RestorePlan) { self.plan = plan }

    package var description: String {
        let reasons = plan.failures.map { "\($0.name): \($0.words)" }.joined(separator: "; ")
        return "cannot restore '\(plan.backup)' (\(plan.strategy.rawValue)), nothing was changed: \(reasons)"
    }
}
