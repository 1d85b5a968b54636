internal import Cassandra
internal import Vault

/// What somebody has to do besides, so that a node takes what was restored in place.
struct InPlaceInstructions {
    let request: RestoreRequest
    let layout: NodeLayout
    let selection: RestoreSelection

    func fill(_ plan: inout RestorePlan, _ folders: RestoreFolders) {
        if request.isNewNode { tellNewNode(&plan) }
        let start = request.isNewNode ? "Start Cassandra" : "Start Cassandra again"
        plan.instructions.append("\(start) when the restore is done, and look at 'nodetool status' and the system log.")
        if request.isNewNode {
            plan.instructions.append(
                "Once it is up, take the settings initial_token and auto_bootstrap out of cassandra.yaml again."
            )
        }
        plan.instructions.append(
            "If the ring has other nodes, restore each from the same backup, or run 'nodetool repair -full' on this one."
        )
        plan.instructions.append(
            "What the node had is set aside in \(folders.folder(0)) and its likes: 'ringvault restore undo' brings it "
                + "back while the node is stopped, 'ringvault restore cleanup --discard-aside' gives the space back."
        )
    }

    private func tellNewNode(_ plan: inout RestorePlan) {
        let header = selection.header
        plan.settings["auto_bootstrap"] = "false"
        guard let record = selection.record, !record.tokens.isEmpty else {
            plan.check(
                "tokens",
                .warning,
                "the backup does not know the tokens of node \(header.hostId): take them from 'nodetool ring' or "
                    + "system.peers of another node, and set initial_token before Cassandra is started"
            )
            return
        }
        plan.settings["cluster_name"] = record.clusterName
        plan.settings["num_tokens"] = "\(record.tokens.count)"
        plan.settings["initial_token"] = record.tokens.joined(separator: ",")
        plan.settings["partitioner"] = record.partitioner
        plan.instructions.append(
            "Put the settings below into cassandra.yaml, with seeds of the ring that it joins, before Cassandra is started: "
                + "the machine takes the tokens of node \(header.hostId), under a host id of its own."
        )
        plan.instructions.append(
            "Put dc=\(record.datacenter) and rack=\(record.rack) into cassandra-rackdc.properties, or what the snitch reads."
        )
        plan.instructions.append(
            "See that node \(header.hostId) (\(record.address)) does not run any more: of two nodes with the same tokens the "
                + "ring keeps one."
        )
    }
}
