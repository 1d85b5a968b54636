"""What makes and removes SSTables: writes, flushes, compaction, TRUNCATE, DROP."""

import json
from pathlib import Path

from node import lifecycle, schema, sstables, storage
from node.home import Refusal


# A segment's header as Cassandra's: version, id, no parameters, checksum; then the marker of the first section, zero in
# an empty one. What follows is not its format: a line of JSON for each write.
HEADER = (7).to_bytes(4) + (1795216914001).to_bytes(8) + bytes(2) + bytes(4)
EMPTY, FULL = bytes(8), bytes([0, 0, 1, 0, 18, 52, 86, 120])


def commit_log(home):
    return Path(lifecycle.settings(home)["commitlog_directory"]) / "CommitLog-7-1795216914001.log"


def write(home, keyspace, table, size=20_000, seed=0, in_memory=False):
    """Rows of `size` bytes: in the memtable and the commit log, or flushed at once."""
    row = {"keyspace": keyspace, "table": table, "size": size, "seed": seed}
    if in_memory:
        home.state["pending"].setdefault(storage.key(keyspace, table), []).append(row)
        keep_commit_log(home)
        return None
    return storage.add(home, keyspace, table, content(row))


def content(row):
    return sstables.filler(f"{row['keyspace']}.{row['table']} {row['seed']}", row["size"])


def flush(home, keyspace=None, tables=None):
    """Memtables become SSTables; the commit log keeps what is still only in memory."""
    for name, rows in list(home.state["pending"].items()):
        of, table = name.split(".", 1)
        if keyspace not in (None, of) or (tables and table not in tables) or not rows:
            continue
        storage.add(home, of, table, b"".join(content(row) for row in rows))
        del home.state["pending"][name]
    keep_commit_log(home)


def keep_commit_log(home):
    left = [row for rows in home.state["pending"].values() for row in rows]
    lines = "".join(json.dumps(row) + "\n" for row in left).encode()
    commit_log(home).write_bytes(HEADER + (FULL + lines if left else EMPTY))


def replay_commit_log(home):
    """What a start finds there is flushed, if the table still exists: rows come back that nobody wants back."""
    for path in sorted(commit_log(home).parent.glob("CommitLog-*.log")):
        for line in path.read_bytes()[len(HEADER) + len(FULL):].splitlines():
            row = json.loads(line)
            if schema.identifier(home, row["keyspace"], row["table"]):
                home.state["pending"].setdefault(storage.key(row["keyspace"], row["table"]), []).append(row)
        path.unlink()
    flush(home)


def compact(home, keyspace, table):
    """One new SSTable in place of all the table's own, in each data directory as one disk boundary has it."""
    old = [entry for entry in storage.opened(home, keyspace, table) if not entry[1]]
    if len(old) < 1:
        return
    merged = b"".join((storage.place(home, keyspace, table, e) / f"{e[2]}-Data.db").read_bytes() for e in old)
    storage.add(home, keyspace, table, merged[::-1])
    for entry in old:
        sstables.remove(storage.place(home, keyspace, table, entry), entry[2])
        storage.opened(home, keyspace, table).remove(entry)


def auto_snapshot(home, keyspace, table, kind):
    """truncated-<ms>-<table> or dropped-<ms>-<table>, unless cassandra.yaml or the table says no."""
    row = schema.table(home, keyspace, table)
    if home.state["auto_snapshot"] and (row is None or row.get("allow_auto_snapshot") is not False):
        flush(home, keyspace, [table])
        storage.snapshot_table(home, keyspace, table, f"{kind}-{home.now()}-{table}")


def truncate(home, keyspace, table):
    """On this node. Views go with their base table, without a snapshot of their own."""
    auto_snapshot(home, keyspace, table, "truncated")
    for name in [table, *schema.views_of(home, keyspace, table)]:
        home.state["pending"].pop(storage.key(keyspace, name), None)
        storage.drop_files(home, keyspace, name)
    keep_commit_log(home)


def drop_table(home, keyspace, table):
    """On this node: its directory stays with the snapshots in it."""
    auto_snapshot(home, keyspace, table, "dropped")
    storage.drop_files(home, keyspace, table)
    home.state["pending"].pop(storage.key(keyspace, table), None)
    home.state["open"].pop(storage.key(keyspace, table), None)
    keep_commit_log(home)


def require_table(home, keyspace, table):
    if not schema.identifier(home, keyspace, table):
        raise Refusal(3, err=f"no table {keyspace}.{table}\n")
