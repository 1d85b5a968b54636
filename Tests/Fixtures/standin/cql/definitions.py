"""Statements that change the schema or remove all rows: they hold for every node of the ring."""

from cql import tables, texts
from cql.select import require
from cql.words import CQLError, configuration, invalid
from node import activity, lifecycle, ring, schema, storage


def define(home, words, keyspace):
    verb = words.take()[1].upper()
    if verb == "TRUNCATE":
        truncate(home, words, keyspace)
        return
    for kind, names in (("keyspace", ("KEYSPACE",)), ("type", ("TYPE",)), ("table", ("TABLE",)),
                        ("table", ("COLUMNFAMILY",)), ("index", ("INDEX",)), ("index", ("CUSTOM", "INDEX")),
                        ("view", ("MATERIALIZED", "VIEW"))):
        if words.accept(*names):
            action = ACTIONS.get((verb, kind))
            if action:
                changed = action(home, words, keyspace, names[0] == "CUSTOM") if kind == "index" and verb == "CREATE" \
                    else action(home, words, keyspace)
                if changed:
                    spread(home)
                return
    if words.peek() in ("FUNCTION", "AGGREGATE", "OR"):
        raise invalid("User-defined functions are disabled in cassandra.yaml - set "
                      "enable_user_defined_functions=true to enable")
    raise words.unexpected()


def spread(home):
    """Every node that is up takes the new schema, and keeps it in its system_schema."""
    schema.touched(home)
    for peer in home.peers:
        if peer.is_up:
            peer.schema = home.schema
            peer.state["schema_version"] = home.state["schema_version"]
            lifecycle.keep_system_tables(peer)
            for keyspace, table, _ in schema.stored(peer):
                schema.make_directories(peer, keyspace, table)
    lifecycle.keep_system_tables(home)


def everywhere(home):
    return [home, *(peer for peer in home.peers if peer.is_up)]


def truncate(home, words, keyspace):
    words.accept("TABLE")
    place = words.qualified(keyspace)
    words.end()
    require(home, *place)
    if schema.view(home, *place):
        raise invalid("Cannot TRUNCATE materialized view directly; must truncate base table instead")
    if not all(member["up"] for member in ring.members(home)):
        raise CQLError("TruncateError", "Error during truncate: Cannot achieve consistency level ALL")
    for node in everywhere(home):
        activity.truncate(node, *place)


# --- keyspaces and types -----------------------------------------------------------------------------------------


def if_exists(words):
    return words.accept("IF", "EXISTS")


def if_not_exists(words):
    return words.accept("IF", "NOT", "EXISTS")


def exists(home, old, new):
    """What something of that name that is there already is answered with."""
    return invalid(old if home.release < (4, 0) else new)


def create_keyspace(home, words, _):
    quiet = if_not_exists(words)
    name = words.name()
    options = tables.options(words)
    words.end()
    if schema.keyspace(home, name):
        if quiet:
            return False
        raise CQLError("AlreadyExists", f"Keyspace '{name}' already exists")
    if "replication" not in options:
        raise configuration("Missing mandatory replication strategy class")
    replication = {key: str(value) for key, value in options["replication"].items()}
    strategy = replication.pop("class")
    if "." not in strategy:
        strategy = f"org.apache.cassandra.locator.{strategy}"
    home.schema["rows"]["keyspaces"].append({
        "keyspace_name": name, "durable_writes": options.get("durable_writes", True),
        "replication": {"class": strategy} | replication})
    texts.put(home, "keyspace", name, name)
    return True


def alter_keyspace(home, words, _):
    name = words.name()
    options = tables.options(words)
    row = schema.keyspace(home, name)
    if not row:
        raise invalid(f"Keyspace '{name}' doesn't exist")
    if "replication" in options:
        replication = {key: str(value) for key, value in options["replication"].items()}
        strategy = replication.pop("class")
        row["replication"] = {"class": strategy if "." in strategy else f"org.apache.cassandra.locator.{strategy}"}
        row["replication"] |= replication
    row["durable_writes"] = options.get("durable_writes", row["durable_writes"])
    texts.put(home, "keyspace", name, name)
    return True


def drop_keyspace(home, words, _):
    quiet = if_exists(words)
    name = words.name()
    words.end()
    if not schema.keyspace(home, name):
        if quiet:
            return False
        if home.release < (4, 0):
            raise configuration(f"Cannot drop non existing keyspace '{name}'.")
        raise invalid(f"Keyspace '{name}' doesn't exist")
    for keyspace, table, _ in schema.stored(home, [name]):
        for node in everywhere(home):
            activity.drop_table(node, keyspace, table)
    for rows in home.schema["rows"].values():
        rows[:] = [row for row in rows if row["keyspace_name"] != name]
    texts.remove(home, lambda entry: entry["keyspace"] == name)
    return True


def require_keyspace(home, keyspace, table):
    if not schema.keyspace(home, keyspace):
        if home.release < (4, 0):
            raise configuration(f"Cannot add table '{table}' to non existing keyspace '{keyspace}'.")
        raise invalid(f"Keyspace '{keyspace}' doesn't exist")


def create_type(home, words, keyspace):
    quiet = if_not_exists(words)
    keyspace, name = words.qualified(keyspace)
    require_keyspace(home, keyspace, name)
    if any((r["keyspace_name"], r["type_name"]) == (keyspace, name) for r in home.schema["rows"]["types"]):
        if quiet:
            return False
        raise exists(home, f"A user type of name {keyspace}.{name} already exists",
                     f"A user type with name '{name}' already exists")
    fields = []
    words.expect("(")
    while True:
        fields.append((words.name(), tables.known_type(home, keyspace, words.type())))
        if not words.accept(","):
            break
    words.expect(")")
    words.end()
    home.schema["rows"]["types"].append({"keyspace_name": keyspace, "type_name": name,
                                         "field_names": [f for f, _ in fields], "field_types": [t for _, t in fields]})
    texts.put(home, "type", keyspace, name)
    return True


def drop_type(home, words, keyspace):
    quiet = if_exists(words)
    keyspace, name = words.qualified(keyspace)
    rows = home.schema["rows"]["types"]
    left = [r for r in rows if (r["keyspace_name"], r["type_name"]) != (keyspace, name)]
    if len(left) == len(rows) and not quiet:
        raise invalid(f"Type '{keyspace}.{name}' doesn't exist")
    rows[:] = left
    texts.remove(home, lambda e: (e["kind"], e["keyspace"], e["name"]) == ("type", keyspace, name))
    return True


# --- tables, indexes, views --------------------------------------------------------------------------------------


def create_table(home, words, keyspace):
    quiet = if_not_exists(words)
    keyspace, name = words.qualified(keyspace)
    require_keyspace(home, keyspace, name)
    if schema.identifier(home, keyspace, name):
        if quiet:
            return False
        raise CQLError("AlreadyExists", f"Table '{keyspace}.{name}' already exists")
    row, columns = tables.parse(home, words, keyspace, name)
    home.schema["rows"]["tables"].append(row)
    home.schema["rows"]["columns"] += columns
    return made(home, "table", keyspace, name)


def made(home, kind, keyspace, name):
    texts.put(home, kind, keyspace, name)
    for node in everywhere(home):
        if node is not home:
            node.schema = home.schema
        schema.make_directories(node, keyspace, name)
        storage.open_all(node, keyspace, name)
    return True


def alter_table(home, words, keyspace):
    keyspace, name = words.qualified(keyspace)
    require(home, keyspace, name)
    tables.alter(home, words, keyspace, name)
    home.schema["snapshot_texts"].pop(f"{keyspace}.{name}", None)
    texts.put(home, "table", keyspace, name)
    return True


def drop_table(home, words, keyspace):
    quiet = if_exists(words)
    keyspace, name = words.qualified(keyspace)
    words.end()
    if not schema.table(home, keyspace, name):
        if quiet:
            return False
        raise exists(home, f"unconfigured table {name}", f"Table '{keyspace}.{name}' doesn't exist")
    views = schema.views_of(home, keyspace, name)
    if views:
        raise exists(home, f"Cannot drop table when materialized views still depend on it ({keyspace}.{{{','.join(views)}}})",
                     f"Cannot drop a table when materialized views still depend on it ({', '.join(views)})")
    forget(home, keyspace, name, "table")
    return True


def drop_view(home, words, keyspace):
    quiet = if_exists(words)
    keyspace, name = words.qualified(keyspace)
    words.end()
    if not schema.view(home, keyspace, name):
        if quiet:
            return False
        raise exists(home, f"Cannot drop non existing materialized view '{name}' in keyspace '{keyspace}'.",
                     f"Materialized view '{keyspace}.{name}' doesn't exist")
    forget(home, keyspace, name, "view")
    return True


def forget(home, keyspace, name, kind):
    for node in everywhere(home):
        activity.drop_table(node, keyspace, name)
    rows = home.schema["rows"]
    for table, column in (("tables", "table_name"), ("views", "view_name"), ("columns", "table_name"),
                          ("dropped_columns", "table_name"), ("indexes", "table_name"), ("triggers", "table_name")):
        rows[table][:] = [r for r in rows[table] if (r["keyspace_name"], r[column]) != (keyspace, name)]
    home.schema["snapshot_texts"].pop(f"{keyspace}.{name}", None)
    texts.remove(home, lambda e: e["keyspace"] == keyspace and (
        e["kind"] == kind and e["name"] == name or e["kind"] == "index" and e["of"] == name))


def create_index(home, words, keyspace, custom):
    quiet = if_not_exists(words)
    name = None if words.peek() == "ON" else words.qualified(keyspace or "")[1]
    words.expect("ON")
    keyspace, table = words.qualified(keyspace)
    require(home, keyspace, table)
    words.expect("(")
    start = words.left[0][2]
    column = words.name()
    if words.accept("("):
        column = words.name()
        words.expect(")")
    target = words.text[start: words.left[0][2]].strip()
    words.expect(")")
    name = name or f"{table}_{column}_idx"
    options = {"target": target}
    using = words.literal() if words.accept("USING") else None
    if not custom and using and using.lower() == "legacy_local_table":
        using = None  # the name of what CREATE INDEX makes by itself (CreateIndexStatement.Raw.prepare, 5.0)
    if words.accept("WITH", "OPTIONS", "="):
        options |= {key: str(value) for key, value in words.literal().items()}
    words.end()
    if using:
        options["class_name"] = using
    known = [r["column_name"] for r in home.schema["rows"]["columns"]
             if (r["keyspace_name"], r["table_name"]) == (keyspace, table)]
    if column not in known:
        raise exists(home, f"No column definition found for column {column}", f"Column '{column}' doesn't exist")
    if any((r["keyspace_name"], r["index_name"]) == (keyspace, name) for r in home.schema["rows"]["indexes"]):
        if quiet:
            return False
        raise exists(home, f"Index {name} already exists", f"Index '{name}' already exists")
    kind = "CUSTOM" if custom or using else "COMPOSITES"
    home.schema["rows"]["indexes"].append({"keyspace_name": keyspace, "table_name": table, "index_name": name,
                                           "kind": kind, "options": dict(sorted(options.items()))})
    home.schema["snapshot_texts"].pop(f"{keyspace}.{table}", None)
    texts.put(home, "index", keyspace, name, table)
    for node in everywhere(home):
        for number, folder, prefix in list(storage.opened(node, keyspace, table)):
            if not folder and kind != "CUSTOM":
                storage.build_indexes(node, keyspace, table, number, prefix)
    return True


def drop_index(home, words, keyspace):
    quiet = if_exists(words)
    keyspace, name = words.qualified(keyspace)
    rows = home.schema["rows"]["indexes"]
    found = [r for r in rows if (r["keyspace_name"], r["index_name"]) == (keyspace, name)]
    if not found:
        if quiet:
            return False
        raise exists(home, f"Index '{name}' could not be found in any of the tables of keyspace '{keyspace}'",
                     f"Index '{keyspace}.{name}' doesn't exist'")
    table = found[0]["table_name"]
    for node in everywhere(home):
        storage.drop_folder(node, keyspace, table, f".{name}")
    rows.remove(found[0])
    home.schema["snapshot_texts"].pop(f"{keyspace}.{table}", None)
    texts.remove(home, lambda e: (e["kind"], e["keyspace"], e["name"]) == ("index", keyspace, name))
    return True


def create_view(home, words, keyspace):
    quiet = if_not_exists(words)
    keyspace, name = words.qualified(keyspace)
    require_keyspace(home, keyspace, name)
    if schema.identifier(home, keyspace, name):
        if quiet:
            return False
        if home.release < (4, 0):
            raise CQLError("AlreadyExists", f"Table '{keyspace}.{name}' already exists")
        raise invalid(f"Cannot create materialized view '{name}': there is already a table or view of that name")
    row, columns, base = tables.parse_view(home, words, keyspace, name)
    home.schema["rows"]["views"].append(row)
    home.schema["rows"]["columns"] += columns
    made(home, "view", keyspace, name)
    for node in everywhere(home):
        for _, folder, prefix in list(storage.opened(node, keyspace, base)):
            if not folder:
                storage.add(node, keyspace, name, f"{name} of {prefix}".encode())
    return True


ACTIONS = {
    ("CREATE", "keyspace"): create_keyspace, ("ALTER", "keyspace"): alter_keyspace,
    ("DROP", "keyspace"): drop_keyspace, ("CREATE", "type"): create_type, ("DROP", "type"): drop_type,
    ("CREATE", "table"): create_table, ("ALTER", "table"): alter_table, ("DROP", "table"): drop_table,
    ("CREATE", "index"): create_index, ("DROP", "index"): drop_index, ("CREATE", "view"): create_view,
    ("DROP", "view"): drop_view,
}
