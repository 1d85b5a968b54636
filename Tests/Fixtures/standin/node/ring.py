"""The ring: its members as this node sees them, and who holds which range.

state["members"] lists all nodes, this one included, in the order of the captured `nodetool status`; a member that is a
stand-in itself has its directory as "home".
"""

import json

from node import schema
from node.home import Home


def captured(captures, local):
    """The members of a captured ring, from system.local, system.peers and nodetool status."""
    members = {local["broadcast_address"]: {
        "address": local["broadcast_address"], "host_id": local["host_id"], "dc": local["data_center"],
        "rack": local["rack"], "tokens": sorted(local["tokens"], key=int)}}
    for line in captures.text("cql", "system.peers", "jsonl").splitlines():
        peer = json.loads(line)
        members[peer["peer"]] = {"address": peer["peer"], "host_id": peer["host_id"], "dc": peer["data_center"],
                                 "rack": peer["rack"], "tokens": sorted(peer["tokens"], key=int)}
    ordered = []
    for line in captures.text("nodetool", "status").splitlines():
        fields = line.split()
        if len(fields) > 6 and fields[1] in members:
            ordered.append(members[fields[1]] | {"up": True, "load": " ".join(fields[2:4])})
    return ordered


def own(home):
    return next(m for m in home.state["members"] if m["address"] == home.state["address"])


def members(home):
    """All members, with this node's own facts as they are now."""
    facts = {name: home.state[name] for name in ("host_id", "dc", "rack", "tokens")}
    return [m | facts | {"up": True} if m["address"] == home.state["address"] else m for m in home.state["members"]]


def tell(home, up):
    """The others see this node come or go; one that comes sees who is there. Needs `ring_locked`."""
    me = own(home)
    me |= {name: home.state[name] for name in ("host_id", "dc", "rack", "tokens")} | {"up": up}
    for other in home.peers:
        for member in other.state["members"]:
            if member["address"] == home.state["address"]:
                member |= {name: me[name] for name in ("host_id", "dc", "rack", "tokens", "up")}
        if up:
            next(m for m in home.state["members"] if m["address"] == other.state["address"])["up"] = other.is_up


def schema_versions(home):
    """By version, the addresses of the nodes that are up."""
    found = {}
    for member in sorted(members(home), key=lambda member: member["address"], reverse=True):
        if not member["up"]:
            continue
        version = member.get("schema_version") or home.state["schema_version"]
        if member.get("home") and member["home"] != str(home.path):
            version = json.loads((Home(member["home"]).path / "node.json").read_text())["schema_version"]
        found.setdefault(version, []).append(member["address"])
    return found


def ranges(home, keyspace):
    """(start, end, [members]) of each range, by SimpleStrategy or NetworkTopologyStrategy."""
    row = schema.keyspace(home, keyspace)
    everyone = members(home)
    owners = sorted((int(token), number) for number, member in enumerate(everyone) for token in member["tokens"])
    found = []
    for index, (token, _) in enumerate(owners):
        walk = [everyone[number] for _, number in owners[index:] + owners[:index]]
        found.append((str(owners[index - 1][0]), str(token), replicas(row["replication"], walk)))
    return found


def replicas(replication, walk):
    strategy = replication["class"].rsplit(".", 1)[-1]
    if strategy == "NetworkTopologyStrategy":
        chosen = []
        for member in walk:
            dc = member["dc"]
            wanted = int(replication.get(dc, 0))
            there = [m for m in chosen if m["dc"] == dc]
            if member in chosen or len(there) >= wanted:
                continue
            racks = {m["rack"] for m in walk if m["dc"] == dc}
            used = {m["rack"] for m in there}
            # A rack twice only when all racks have one, or when there is no other way to reach the number.
            if member["rack"] in used and used != racks and len({m["address"] for m in walk if m["dc"] == dc}) > wanted:
                continue
            chosen.append(member)
        return chosen
    wanted = int(replication.get("replication_factor", 1)) if strategy != "LocalStrategy" else 1
    chosen = []
    for member in walk:
        if member not in chosen and len(chosen) < wanted:
            chosen.append(member)
    return chosen


def share(home, keyspace, member):
    """The percentage of the keyspace's data that a member holds."""
    total = 0
    for start, end, holders in ranges(home, keyspace):
        if any(holder["address"] == member["address"] for holder in holders):
            total += (int(end) - int(start)) % (1 << 64) or (1 << 64)
    return 100 * total / (1 << 64)
