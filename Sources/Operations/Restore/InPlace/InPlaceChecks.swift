internal import Cassandra
internal import SystemPackage
internal import TransferEngine
internal import Vault

/// Whether a backup fits the machine it is to be placed on: its settings, its Cassandra, its file systems.
struct InPlaceChecks {
    let request: RestoreRequest
    let layout: NodeLayout

    func check(
        _ selection: RestoreSelection,
        _ inventory: RestoreInventory,
        _ live: [LiveTable],
        _ plan: inout RestorePlan
    ) {
        if request.isNewNode, !request.isWhole {
            plan.check("new node", .failed, "a new machine takes all of a node: leave out --keyspace and --table")
        }
        if !selection.header.isOfWholeNode, request.isWhole {
            plan.check(
                "whole node",
                .warning,
                "the backup has only some of the node's tables; the others stay as they are"
            )
        }
        checkSettings(selection, &plan)
        checkVersion(selection, inventory, live, &plan)
        checkPlaces(live, &plan)
    }

    // MARK: cassandra.yaml

    private func checkSettings(_ selection: RestoreSelection, _ plan: inout RestorePlan) {
        guard let source = layout.source else {
            // An old commit log would be replayed over what is restored.
            let isKnown = !layout.sides.isEmpty
            let words = "no cassandra.yaml was found, so that nothing in it is compared"
            let places = ", and commit log, hints and caches are not known: --cassandra-config tells where it is"
            return plan.check("settings", isKnown ? .warning : .failed, isKnown ? words : words + places)
        }
        let record = selection.record
        // A name that stands for none was never asked of a node.
        let cluster = record?.clusterName
        compare("cluster name", layout.clusterName, cluster, source, "Cassandra would not start with it", &plan)
        func last(_ name: String?) -> String? { name.map { String($0.split(separator: ".").last ?? "") } }
        let partitioner = record?.partitioner ?? selection.header.partitioner
        compare("partitioner", last(layout.partitioner), last(partitioner), source, "it cannot read the data", &plan)
        guard let tokens = record?.tokens, !tokens.isEmpty else { return }
        compare(
            "num_tokens",
            layout.numTokens.map { "\($0)" },
            "\(tokens.count)",
            source,
            "Cassandra would not start with it",
            &plan
        )
        guard !layout.initialTokens.isEmpty else { return }
        let isSame = Set(layout.initialTokens) == Set(tokens)
        plan.check(
            "initial_token",
            isSame ? .ok : .failed,
            isSame
                ? "the node's tokens"
                : "\(source) names other tokens than the node had: the data would not be found; --dry-run tells the right ones"
        )
    }

    private func compare(
        _ name: String,
        _ here: String?,
        _ there: String?,
        _ source: String,
        _ consequence: String,
        _ plan: inout RestorePlan
    ) {
        guard let here, let there else { return }
        plan.check(
            name,
            here == there ? .ok : .failed,
            here == there ? here : "'\(here)' in \(source), '\(there)' in the backup: \(consequence)"
        )
    }

    // MARK: Versions

    /// What Cassandra writes SSTables of that version: 3 for `me`, 5 for `oa` and `da`; nil for one that is not known.
    ///
    /// Source: `BigFormat.BigVersion` and `BtiFormat.BtiVersion`, org.apache.cassandra.io.sstable.format, 3.11 to 5.0.
    static func major(ofSSTable version: String) -> Int? {
        switch version.first {
        case "l": 2
        case "m": 3
        case "n": 4
        case "o", "d": 5
        default: nil
        }
    }

    private func checkVersion(
        _ selection: RestoreSelection,
        _ inventory: RestoreInventory,
        _ live: [LiveTable],
        _ plan: inout RestorePlan
    ) {
        let versions = inventory.tables.reduce(into: Set<String>()) { $0.formUnion($1.versions) }
        let ofFiles = versions.compactMap(Self.major).max()
        let ofRelease = selection.header.releaseVersion.flatMap { ReleaseVersion($0)?.major }
        guard let there = ofFiles ?? ofRelease else { return }
        let backup = selection.header.releaseVersion.map { "Cassandra \($0)" } ?? "Cassandra \(there)"
        let here: (major: Int, words: String)? =
            layout.release.map { ($0.major, "Cassandra \($0) is installed") }
            ?? newest(live).map { ($0, "the node's own files are of Cassandra \($0)") }
        guard let here else {
            return plan.check("version", .warning, "the files are of \(backup); which Cassandra is here is not known")
        }
        if there > here.major {
            return plan.check(
                "version",
                .failed,
                "the files are of \(backup), and \(here.words): an older release cannot read them"
            )
        }
        plan.check("version", there == here.major ? .ok : .warning, "the files are of \(backup), \(here.words)")
    }

    /// Of the files that a node writes whenever it starts.
    private func newest(_ live: [LiveTable]) -> Int? {
        var found: Int?
        for table in live where table.keyspace == "system" {
            for place in table.places {
                for name in (try? DirectoryListing(of: place.path).names) ?? [] {
                    guard let major = SSTableName(name).flatMap({ Self.major(ofSSTable: $0.version) }) else { continue }
                    found = max(found ?? 0, major)
                }
            }
        }
        return found
    }

    // MARK: File systems

    /// Renaming works within one file system only.
    private func checkPlaces(_ live: [LiveTable], _ plan: inout RestorePlan) {
        let devices = request.dataDirectories.map { (try? FileStatus(of: $0, followingLinks: true))?.device }
        var isFine = true
        for table in live {
            for place in table.places where request.filter.matches(keyspace: table.keyspace, table: table.name) {
                let device = (try? FileStatus(of: place.path, followingLinks: true))?.device
                guard device != devices[place.directoryIndex] else { continue }
                isFine = false
                plan.check(
                    "directories",
                    .failed,
                    "\(place.path) lies on another file system than its data directory: its files cannot be renamed"
                )
            }
        }
        let data = request.dataDirectories.map { $0.lexicallyNormalized() }
        for side in layout.sides where data.contains(where: { $0.starts(with: side.path.lexicallyNormalized()) }) {
            isFine = false
            plan.check("directories", .failed, "\(side.kind.rawValue) at \(side.path) holds a data directory")
        }
        if let missing = layout.dataDirectories.first(where: { !request.dataDirectories.contains($0) }) {
            isFine = false
            plan.check(
                "directories",
                .failed,
                "\(missing) is a data directory of the node too: give it with --data-dir"
            )
        }
        if isFine {
            let list = request.dataDirectories.map(\.string).joined(separator: ", ")
            plan.check("directories", .ok, list)
        }
    }
}
