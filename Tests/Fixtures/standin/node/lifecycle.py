"""Making a node from a capture, starting and stopping it."""

import json
import os
from pathlib import Path

from node import activity, names, ring, schema, sstables, storage
from node.captures import Captures
from node.home import Home, Refusal

FOLDERS = {"commitlog_directory": "commitlog", "saved_caches_directory": "saved_caches",
           "hints_directory": "hints", "cdc_raw_directory": "cdc_raw"}


# --- making ------------------------------------------------------------------------------------------------------


def rebuild(capture, root):
    """The captured data directories with their hard links and times, as rebuild.sh and CapturedNode make them."""
    for line in (capture / "dirs.txt").read_text().splitlines():
        (root / line).mkdir(parents=True, exist_ok=True)
    links = dict(line.split("\t") for line in (capture / "links.tsv").read_text().splitlines())
    files = [line.split("\t") for line in (capture / "files.tsv").read_text().splitlines()]
    for path, _, modified, _ in files:
        if path not in links:
            (root / path).write_bytes((capture / path).read_bytes())
            os.utime(root / path, (int(modified), int(modified)))
    for path, _, _, _ in files:
        if path in links:
            os.link(root / links[path], root / path)


def make(path, capture, root=None, data=True, secrets=None):
    """A node as it was captured, started. `data` says whether it has the captured tables, or only empty ones."""
    home = Home(path)
    captures = Captures(capture)
    root = Path(root) if root else home.path / "root"
    bin_ = home.path / "bin"
    bin_.mkdir(parents=True)
    for program in ("nodetool", "cqlsh"):
        (bin_ / program).symlink_to(Path(__file__).resolve().parent.parent / program)
    root.mkdir(parents=True, exist_ok=True)
    local = json.loads(captures.text("cql", "system.local", "jsonl"))
    home.state = {
        "version": local["release_version"], "status": "down", "capture": str(capture),
        "cluster": local["cluster_name"], "host_id": local["host_id"], "address": local["broadcast_address"],
        "dc": local["data_center"], "rack": local["rack"], "tokens": sorted(local["tokens"], key=int),
        "partitioner": local["partitioner"], "schema_version": local["schema_version"],
        "members": ring.captured(captures, local), "data_directories": [],
        "jmx_port": captures.port(), "open": {}, "generations": {}, "pending": {}, "incremental_backups": False, "faults": [], "log": [],
        **(secrets or {}),
    }
    home.schema = schema.captured(captures)
    write_configuration(home, captures, root)
    read_configuration(home)
    if not schema.is_whole(captures):
        define(home, captures)
    if data:
        rebuild(Path(capture), root)
        take_snapshot_texts(home)
    for keyspace, table, _ in schema.stored(home):
        schema.make_directories(home, keyspace, table)
    keep_system_tables(home)
    start(home)
    home.save()
    return home


def write_configuration(home, captures, root):
    """cassandra.yaml and cassandra-rackdc.properties as captured, with this node's paths."""
    folder = home.path / "conf"
    folder.mkdir()
    text = captures.text("conf", "cassandra", "yaml.excerpt")
    if captures.path("conf", "cassandra", "yaml.excerpt").parent.parent != captures.directory:
        text = adapted(home, captures, text)
    (folder / "cassandra.yaml").write_text(text.replace("/var/lib/cassandra", str(root)))
    (folder / "cassandra-rackdc.properties").write_text(f"dc={home.state['dc']}\nrack={home.state['rack']}\n")


def adapted(home, captures, text):
    """The settings of the version's own node, changed to what is known of a ring's."""
    directories = sorted({line.split("/")[0] for line in (captures.directory / "dirs.txt").read_text().splitlines()})
    values = {"cluster_name": f"'{home.state['cluster']}'", "num_tokens": len(home.state["tokens"]),
              "listen_address": home.state["address"], "rpc_address": home.state["address"]}
    lines = []
    for line in text.splitlines():
        name = line.split(":")[0]
        if line.strip().startswith("- /var/lib/cassandra/data"):
            continue
        lines.append(f"{name}: {values[name]}" if name in values else line)
        if name == "data_file_directories":
            lines += [f"    - /var/lib/cassandra/{directory}" for directory in directories]
    return "\n".join(lines) + "\n"


def define(home, captures):
    """Makes a captured ring's keyspaces and tables by its DESCRIBE SCHEMA, with the captured ids."""
    from cql.definitions import define as carry_out
    from cql.words import Words

    identifiers = {}
    for table, name in (("tables", "table_name"), ("views", "view_name")):
        for line in captures.text("cql", f"system_schema.{table}", "jsonl").splitlines():
            row = json.loads(line)
            identifiers[(row["keyspace_name"], row[name])] = row["id"]
    for entry in schema.statements(captures.text("cql", "describe-schema")):
        text = entry["text"].rstrip(";")
        if entry["kind"] in ("table", "view"):
            text = text.replace(" WITH ", f" WITH ID = {identifiers[(entry['keyspace'], entry['name'])]} AND ", 1)
        carry_out(home, Words(text), None)
    home.state["schema_version"] = json.loads(captures.text("cql", "system.local", "jsonl"))["schema_version"]


def take_snapshot_texts(home):
    """schema.cql of each table's last captured snapshot, where the table has its id still."""
    texts = home.schema["snapshot_texts"]
    for tag, keyspace, folder, directories in storage.snapshots(home):
        table, identifier = folder.rsplit("-", 1)
        current = schema.identifier(home, keyspace, table)
        for directory in directories:
            if current and current.replace("-", "") == identifier and (directory / "schema.cql").exists():
                texts[storage.key(keyspace, table)] = (directory / "schema.cql").read_text()
    home.schema_changed = True


# --- starting and stopping ---------------------------------------------------------------------------------------


def settings(home):
    """The keys of cassandra.yaml that have a plain value, and data_file_directories."""
    found, listing = {"data_file_directories": []}, False
    for line in (home.path / "conf/cassandra.yaml").read_text().splitlines():
        if listing and line.strip().startswith("- "):
            found["data_file_directories"].append(line.strip()[2:].strip("'\""))
            continue
        listing = line.startswith("data_file_directories:")
        if line[:1].isalpha() and ":" in line:
            name, value = line.split(":", 1)
            if value.strip():
                found[name] = value.strip().strip("'\"")
    return found


def read_configuration(home):
    found = settings(home)
    home.state["data_directories"] = found["data_file_directories"]
    home.state["auto_snapshot"] = found.get("auto_snapshot", "true") == "true"
    home.state["incremental_backups"] = found.get("incremental_backups", "false") == "true"
    uuids = found.get("uuid_sstable_identifiers_enabled", "false") == "true"
    home.state["uuid_identifiers"] = uuids and home.release >= (4, 1)
    for name in FOLDERS:
        Path(found[name]).mkdir(parents=True, exist_ok=True)
    return found


def check_names(home):
    """Every .db file below the data directories must be an SSTable this version opens, snapshots/ and backups/ apart.

    Source: StartupChecks.checkSSTablesFormat; it walks everything, hidden directories too.
    """
    wrong = []
    for data in home.data:
        for place, folders, files in os.walk(data):
            folders[:] = [name for name in folders if name not in ("snapshots", "backups")]
            for name in files:
                if not name.endswith(".db"):
                    continue
                parts = names.split_component(name)
                if parts is None or not names.is_supported(parts[0], home.release):
                    wrong.append(f"{place}/{name}")
    if wrong:
        raise Refusal(3, err="Detected unreadable sstables " + ",".join(wrong) + ", please check NEWS.txt and ensure "
                             "that you have upgraded through all required intermediate versions, running "
                             "upgradesstables\n")


def start(home):
    """Opens what is on disk; a Refusal is what the log of a node that does not start says."""
    if home.is_up:
        raise Refusal(3, err="the node is running\n")
    found = read_configuration(home)
    for data in home.data:
        data.mkdir(parents=True, exist_ok=True)
    check_names(home)
    read_system_tables(home, found)
    home.state["open"], home.state["generations"], home.state["pending"] = {}, {}, {}
    for keyspace, table, _ in schema.stored(home):
        schema.make_directories(home, keyspace, table)
        storage.open_all(home, keyspace, table)
    activity.replay_commit_log(home)
    home.state["status"] = "up"
    ring.tell(home, up=True)


def stop(home):
    """Ends the process, as kill does: what is in memory stays in the commit log."""
    home.state["status"] = "down"
    home.state["open"] = {}
    ring.tell(home, up=False)


def drain(home):
    if home.state["status"] == "up":
        activity.flush(home)
        home.state["status"] = "drained"


# --- the system's own tables -------------------------------------------------------------------------------------
#
# Not Cassandra's format: Data.db of system.local is a line of JSON with the node's identity, that of
# system_schema.tables one with the schema. They are found again by a start, so that a restore of them brings both back,
# and their loss costs both. As in the real ones, the host id stands in system.local as 16 bytes.


def keep_system_tables(home):
    """Writes identity and schema into new SSTables, in place of those there; other system tables get a little."""
    identity = {name: home.state[name] for name in ("cluster", "host_id", "tokens", "dc", "rack", "schema_version")}
    host = bytes.fromhex(home.state["host_id"].replace("-", ""))
    _keep(home, "system", "local", json.dumps({"written": home.now(), **identity}).encode() + b"\n" + host)
    _keep(home, "system_schema", "tables", json.dumps({"written": home.now(), "schema": home.schema}).encode() + b"\n")
    for keyspace, table in (("system", "peers"), ("system", "peers_v2"), ("system_auth", "roles")):
        if schema.table(home, keyspace, table):
            _keep(home, keyspace, table, f"{table} of {home.state['host_id']}".encode())


def _keep(home, keyspace, table, content):
    directory = schema.directories(home, keyspace, table)[0]
    kept = [(entry[2], place) for entry in storage.opened(home, keyspace, table)
            for place in [storage.place(home, keyspace, table, entry)]]
    last = max([0, *(names.generation(p) or 0 for p in sstables.sets_in(directory))])
    home.state["generations"].setdefault(storage.key(keyspace, table), last)
    prefix = storage.next_prefix(home, keyspace, table)
    sstables.write(directory, prefix, content)
    home.state["open"][storage.key(keyspace, table)] = [[0, "", prefix]]
    for old, place in kept:
        sstables.remove(place, old)


def _newest(home, keyspace, table):
    """What the newest SSTable of such a table says; None without one."""
    found = []
    for data in home.data:
        for path in data.glob(f"{keyspace}/{table}-*/*-Data.db"):
            try:
                found.append(json.loads(path.read_bytes().split(b"\n", 1)[0]))
            except ValueError:
                continue  # of a real node: a captured system table
    return max(found, key=lambda content: content["written"], default=None)


def read_system_tables(home, found):
    """Who the node is and what its schema is, by its SSTables and cassandra.yaml."""
    saved = _newest(home, "system", "local")
    if saved:
        if saved["cluster"] != found["cluster_name"]:
            raise Refusal(3, err=f"Saved cluster name {saved['cluster']} != configured name {found['cluster_name']}\n")
        home.state |= {name: saved[name] for name in ("cluster", "host_id", "tokens", "schema_version")}
        if len(saved["tokens"]) != int(found["num_tokens"]):
            raise Refusal(3, err=f"Cannot change the number of tokens from {len(saved['tokens'])} "
                                 f"to {found['num_tokens']}\n")
    else:
        tokens = [token.strip() for token in found.get("initial_token", "").split(",") if token.strip()]
        if tokens and len(tokens) != int(found["num_tokens"]):
            raise Refusal(3, err="The number of initial tokens (by initial_token) specified is different from "
                                 "num_tokens value\n")
        import uuid

        generator = uuid.uuid4().int
        new = [str(int.from_bytes(sstables.filler(generator + i, 8), signed=True))
               for i in range(int(found["num_tokens"]))]
        home.state |= {"cluster": found["cluster_name"], "host_id": str(uuid.uuid4()),
                       "tokens": sorted(tokens or new, key=int)}
        # A node that streams its ranges from others instead of having them.
        home.state["bootstrapped"] = found.get("auto_bootstrap", "true") == "true"
    kept = _newest(home, "system_schema", "tables")
    home.schema = kept["schema"] if kept else schema.bare(schema.captured(home.captures))
    if not kept:
        schema.touched(home)
    if not saved or not kept:
        for keyspace, table, _ in schema.stored(home):
            schema.make_directories(home, keyspace, table)
        keep_system_tables(home)


def wipe(home):
    """A new machine in the node's place: nothing is left of its directories, its settings stay."""
    found = settings(home)
    import shutil

    for path in [*found["data_file_directories"], *(found[name] for name in FOLDERS)]:
        shutil.rmtree(path, ignore_errors=True)
        Path(path).mkdir(parents=True)
