"""The schema: rows as system_schema has them, by table, and the statements of DESCRIBE in its order.

    {"rows": {"keyspaces": [...], "tables": [...], "columns": [...], ...},
     "statements": [{"kind": "table", "keyspace": "shop", "name": "orders", "of": null, "text": "CREATE TABLE ..."}],
     "snapshot_texts": {"shop.orders": "CREATE TABLE IF NOT EXISTS ..."}}

`of` is the table an index or a view belongs to.
"""

import json
import re

from node import names

TABLES = ["keyspaces", "tables", "columns", "dropped_columns", "types", "indexes", "views", "functions", "aggregates",
          "triggers"]
# Not replicated, and listed by no 3.11 or 4.0 `nodetool listsnapshots`, system_schema of 4.0 apart.
LOCAL = {"system", "system_schema"}
SYSTEM = LOCAL | {"system_auth", "system_distributed", "system_traces", "system_views", "system_virtual_schema"}

_NAME = r'(?:"(?:[^"]|"")+"|[a-z][a-z0-9_]*)'
_HEAD = re.compile(
    rf"^CREATE (?:CUSTOM )?(KEYSPACE|TYPE|TABLE|INDEX|MATERIALIZED VIEW) (?:({_NAME})\.)?({_NAME})"
    rf"(?: ON (?:({_NAME})\.)?({_NAME}))?")


def captured(captures):
    """The schema of a captured node at its end; of a ring's only that of the system: see lifecycle.define."""
    rows = {table: [] for table in TABLES}
    for table in TABLES:
        text = captures.text("cql", f"system_schema.{table}", "jsonl")
        rows[table] = [json.loads(line) for line in text.splitlines()]
    full = captures.text("cql", "describe-full-schema") or captures.text("cql", "describe-schema")
    whole = {"rows": rows, "statements": statements(full), "snapshot_texts": {}}
    return whole if is_whole(captures) else bare(whole)


def is_whole(captures):
    """Whether the capture has its own rows of columns: those of the ring do not."""
    return captures.path("cql", "system_schema.columns", "jsonl").is_relative_to(captures.directory)


def bare(whole):
    """A schema without what users made."""
    rows = {table: [row for row in rows if row["keyspace_name"] in SYSTEM] for table, rows in whole["rows"].items()}
    return whole | {"rows": rows, "statements": [s for s in whole["statements"] if s["keyspace"] in SYSTEM]}


def statements(text):
    """The statements of a DESCRIBE in order, each with what it makes."""
    found = []
    for statement in re.split(r";\n(?=\n|CREATE |$)", text.strip("\n") + "\n"):
        statement = statement.strip("\n")
        if not statement.startswith("CREATE"):
            continue
        found.append(statement_entry(statement + ";"))
    return found


def statement_entry(text):
    kind, keyspace, name, base_keyspace, base = (part and unquoted(part) for part in _HEAD.match(text).groups())
    if kind == "keyspace":
        return {"kind": "keyspace", "keyspace": name, "name": name, "of": None, "text": text}
    if kind == "materialized view":
        keyspace_of, base = re.search(rf"\n? *FROM ({_NAME})\.({_NAME})", text).groups()
        return {"kind": "view", "keyspace": keyspace, "name": name, "of": unquoted(base), "text": text}
    return {"kind": kind, "keyspace": keyspace or base_keyspace, "name": name, "of": base, "text": text}


def unquoted(name):
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()


# --- lookups -----------------------------------------------------------------------------------------------------


def keyspace(home, name):
    return next((row for row in home.schema["rows"]["keyspaces"] if row["keyspace_name"] == name), None)


def table(home, keyspace_name, name):
    return next((row for row in home.schema["rows"]["tables"]
                 if row["keyspace_name"] == keyspace_name and row["table_name"] == name), None)


def view(home, keyspace_name, name):
    return next((row for row in home.schema["rows"]["views"]
                 if row["keyspace_name"] == keyspace_name and row["view_name"] == name), None)


def stored(home, keyspaces=None):
    """(keyspace, name, id) of all tables and views, which have a directory each."""
    found = [(r["keyspace_name"], r["table_name"], r["id"]) for r in home.schema["rows"]["tables"]]
    found += [(r["keyspace_name"], r["view_name"], r["id"]) for r in home.schema["rows"]["views"]]
    return [entry for entry in found if keyspaces is None or entry[0] in keyspaces]


def identifier(home, keyspace_name, name):
    """A table's or view's id; None if there is none of that name."""
    row = table(home, keyspace_name, name) or view(home, keyspace_name, name)
    return row and row["id"]


def views_of(home, keyspace_name, name):
    return [row["view_name"] for row in home.schema["rows"]["views"]
            if row["keyspace_name"] == keyspace_name and row["base_table_name"] == name]


def indexes_of(home, keyspace_name, name):
    """The table's indexes with a directory of their own: SAI's stand beside Data.db."""
    return [row["index_name"] for row in home.schema["rows"]["indexes"]
            if row["keyspace_name"] == keyspace_name and row["table_name"] == name and row["kind"] != "CUSTOM"]


def directories(home, keyspace_name, name):
    """The table's directory in each data directory."""
    folder = names.table_directory(name, identifier(home, keyspace_name, name))
    return [data / keyspace_name / folder for data in home.data]


def make_directories(home, keyspace_name, name):
    for directory in directories(home, keyspace_name, name):
        directory.mkdir(parents=True, exist_ok=True)


def touched(home):
    """Marks the schema as changed: a new version everywhere. A real one is computed from the rows."""
    import uuid

    home.schema_changed = True
    rows = json.dumps(home.schema["rows"], sort_keys=True)
    home.state["schema_version"] = str(uuid.uuid3(uuid.NAMESPACE_OID, rows))


def snapshot_text(home, keyspace_name, name):
    """schema.cql of a snapshot: as captured, or for a table made since the text of DESCRIBE with its id."""
    text = home.schema["snapshot_texts"].get(f"{keyspace_name}.{name}")
    if text:
        return text
    parts = [s["text"] for s in home.schema["statements"] if s["keyspace"] == keyspace_name
             and (s["name"] == name and s["kind"] in ("table", "view") or s["of"] == name and s["kind"] == "index")]
    text = "\n".join(re.sub(r"^(CREATE (?:CUSTOM )?(?:TABLE|INDEX|MATERIALIZED VIEW)) ", r"\1 IF NOT EXISTS ", part)
                     for part in parts)
    return re.sub(r"\bWITH\b", f"WITH ID = {identifier(home, keyspace_name, name)}\n    AND", text, count=1) + "\n"
