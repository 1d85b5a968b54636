internal import Cassandra
internal import SystemPackage
internal import TransferEngine
internal import Vault

/// Decides what a restore in place does, by what the backup, the node's settings and its directories say; changes nothing.
struct InPlacePlanner {
    /// What was decided.
    struct Decision {
        var plan: RestorePlan
        let selection: RestoreSelection
        let folders: RestoreFolders
        let route: RestoreRoute
        /// Paths below a data directory: whose content is replaced, and whose is set aside only.
        let replaced: [String]
        let emptied: [String]
        /// Directories beside the data whose content is set aside.
        let sides: [NodeLayout.Side]
    }

    /// What knows a node's place in its ring: a new machine must not have it from the old one.
    static let identityTables: Set<String> = ["system.local", "system.peers", "system.peers_v2"]

    let request: RestoreRequest
    let layout: NodeLayout
    let vault: Vault
    /// Plain bytes a second of earlier restores.
    let rate: Double?

    /// - Throws: `RunError`, `VaultError`, `CassandraError` for what cannot be planned at all; what speaks against a plan
    ///   is a check in it.
    func decide() async throws -> Decision {
        let listing = try await Catalogue(vault).find(request.backup, cluster: request.cluster)
        let standing = HostOnDisk.find(listing.nodes, in: request.dataDirectories)
        let executions = try RestoreExecutions(in: request.dataDirectories)
        let selection = try await select(standing, executions)
        var plan = RestorePlan(request, selection, id: RestoreID(request, selection))
        let folders = executions.folders(request, &plan)
        let live = try LiveTable.all(in: request.dataDirectories)

        let wanted = wants()
        let inventory = try await RestoreInventory(selection, in: vault, wants: wanted, includes: \.isSSTable)
        let restoresSchema = inventory.contains(keyspace: "system_schema", table: "tables")
        checkIdentity(standing, selection, inventory, &plan)
        InPlaceChecks(request: request, layout: layout).check(selection, inventory, live, &plan)

        let mapping = TableMapping(live, restoresSchema: restoresSchema, chosen: request.tableIDs)
        var places: [String: String] = [:]
        for table in inventory.tables {
            switch mapping.answer(for: table.path, source: table.source) {
            case .place(let place):
                places[table.source] = place
                var entry = RestorePlan.Table(name: table.path.name, source: table.source, target: place)
                (entry.sstables, entry.files, entry.bytes) = (table.sstables, table.files, table.bytes)
                plan.tables.append(entry)
            case .problem(let words): plan.check("table \(table.path.name)", .failed, words)
            }
        }
        checkTables(inventory, places, restoresSchema, &plan)

        let route = RestoreRoute(tables: places, includes: \.isSSTable, target: target(selection.header))
        let linker = LiveLinker(folders, route)
        let needs = try await RestoreNeeds(selection, route, stages: folders.stages, in: vault) { index, place, file in
            linker.standing(index, place, file)
        }
        try needs.fill(&plan, request.dataDirectories)
        plan.sumUp(rate: rate)

        let replaced = Set(places.values)
        let emptied = live.filter { isEmptied($0, replaced, restoresSchema, inventory, selection.header) }.map(\.path)
        let sides = try sides(selection, &plan)
        tellTouches(live, replaced, Set(emptied), sides, &plan)
        InPlaceInstructions(request: request, layout: layout, selection: selection).fill(&plan, folders)
        return Decision(
            plan: plan,
            selection: selection,
            folders: folders,
            route: route,
            replaced: replaced.sorted(),
            emptied: emptied,
            sides: sides
        )
    }

    // MARK: What is wanted

    private func select(_ standing: HostID?, _ executions: RestoreExecutions) async throws -> RestoreSelection {
        // Half way, what tells whose the data are may be aside.
        let begun = executions.entries.compactMap(\.content).first { content in
            content.header.strategy == .inPlace && content.header.backup == request.backup
                && content.stage.hasTouched && !content.stage.isEnd
        }
        let standing = begun.flatMap { HostID($0.header.hostId) } ?? standing
        let tokens = layout.initialTokens.isEmpty ? nil : Set(layout.initialTokens)
        let means = standing == nil ? "initial_token of \(layout.source ?? "cassandra.yaml")" : "system.local on disk"
        // Whose data lies there does not matter to a machine that takes another's place.
        let host = request.isNewNode && begun == nil ? nil : standing
        return try await RestoreSelection.find(
            request,
            for: NodeIdentity(host: host, tokens: tokens, means: means),
            in: vault
        )
    }

    private func wants() -> (TablePath) -> Bool {
        { [request] table in
            if request.isNewNode, Self.identityTables.contains(table.name) { return false }
            return request.filter.matches(keyspace: table.keyspace, table: table.table)
        }
    }

    /// A table that the backup does not have, where all of the node becomes as it was: then the schema does not have it
    /// either.
    private func isEmptied(
        _ table: LiveTable,
        _ replaced: Set<String>,
        _ restoresSchema: Bool,
        _ inventory: RestoreInventory,
        _ header: ManifestHeader
    ) -> Bool {
        guard request.isWhole, !replaced.contains(table.path) else { return false }
        if request.isNewNode, Self.identityTables.contains(table.fullName) { return true }
        return restoresSchema && header.isOfWholeNode
            && inventory.tables.contains { $0.path.keyspace == table.keyspace }
    }

    /// The data directory that had a group's files, if there is one that is it or takes its place.
    private func target(_ header: ManifestHeader) -> @Sendable (ManifestGroup) -> Int? {
        let paths = layout.dataDirectories.map(\.string)
        let system = layout.systemDirectory.flatMap { layout.dataDirectories.firstIndex(of: $0) } ?? 0
        let isSame = header.dataDirectories.count == paths.count
        let known = header.dataDirectories.enumerated().map { index, path in
            paths.firstIndex(of: path) ?? (isSame && !header.dataDirectories.contains(paths[index]) ? index : nil)
        }
        return { group in
            if known.indices.contains(group.directory), let index = known[group.directory] { return index }
            // Since 4.0 these stand in one directory only.
            let keyspace = group.table.split(separator: "/").first
            return keyspace == "system" || keyspace == "system_schema" ? system : nil
        }
    }

    /// The directories beside the data that do not fit what is restored.
    private func sides(_ selection: RestoreSelection, _ plan: inout RestorePlan) throws -> [NodeLayout.Side] {
        if request.isWhole { return layout.sides }
        var sides = layout.sides.filter { $0.kind == .savedCaches }  // keys of files that are replaced
        guard let log = layout.sides.first(where: { $0.kind == .commitLog }) else { return sides }
        let segments = try CommitLogSegments(in: log.path)
        if request.choices["commit-log"] == "aside" {
            plan.check("commit log", .warning, "writes in it are set aside, those to other tables too")
            sides.append(log)
        } else if segments.pending.isEmpty {
            plan.check("commit log", .ok, "nothing in it would be replayed")
        } else {
            plan.check(
                "commit log",
                .failed,
                "\(segments.pending.count) segments in \(log.path) hold writes that would be replayed over what is "
                    + "restored, and that other tables need: start the node, 'nodetool drain' and stop it; or give "
                    + "--commit-log aside and lose what only they hold"
            )
        }
        return sides
    }

    // MARK: What is said of it

    private func checkIdentity(
        _ standing: HostID?,
        _ selection: RestoreSelection,
        _ inventory: RestoreInventory,
        _ plan: inout RestorePlan
    ) {
        let host = selection.header.hostId
        let name = "node of the backup"
        if request.isNewNode, let standing {
            return plan.check(
                name,
                .warning,
                "files of node \(host); what the data directories have is node \(standing)'s, and is set aside"
            )
        }
        if request.isNewNode {
            return plan.check(name, .ok, "files of node \(host); this machine gets a host id of its own")
        }
        if standing == host { return plan.check(name, .ok, "the data directories are node \(host)'s") }
        if let standing {
            return plan.check(
                name,
                .failed,
                "the data directories are node \(standing)'s, and the files of \(host) are asked for: their tokens "
                    + "differ, so that most of the data would not be found there; restore \(standing), or to a machine "
                    + "of its own with --new-node"
            )
        }
        guard HostOnDisk.hasIdentity(in: request.dataDirectories) else {
            return plan.check(name, .ok, "files of node \(host); no node has been started on the data directories")
        }
        if inventory.contains(keyspace: "system", table: "local") {
            return plan.check(
                name,
                .warning,
                "the data directories belong to no node of the backup: this machine becomes node \(host), which must "
                    + "not run elsewhere"
            )
        }
        plan.check(
            name,
            selection.reason == .named ? .warning : .failed,
            "the data directories belong to no node of the backup: with other tokens than node \(host)'s most of the "
                + "data would not be found there; --host-id \(host) says that it is right all the same"
        )
    }

    private func checkTables(
        _ inventory: RestoreInventory,
        _ places: [String: String],
        _ restoresSchema: Bool,
        _ plan: inout RestorePlan
    ) {
        if inventory.tables.isEmpty {
            let wanted = request.filter.entries.map(\.text).joined(separator: ", ")
            plan.check("tables", .failed, "the backup has no table that was asked for (\(wanted))")
        }
        for (place, sources) in Dictionary(grouping: places.keys, by: { places[$0] ?? "" }) where sources.count > 1 {
            let list = sources.sorted().joined(separator: " and ")
            plan.check("tables", .failed, "\(list) would both go to \(place): choose with --table-id")
        }
        if !restoresSchema, !inventory.tables.isEmpty {
            plan.check(
                "schema",
                .warning,
                "system_schema is not restored: the tables must have the columns and types that they had at the backup"
            )
        }
        if !inventory.warnings.texts.isEmpty {
            let words = inventory.warnings.texts.joined(separator: "; ")
            plan.check("state of the backup", .warning, words)
        }
    }

    private func tellTouches(
        _ live: [LiveTable],
        _ replaced: Set<String>,
        _ emptied: Set<String>,
        _ sides: [NodeLayout.Side],
        _ plan: inout RestorePlan
    ) {
        var standing: Set<String> = []
        for table in live where replaced.contains(table.path) || emptied.contains(table.path) {
            standing.insert(table.path)
            guard table.files > 0 else { continue }
            plan.touches.append(RestorePlan.Touch(.setAside, table.path, files: table.files, bytes: table.bytes))
        }
        for side in sides {
            var (files, bytes) = (0, Int64(0))
            guard (try? LiveTable.count(side.path, &files, &bytes)) != nil, files > 0 else { continue }
            plan.touches.append(RestorePlan.Touch(.setAside, side.path.string, files: files, bytes: bytes))
        }
        for table in plan.tables where table.files > 0 {
            let action: RestorePlan.Touch.Action = standing.contains(table.target) ? .replaced : .created
            plan.touches.append(RestorePlan.Touch(action, table.target, files: table.files, bytes: table.bytes))
        }
    }
}

extension ManifestHeader {
    /// Whether all was asked for that a node needs: what every backup leaves out is no part of it.
    var isOfWholeNode: Bool {
        guard let filter else { return true }
        return filter.included.isEmpty && filter.excluded.allSatisfy(TableFilter.leftOutByDefault.contains)
    }
}
