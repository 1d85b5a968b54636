"""CREATE TABLE, ALTER TABLE and CREATE MATERIALIZED VIEW as rows of system_schema."""

import json
import time

from cql.words import configuration, invalid, syntax
from node import schema

NATIVE = set("ascii bigint blob boolean counter date decimal double duration float inet int smallint text time "
             "timestamp timeuuid tinyint uuid varint frozen map list set tuple vector empty".split())
# Gone in 4.0, and ignored there.
OBSOLETE = {"read_repair_chance", "dclocal_read_repair_chance"}
COMPACTION, COMPRESSION = "org.apache.cassandra.db.compaction.", "org.apache.cassandra.io.compress."


def options(words):
    """WITH name = value AND ...; ID, CLUSTERING ORDER BY and COMPACT STORAGE stand under their upper-case names."""
    found = {}
    if not words.accept("WITH"):
        return found
    while True:
        if words.accept("CLUSTERING", "ORDER", "BY"):
            words.expect("(")
            orders = {}
            while True:
                column = words.name()
                words.accept("ASC")
                orders[column] = "desc" if words.accept("DESC") else "asc"
                if not words.accept(","):
                    break
            words.expect(")")
            found["CLUSTERING ORDER BY"] = orders
        elif words.accept("COMPACT", "STORAGE"):
            found["COMPACT STORAGE"] = True
        else:
            name = words.name()
            words.expect("=")
            found["ID" if name == "id" else name] = words.literal()
        if not words.accept("AND"):
            return found


def known_type(home, keyspace, text):
    """The type, if all user types in it exist; tuples and what is frozen around them are spelt as the server does."""
    names = [name.strip() for name in text.replace("<", ",").replace(">", ",").split(",")]
    types = {r["type_name"] for r in home.schema["rows"]["types"] if r["keyspace_name"] == keyspace}
    for name in names:
        if name and not name.isdigit() and name not in NATIVE and name.strip('"') not in types:
            raise invalid(f"Unknown type {keyspace}.{name}")
    return f"frozen<{text}>" if text.startswith("tuple<") else text


def template(home, table, keyspace="shop"):
    """A captured row with the version's defaults."""
    name = "view_name" if table == "views" else "table_name"
    wanted = "orders_by_status" if table == "views" else "empty_table"
    for line in home.captures.text("cql", f"system_schema.{table}", "jsonl").splitlines():
        row = json.loads(line)
        if (row["keyspace_name"], row[name]) == (keyspace, wanted):
            return row
    raise KeyError(table)


def apply(home, row, given):
    """Sets the options in a row of tables or views."""
    for name, value in given.items():
        if name.isupper():
            continue
        if name not in row or name in ("flags", "id"):
            if name in OBSOLETE:
                continue
            raise syntax(f"Unknown property '{name}'")
        if name == "compaction":
            value = compaction(value, home.release)
        elif name == "compression":
            value = compression(value, row["compression"])
        elif name == "caching":
            value = {"keys": "ALL", "rows_per_partition": "NONE"} | {k: str(v) for k, v in value.items()}
        elif name == "extensions":
            value = dict(value or {})
        elif isinstance(row[name], float):
            value = float(value)
        elif name == "speculative_retry" and home.release < (4, 0):
            value = str(value).replace("percentile", "PERCENTILE")
        # What has its default is null in system_schema.
        row[name] = None if value == {"cdc": False, "memtable": "default", "allow_auto_snapshot": True,
                                      "incremental_backups": True}.get(name, object()) else value


def compaction(value, release):
    """The strategies that have thresholds get them; of 3.11's, levelled compaction has none."""
    value = {k: str(v) for k, v in value.items()}
    if "class" not in value:
        raise configuration("Missing sub-option 'class' for the 'compaction' option.")
    strategy = value["class"]
    value["class"] = strategy if "." in strategy else COMPACTION + strategy
    levelled = strategy.endswith("LeveledCompactionStrategy") and release < (4, 0)
    if not levelled and not strategy.endswith("UnifiedCompactionStrategy"):
        value = {"max_threshold": "32", "min_threshold": "4"} | value
    return {"class": value["class"]} | {k: value[k] for k in sorted(value) if k != "class"}


def compression(value, default):
    value = {k: str(v) for k, v in value.items()}
    if value.get("enabled") == "false" or value.get("class", value.get("sstable_compression")) == "":
        return {"enabled": "false"}
    compressor = value.pop("sstable_compression", value.get("class"))
    value.pop("enabled", None)
    value["class"] = compressor if "." in compressor else COMPRESSION + compressor
    value.setdefault("chunk_length_in_kb", value.pop("chunk_length_kb", default.get("chunk_length_in_kb", "16")))
    return dict(sorted(value.items()))


def parse(home, words, keyspace, name):
    """(row of tables, rows of columns)."""
    types, static, partition, clustering = {}, set(), [], []
    words.expect("(")
    while True:
        if words.accept("PRIMARY", "KEY"):
            partition, clustering = primary_key(words)
        else:
            column = words.name()
            types[column] = known_type(home, keyspace, words.type())
            if words.accept("STATIC"):
                static.add(column)
            if words.accept("PRIMARY", "KEY"):
                partition = [column]
        if not words.accept(","):
            break
    words.expect(")")
    given = options(words)
    words.end()
    if not partition:
        raise invalid(f"No PRIMARY KEY specifed for table '{name}' (exactly one required)")
    for column in partition + clustering:
        if column not in types:
            raise invalid(f"Unknown column '{column}' referenced in PRIMARY KEY for table '{name}'")
    row = template(home, "tables") | {"keyspace_name": keyspace, "table_name": name, "comment": ""}
    row["id"] = given.get("ID") or new_identifier()
    row["flags"] = ["compound", "counter"] if "counter" in types.values() else ["compound"]
    apply(home, row, given)
    orders = given.get("CLUSTERING ORDER BY", {})
    return row, column_rows(keyspace, name, types, static, partition, clustering, orders)


def new_identifier():
    import uuid

    return str(uuid.uuid1())


def primary_key(words):
    """(partition key, clustering columns)."""
    partition, clustering = [], []
    words.expect("(")
    if words.accept("("):
        partition.append(words.name())
        while words.accept(","):
            partition.append(words.name())
        words.expect(")")
    else:
        partition.append(words.name())
    while words.accept(","):
        clustering.append(words.name())
    words.expect(")")
    return partition, clustering


def column_rows(keyspace, table, types, static, partition, clustering, orders):
    rows = []
    for column in sorted(types):
        kind, position, order = ("static" if column in static else "regular"), -1, "none"
        if column in partition:
            kind, position = "partition_key", partition.index(column)
        elif column in clustering:
            kind, position, order = "clustering", clustering.index(column), orders.get(column, "asc")
        rows.append({"keyspace_name": keyspace, "table_name": table, "column_name": column, "clustering_order": order,
                     "column_name_bytes": "0x" + column.encode().hex(), "kind": kind, "position": position,
                     "type": types[column]})
    return rows


def parse_view(home, words, keyspace, name):
    """(row of views, rows of columns, base table)."""
    words.expect("AS", "SELECT")
    selected = None if words.accept("*") else [words.name()]
    while selected and words.accept(","):
        selected.append(words.name())
    words.expect("FROM")
    of, base = words.qualified(keyspace)
    base_row = schema.table(home, of, base)
    if not base_row:
        raise invalid(f"Base table '{base}' doesn't exist" if home.release >= (4, 0) else f"unconfigured table {base}")
    words.expect("WHERE")
    start = words.left[0][2]
    while words.left and words.peek() != "PRIMARY":
        words.take()
    where = words.text[start: words.left[0][2]].strip()
    words.expect("PRIMARY", "KEY")
    partition, clustering = primary_key(words)
    given = options(words)
    words.end()
    types = {r["column_name"]: r["type"] for r in home.schema["rows"]["columns"]
             if (r["keyspace_name"], r["table_name"]) == (of, base)}
    chosen = {c: types[c] for c in types if selected is None or c in {*selected, *partition, *clustering}}
    row = template(home, "views") | {
        "keyspace_name": keyspace, "view_name": name, "base_table_id": base_row["id"], "base_table_name": base,
        "id": given.get("ID") or new_identifier(), "include_all_columns": selected is None,
        "where_clause": " ".join(where.split())}
    apply(home, row, given)
    rows = column_rows(keyspace, name, chosen, set(), partition, clustering, given.get("CLUSTERING ORDER BY", {}))
    return row, rows, base


def alter(home, words, keyspace, name):
    """ALTER TABLE ... ADD, DROP [USING TIMESTAMP], WITH."""
    rows = home.schema["rows"]
    mine = [r for r in rows["columns"] if (r["keyspace_name"], r["table_name"]) == (keyspace, name)]
    if words.accept("ADD"):
        column, type_ = words.name(), known_type(home, keyspace, words.type())
        if any(r["column_name"] == column for r in mine):
            raise invalid(f"Column with name '{column}' already exists")
        rows["columns"] += column_rows(keyspace, name, {column: type_}, {column} if words.accept("STATIC") else (), [],
                                       [], {})
    elif words.accept("DROP"):
        column = words.name()
        micros = words.literal() if words.accept("USING", "TIMESTAMP") else home.now() * 1000
        row = next((r for r in mine if r["column_name"] == column), None)
        if not row:
            raise invalid(f"Column {column} was not found in table '{keyspace}.{name}'")
        rows["columns"].remove(row)
        at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(micros // 1_000_000))
        rows["dropped_columns"].append({
            "keyspace_name": keyspace, "table_name": name, "column_name": column,
            "dropped_time": f"{at}.{micros // 1000 % 1000:03d}Z", "kind": row["kind"], "type": row["type"]})
    else:
        apply(home, schema.table(home, keyspace, name), options(words))
    words.end()
