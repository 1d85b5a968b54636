"""What nodetool prints about a node and its ring, in each version's layout."""

from node import names, ring, schema, storage

NOTE = ("Note: Non-system keyspaces don't have the same replication settings, effective ownership information is "
        "meaningless\n")


def table(rows, separator):
    """Columns as wide as their widest cell; the last one is padded too (TableBuilder)."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "".join(separator.join(cell.ljust(width) for cell, width in zip(row, widths)) + "\n" for row in rows)


def lines_of(template, values):
    """A captured text with the value of each `name : value` line that `values` has."""
    out = []
    for line in template.splitlines():
        name = line.split(":", 1)[0]
        out.append(f"{name}: {values[name.strip()]}" if name.strip() in values and ":" in line else line)
    return "\n".join(out) + "\n"


def info(home, tokens):
    template = home.captures.text("nodetool", "info-T" if tokens else "info")
    template = "".join(line + "\n" for line in template.splitlines() if not line.startswith("Token"))
    serves = str(home.is_normal).lower()
    text = lines_of(template, {
        "ID": home.state["host_id"], "Gossip active": serves, "Native Transport active": serves,
        "Load": ring.own(home)["load"], "Data Center": home.state["dc"], "Rack": home.state["rack"]})
    if not tokens:
        return text + f"Token                  : (invoke with -T/--tokens to see all {len(home.state['tokens'])} tokens)\n"
    return text + "".join(f"Token                  : {token}\n" for token in home.state["tokens"])


def status(home, keyspace=None, resolve=False):
    text = ""
    for dc in sorted({m["dc"] for m in ring.members(home)}):
        there = [m for m in ring.members(home) if m["dc"] == dc]
        title = f"Datacenter: {dc}"
        text += f"{title}\n{'=' * len(title)}\nStatus=Up/Down\n|/ State=Normal/Leaving/Joining/Moving\n"
        rows = [["--", "Address", "Load", "Tokens", "Owns (effective)" if keyspace else "Owns", "Host ID", "Rack"]]
        for m in there:
            owns = f"{ring.share(home, keyspace, m):.1f}%" if keyspace else "?"
            address = "localhost" if resolve and m["address"] == "127.0.0.1" else m["address"]
            rows.append(["UN" if m["up"] else "DN", address, m["load"], str(len(m["tokens"])), owns, m["host_id"],
                         m["rack"]])
        if home.release < (4, 0):
            wide = max(len(row[1]) for row in rows)
            owns = len(rows[0][4])
            for mark, address, load, tokens, owned, host, rack in rows:
                text += f"{mark}  {address:{wide}}  {load:9}  {tokens:11}  {owned:{max(owns, 6)}}  {host:36}  {rack}\n"
        else:
            text += table(rows, "  ")
    return text + "\n" + ("" if keyspace else NOTE)


def replication_text(row):
    options = {k: v for k, v in row["replication"].items() if k != "class"}
    pairs = ", ".join(f"{k}={v}" for k, v in options.items())
    return f"Replication class: {row['replication']['class'].rsplit('.', 1)[-1]} {{{pairs}}}"


def describecluster(home):
    state, members = home.state, ring.members(home)
    dynamic = "DynamicEndPointSnitch"
    text = (f"Cluster Information:\n\tName: {state['cluster']}\n"
            "\tSnitch: org.apache.cassandra.locator.GossipingPropertyFileSnitch\n"
            f"\t{dynamic}: enabled\n\tPartitioner: {state['partitioner']}\n\tSchema versions:\n")
    for version, addresses in ring.schema_versions(home).items():
        text += f"\t\t{version}: [{', '.join(addresses)}]\n\n"
    down = [m["address"] for m in members if not m["up"]]
    if down:
        text += f"\t\tUNREACHABLE: [{', '.join(down)}]\n\n"
    if home.release < (4, 0):
        return text
    text += (f"Stats for all nodes:\n\tLive: {len(members) - len(down)}\n\tJoining: 0\n\tMoving: 0\n\tLeaving: 0\n"
             f"\tUnreachable: {len(down)}\n")
    text += NOTE.replace("Note:", "Error:") if home.release < (5, 0) else ""
    text += "\nData Centers: \n"
    for dc in sorted({m["dc"] for m in members}):
        there = [m for m in members if m["dc"] == dc]
        text += f"\t{dc} #Nodes: {len(there)} #Down: {sum(not m['up'] for m in there)}\n"
    # As captured: those that are up, then those that are down.
    seen = sorted(members, key=lambda m: (m["up"], m["address"]), reverse=True)
    ports = ", ".join(f"{m['address']}:7000" for m in seen)
    text += f"\nDatabase versions:\n\t{state['version']}: [{ports}]\n\nKeyspaces:\n"
    rows = {row["keyspace_name"]: row for row in home.schema["rows"]["keyspaces"]}
    captured = [line.split(" -> ")[0].strip() for line in
                home.captures.text("nodetool", "describecluster").splitlines() if " -> " in line]
    for name in [n for n in captured if n in rows] + [n for n in rows if n not in captured]:
        text += f"\t{name} -> {replication_text(rows[name])}\n"
    return text + ("\n" + NOTE if home.release >= (5, 0) else "")


def describering(home, keyspace):
    text = f"Schema Version:{home.state['schema_version']}\nTokenRange: \n"
    for start, end, holders in ring.ranges(home, keyspace):
        addresses = ", ".join(m["address"] for m in holders)
        details = ", ".join(f"EndpointDetails(host:{m['address']}, datacenter:{m['dc']}, rack:{m['rack']})"
                            for m in holders)
        text += (f"\tTokenRange(start_token:{start}, end_token:{end}, endpoints:[{addresses}], "
                 f"rpc_endpoints:[{addresses}], endpoint_details:[{details}])\n")
    return text


def ring_text(home, keyspace=None):
    """nodetool ring."""
    members = ring.members(home)
    wide = max(len(m["address"]) for m in members) + 2 + (5 if home.release >= (4, 0) else 0)
    line = f"{{:{wide}}}{{:12}}{{:7}}{{:8}}{{:16}}{{:20}}{{:44}}\n"
    text = ""
    for dc in sorted({m["dc"] for m in members}):
        there = sorted((int(t), n) for n, m in enumerate(members) if m["dc"] == dc for t in m["tokens"])
        text += f"\nDatacenter: {dc}\n==========\n"
        text += line.format("Address", "Rack", "Status", "State", "Load", "Owns", "Token")
        text += line.format("", "", "", "", "", "", str(there[-1][0]))
        for token, number in there:
            m = members[number]
            owns = f"{ring.share(home, keyspace, m):.2f}%" if keyspace else "?"
            text += line.format(m["address"], m["rack"], "Up" if m["up"] else "Down", "Normal", m["load"], owns,
                                str(token))
    text += ('\n  Warning: "nodetool ring" is used to output all the tokens of a node.\n'
             '  To view status related info of a node use "nodetool status" instead.\n\n\n')
    return text + ("  \n" if keyspace else "  " + NOTE)


def netstats(home):
    mode = {"up": "NORMAL", "draining": "DRAINING", "drained": "DRAINED"}.get(home.state["status"], "NORMAL")
    mode = home.state.get("mode", mode)
    template = "drained-netstats" if mode == "DRAINED" else "netstats"
    return lines_of(home.captures.text("nodetool", template), {"Mode": mode})


def gossipinfo(home):
    """As captured, with what the node knows of itself and the others now."""
    by_address = {m["address"]: m for m in ring.members(home)}
    out, current = [], None
    for line in home.captures.text("nodetool", "gossipinfo").splitlines():
        if line.startswith("/"):
            current = by_address.get(line[1:])
        elif current and line.count(":") >= 2:
            name, count, value = line.strip().split(":", 2)
            first = min(current["tokens"])
            value = {"SCHEMA": home.state["schema_version"], "HOST_ID": current["host_id"], "DC": current["dc"],
                     "RACK": current["rack"]}.get(name, value)
            if name in ("STATUS", "STATUS_WITH_PORT"):
                value = f"NORMAL,{first}" if current["up"] else "shutdown,true"
            line = f"  {name}:{count}:{value}"
        if current:
            out.append(line)
    return "\n".join(out) + "\n"


# --- snapshots ---------------------------------------------------------------------------------------------------


def listsnapshots(home):
    rows = [["Snapshot name", "Keyspace name", "Column family name", "True size", "Size on disk"]]
    if home.release >= (4, 1):
        rows[0] += ["Creation time", "Expiration time"]
    total = 0
    for tag, keyspace, folder, directories in storage.snapshots(home):
        name = folder.rsplit("-", 1)[0]
        # Up to 4.0 only tables that still exist are asked, and not those of system.
        if home.release < (4, 1) and not is_listed(home, keyspace, folder):
            continue
        size, true = sizes(home, directories)
        total += true
        row = [tag, keyspace, name, names.size_text(true), names.size_text(size)]
        if home.release >= (4, 1):
            row += [storage.manifest_field(directories, field) or "" for field in ("created_at", "expires_at")]
        rows.append(row)
    if len(rows) == 1:
        return "Snapshot Details: \nThere are no snapshots\n"
    return ("Snapshot Details: \n" + table(rows, " ")
            + f"\nTotal TrueDiskSpaceUsed: {names.size_text(total)}\n\n")


def is_listed(home, keyspace, folder):
    name = folder.rsplit("-", 1)[0]
    identifier = schema.identifier(home, keyspace, name)
    if not identifier or names.table_directory(name, identifier) != folder:
        return False
    return keyspace != "system" if home.release >= (4, 0) else keyspace not in schema.LOCAL


def sizes(home, directories):
    """(bytes of a table's snapshot, those of files that the table's directories do not have by name any more).

    manifest.json, schema.cql and an index's SSTables count for the second since 4.1 only.
    """
    total = true = 0
    live = set()
    for directory in directories:
        table_directory = directory.parent.parent
        live |= {path.relative_to(table_directory) for path in table_directory.glob("*") if path.is_file()}
        live |= {path.relative_to(table_directory) for path in table_directory.glob(".*/*")}
    for directory in directories:
        for path in directory.rglob("*"):
            if path.is_file():
                size = path.stat().st_size
                total += size
                is_component = path.parent == directory and names.split_component(path.name) is not None
                if path.relative_to(directory) not in live and (is_component or home.release >= (4, 1)):
                    true += size
    return total, true
