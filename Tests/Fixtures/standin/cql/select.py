"""SELECT from the tables of the system; the rows of users' tables are not modelled."""

import json

from cql import printing
from cql.words import CQLError, invalid
from node import ring, schema


def select(home, words, keyspace, page):
    as_json = words.accept("JSON")
    words.accept("DISTINCT")
    columns = None if words.accept("*") else names(words)
    words.expect("FROM")
    place = words.qualified(keyspace)
    conditions = where(words)
    limit = words.literal() if words.accept("LIMIT") else None
    words.accept("ALLOW", "FILTERING")
    words.end()
    require(home, *place)
    found = [row for row in rows_of(home, *place) if all(row.get(name) in wanted for name, wanted in conditions)]
    found = found[:limit]
    known = [row["column_name"] for row in home.schema["rows"]["columns"]
             if (row["keyspace_name"], row["table_name"]) == place]
    for name in [*(columns or []), *(name for name, _ in conditions)]:
        if name not in known:
            raise invalid(f"Undefined column name {name}" + (f" in table {'.'.join(place)}" if home.release >= (4, 1) else ""))
    if as_json:
        picked = [{name: row.get(name) for name in columns} if columns else row for row in found]
        return printing.rows(["[json]"], [[printing.json_text(row)] for row in picked], page)
    columns = columns or (list(found[0]) if found else known)
    return printing.rows(columns, [[row.get(name) for name in columns] for row in found], page)


def names(words):
    found = [words.name()]
    while words.accept(","):
        found.append(words.name())
    return found


def where(words):
    """[(column, [values])]."""
    found = []
    if words.accept("WHERE"):
        while True:
            column = words.name()
            if words.accept("IN"):
                words.expect("(")
                values = [words.literal()]
                while words.accept(","):
                    values.append(words.literal())
                words.expect(")")
            else:
                words.expect("=")
                values = [words.literal()]
            found.append((column, values))
            if not words.accept("AND"):
                break
    return found


def require(home, keyspace, table):
    """The words of Schema.validateTable, or of ThriftValidation before 4.0."""
    old = home.release < (4, 0)
    if not schema.keyspace(home, keyspace):
        raise invalid(f"{'Keyspace' if old else 'keyspace'} {keyspace} does not exist")
    if not schema.identifier(home, keyspace, table):
        captured = home.captures.text("cql", "error-unknown-table", "err").strip().split(":", 2)[2]
        kind, text = captured.split(": ", 1)
        raise CQLError(kind, text.replace("no_such_table", table))


def rows_of(home, keyspace, table):
    if keyspace == "system_schema":
        return home.schema["rows"].get(table, [])
    if (keyspace, table) == ("system", "local"):
        return [local(home)]
    if keyspace == "system" and table in ("peers", "peers_v2"):
        return peers(home, table)
    if (keyspace, table) == ("system_auth", "roles"):
        user = home.state.get("cql", {}).get("user", "cassandra")
        return [{"role": user, "can_login": True, "is_superuser": True, "member_of": None,
                 "salted_hash": "$2a$10$standinstandinstandinstandinstandinstandinstandinstandi"}]
    if keyspace in schema.SYSTEM:
        return []
    raise invalid("The stand-in keeps no rows of users' tables")


def local(home):
    row = json.loads(home.captures.text("cql", "system.local", "jsonl"))
    state = home.state
    return row | {"cluster_name": state["cluster"], "data_center": state["dc"], "host_id": state["host_id"],
                  "partitioner": state["partitioner"], "rack": state["rack"],
                  "schema_version": state["schema_version"], "tokens": sorted(state["tokens"])}


def peers(home, table):
    """The other members, as captured and with what is known of them now."""
    current = {member["address"]: member for member in ring.members(home)}
    found = []
    for line in home.captures.text("cql", f"system.{table}", "jsonl").splitlines():
        row = json.loads(line)
        member = current.get(row["peer"])
        if member:
            found.append(row | {"data_center": member["dc"], "host_id": member["host_id"], "rack": member["rack"],
                                "schema_version": home.state["schema_version"], "tokens": sorted(member["tokens"])})
    return found
