"""What a node has open, and snapshots of it.

The tracker, state["open"], has by "keyspace.table" the SSTables that the node opened at its start or made since:
[number of the data directory, "" or ".<index>", prefix]. Files that were put into a directory since are not in it.
"""

import json
import os
import time

from node import names, schema, sstables
from node.home import Refusal


def key(keyspace, table):
    return f"{keyspace}.{table}"


def opened(home, keyspace, table):
    return home.state["open"].setdefault(key(keyspace, table), [])


def place(home, keyspace, table, entry):
    """The directory of an open SSTable."""
    number, folder, _ = entry
    directory = schema.directories(home, keyspace, table)[number]
    return directory / folder if folder else directory


def next_prefix(home, keyspace, table, like=None):
    """The prefix of a new SSTable, by the node's setting; one that is loaded keeps its version and format."""
    version, form = names.FORMATS[home.release]
    if like:
        version, _, form = like.split("-")
    if home.state["uuid_identifiers"]:
        return f"{version}-{names.new_uuid_identifier()}-{form}"
    last = home.state["generations"].get(key(keyspace, table), 0)
    home.state["generations"][key(keyspace, table)] = last + 1
    return f"{version}-{last + 1}-{form}"


def open_all(home, keyspace, table):
    """Opens what lies in the table's directories, as a start does: orphans without Data.db are removed."""
    entries, last = [], 0
    for number, directory in enumerate(schema.directories(home, keyspace, table)):
        folders = [""] + [f".{index}" for index in schema.indexes_of(home, keyspace, table)]
        for folder in folders:
            for prefix, components in sorted(sstables.sets_in(directory / folder).items()):
                if "Data.db" not in components:
                    sstables.remove(directory / folder, prefix)
                    continue
                problem = sstables.fault(directory / folder, prefix, components)
                if problem:
                    raise Refusal(3, err=f"Exception encountered during startup: {problem}\n")
                entries.append([number, folder, prefix])
        # Backups count for the next number, snapshots do not: it starts anew after TRUNCATE and a restart.
        for folder in [*folders, "backups"]:
            last = max([last, *(names.generation(p) or 0 for p in sstables.sets_in(directory / folder))])
    home.state["open"][key(keyspace, table)] = entries
    home.state["generations"][key(keyspace, table)] = last


def add(home, keyspace, table, content, number=None, index_content=None):
    """A flushed SSTable, with one of each index of its own, and links in backups/ if they are on."""
    prefix = next_prefix(home, keyspace, table)
    if number is None:
        number = len(opened(home, keyspace, table)) % len(home.data)
    entries = [([number, "", prefix], content)]
    for index in schema.indexes_of(home, keyspace, table):
        entries.append(([number, f".{index}", next_prefix(home, keyspace, table)], content[: len(content) // 4 + 1]))
    for entry, bytes_ in entries:
        directory = place(home, keyspace, table, entry)
        sstables.write(directory, entry[2], bytes_)
        opened(home, keyspace, table).append(entry)
        if home.state["incremental_backups"]:
            link_set(directory, entry[2], schema.directories(home, keyspace, table)[number] / "backups" / entry[1])
    return prefix


def build_indexes(home, keyspace, table, number, prefix):
    """What loading an SSTable adds to the table's own indexes: a new one in each, with made-up content."""
    for index in schema.indexes_of(home, keyspace, table):
        entry = [number, f".{index}", next_prefix(home, keyspace, table)]
        sstables.write(place(home, keyspace, table, entry), entry[2], f"{index} of {prefix}".encode())
        opened(home, keyspace, table).append(entry)


def link_set(directory, prefix, target):
    target.mkdir(parents=True, exist_ok=True)
    components = sstables.sets_in(directory).get(prefix, set())
    if "Data.db" not in components:
        raise Refusal(2, err="error: Tried to create duplicate hard link to a file that does not exist: "
                             f"{directory}/{prefix}-Data.db\n")
    for component in components:
        os.link(directory / f"{prefix}-{component}", target / f"{prefix}-{component}")


def drop_files(home, keyspace, table):
    """Deletes what is open of a table; what it does not know stays."""
    for entry in opened(home, keyspace, table):
        sstables.remove(place(home, keyspace, table, entry), entry[2])
    home.state["open"][key(keyspace, table)] = []


def drop_folder(home, keyspace, table, folder):
    """Deletes what is open of one index."""
    entries = opened(home, keyspace, table)
    for entry in [entry for entry in entries if entry[1] == folder]:
        sstables.remove(place(home, keyspace, table, entry), entry[2])
        entries.remove(entry)


# --- snapshots ---------------------------------------------------------------------------------------------------


def snapshot_table(home, keyspace, table, tag, expires=None):
    """Hard links of what is open, and manifest.json and schema.cql in one of the data directories."""
    directories = schema.directories(home, keyspace, table)
    listed = []
    for entry in opened(home, keyspace, table):
        number, folder, prefix = entry
        link_set(place(home, keyspace, table, entry), prefix, directories[number] / "snapshots" / tag / folder)
        if not folder:
            listed.append(f"{prefix}-Data.db")
    # Which one has them changes from snapshot to snapshot, as in the captures.
    place_of_manifest = directories[sum(map(ord, table + tag)) % len(directories)] / "snapshots" / tag
    place_of_manifest.mkdir(parents=True, exist_ok=True)
    (place_of_manifest / "manifest.json").write_text(manifest(home.release, listed, home.now(), expires))
    (place_of_manifest / "schema.cql").write_text(schema.snapshot_text(home, keyspace, table))


def manifest(release, files, made, expires):
    """manifest.json in each version's own layout; `made` and `expires` in milliseconds."""
    if release < (4, 1):
        return json.dumps({"files": files}, separators=(",", ":"))
    created, until = instant(made), instant(expires) if expires else None
    if release < (5, 0):
        return json.dumps({"files": files, "created_at": created, "expires_at": until}, separators=(",", ":"))
    quoted = "[ " + ", ".join(f'"{name}"' for name in files) + " ]" if files else "[ ]"
    return (f'{{\n  "files" : {quoted},\n  "created_at" : "{created}",\n'
            f'  "expires_at" : {json.dumps(until)},\n  "ephemeral" : false\n}}')


def instant(milliseconds):
    text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(milliseconds // 1000))
    return f"{text}.{milliseconds % 1000:03d}Z"


def snapshots(home):
    """(tag, keyspace, directory of the table, [its directories]) of everything below the data directories."""
    found = {}
    for data in home.data:
        for directory in sorted(data.glob("*/*-*/snapshots/*")):
            table_directory = directory.parent.parent
            known = (directory.name, table_directory.parent.name, table_directory.name)
            found.setdefault(known, []).append(directory)
    return [(*known, directories) for known, directories in sorted(found.items())]


def clear(home, tag, keyspaces):
    """Without a tag all; without keyspaces in all of them, dropped tables' directories included."""
    import shutil

    for known, keyspace, _, directories in snapshots(home):
        if (tag is None or known == tag) and (not keyspaces or keyspace in keyspaces):
            for directory in directories:
                shutil.rmtree(directory)


def expire(home):
    """Removes snapshots whose time has come, as the SnapshotManager of 4.1 and later does."""
    if home.release < (4, 1):
        return
    import shutil

    for _, _, _, directories in snapshots(home):
        until = manifest_field(directories, "expires_at")
        if until and until <= instant(home.now()):
            for directory in directories:
                shutil.rmtree(directory)


def manifest_field(directories, name):
    for directory in directories:
        path = directory / "manifest.json"
        if path.exists():
            return json.loads(path.read_text()).get(name)
    return None
