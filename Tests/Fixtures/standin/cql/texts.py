"""The statements of DESCRIBE for what is made or altered here: those of captured things stay as captured."""

import re

from node import schema
from node.names import quoted


def put(home, kind, keyspace, name, of=None):
    """Adds a statement after the last of its keyspace, or in place of the one there is."""
    statements = home.schema["statements"]
    entry = {"kind": kind, "keyspace": keyspace, "name": name, "of": of, "text": ""}
    if kind == "view":
        entry["of"] = schema.view(home, keyspace, name)["base_table_name"]
    entry["text"] = {"keyspace": keyspace_text, "type": type_text, "table": table_text, "index": index_text,
                     "view": view_text}[kind](home, keyspace, name)
    for position, known in enumerate(statements):
        if (known["kind"], known["keyspace"], known["name"]) == (kind, keyspace, name):
            statements[position] = entry
            return
    last = max([i for i, known in enumerate(statements) if known["keyspace"] == keyspace
                and (kind != "index" or of in (known["of"], known["name"]) and known["kind"] in ("table", "index"))],
               default=len(statements) - 1)
    if kind == "type":
        last = max([i for i, known in enumerate(statements) if known["keyspace"] == keyspace
                    and known["kind"] in ("keyspace", "type")], default=last)
    statements.insert(last + 1, entry)


def remove(home, wanted):
    home.schema["statements"][:] = [entry for entry in home.schema["statements"] if not wanted(entry)]


def literal(value):
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"'{k}': '{v}'" for k, v in value.items()) + "}"
    return str(value)


def keyspace_text(home, keyspace, _):
    row = schema.keyspace(home, keyspace)
    options = dict(row["replication"])
    options["class"] = options["class"].rsplit(".", 1)[-1]
    return (f"CREATE KEYSPACE {quoted(keyspace)} WITH replication = {literal(options)}  "
            f"AND durable_writes = {literal(row['durable_writes'])};")


def type_text(home, keyspace, name):
    row = next(r for r in home.schema["rows"]["types"] if (r["keyspace_name"], r["type_name"]) == (keyspace, name))
    fields = ",\n".join(f"    {quoted(f)} {t}" for f, t in zip(row["field_names"], row["field_types"]))
    return f"CREATE TYPE {quoted(keyspace)}.{quoted(name)} (\n{fields}\n);"


def index_text(home, keyspace, name):
    row = next(r for r in home.schema["rows"]["indexes"] if (r["keyspace_name"], r["index_name"]) == (keyspace, name))
    options = dict(row["options"])
    target, using = options.pop("target"), options.pop("class_name", None)
    text = (f"CREATE {'CUSTOM ' if using else ''}INDEX {quoted(name)} ON "
            f"{quoted(keyspace)}.{quoted(row['table_name'])} ({target})")
    text += f" USING '{using}'" if using else ""
    return text + (f" WITH OPTIONS = {literal(options)}" if options else "") + ";"


def columns_of(home, keyspace, name):
    """(partition key, clustering, other columns) as rows, in the order of a definition."""
    rows = [r for r in home.schema["rows"]["columns"] if (r["keyspace_name"], r["table_name"]) == (keyspace, name)]
    keys = [sorted((r for r in rows if r["kind"] == kind), key=lambda r: r["position"])
            for kind in ("partition_key", "clustering")]
    others = [r for r in rows if r["kind"] in ("static", "regular")]
    # Since 4.0 complex columns come after simple ones, static ones before regular ones.
    new = home.release >= (4, 0)
    others.sort(key=lambda r: (new and r["kind"] != "static", new and is_complex(home, keyspace, r["type"]),
                               r["column_name"]))
    return (*keys, others)


def is_complex(home, keyspace, text):
    types = {r["type_name"] for r in home.schema["rows"]["types"] if r["keyspace_name"] == keyspace}
    return text.startswith(("map<", "list<", "set<")) or text in types


def primary_key(partition, clustering):
    names = [quoted(r["column_name"]) for r in partition]
    first = names[0] if len(names) == 1 else f"({', '.join(names)})"
    return f"PRIMARY KEY ({', '.join([first, *(quoted(r['column_name']) for r in clustering)])})"


def table_text(home, keyspace, name):
    partition, clustering, others = columns_of(home, keyspace, name)
    single = len(partition) == 1 and not clustering
    lines = []
    for row in [*partition, *clustering, *others]:
        mark = " static" if row["kind"] == "static" else ""
        mark += " PRIMARY KEY" if single and row["kind"] == "partition_key" else ""
        lines.append(f"    {quoted(row['column_name'])} {row['type']}{mark}")
    if not single:
        lines.append("    " + primary_key(partition, clustering))
    body = ",\n".join(lines)
    return (f"CREATE TABLE {quoted(keyspace)}.{quoted(name)} (\n{body}\n)"
            + options_text(home, schema.table(home, keyspace, name), clustering))


def view_text(home, keyspace, name):
    row = schema.view(home, keyspace, name)
    partition, clustering, others = columns_of(home, keyspace, name)
    chosen = "*" if row["include_all_columns"] else ", ".join(
        quoted(r["column_name"]) for r in [*partition, *clustering, *others])
    return (f"CREATE MATERIALIZED VIEW {quoted(keyspace)}.{quoted(name)} AS\n    SELECT {chosen}\n"
            f"    FROM {quoted(keyspace)}.{quoted(row['base_table_name'])}\n    WHERE {row['where_clause']}\n"
            f"    {primary_key(partition, clustering)}\n" + options_text(home, row, clustering))


def options_text(home, row, clustering):
    """The options in the order in which the version's captured tables have them."""
    kind = "view" if "view_name" in row else "table"
    model = next(e["text"] for e in schema.statements(home.captures.text("cql", "describe-schema"))
                 if e["kind"] == kind and e["name"] in ("empty_table", "orders_by_status"))
    names = re.findall(r"(?:WITH|AND) ([a-z_]+) = ", model)
    lines = []
    if clustering:
        orders = ", ".join(f"{quoted(r['column_name'])} {r['clustering_order'].upper()}" for r in clustering)
        lines.append(f"CLUSTERING ORDER BY ({orders})")
    defaults = {"cdc": False, "memtable": "default", "allow_auto_snapshot": True, "incremental_backups": True}
    for name in names:
        value = row.get(name)
        lines.append(f"{name} = {literal(defaults.get(name) if value is None else value)}")
    start = "    WITH " if kind == "view" and home.release < (4, 0) else " WITH "
    return start + "\n    AND ".join(lines) + ";"
