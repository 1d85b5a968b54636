"""nodetool: one command on one node."""

import os
import sys

from node import activity, lifecycle, loading, options, reports, schema, storage
from node.faults import meet
from node.home import Home, Refusal


def main(arguments):
    home = Home.of_program(sys.argv[0])
    home.record("nodetool", arguments, environment=dict(os.environ))
    try:
        with home.locked():
            out = run(home, arguments)
        status, err = 0, ""
    except Refusal as refusal:
        status, out, err = refusal.status, refusal.out, refusal.err
    sys.stdout.write(out)
    sys.stderr.write(err)
    return status


def run(home, arguments):
    command, given, rest = options.parse(arguments, home.release)
    if command == "help":
        return help_text(home, rest)
    # 3.11 knows no import; what no version knows is refused before a connection is tried.
    known = command in options.NAMES and not (command == "import" and home.release < (4, 0))
    answer = None if known else home.captures.verbatim([command, *rest] if command else [])
    if not known and (answer is None or answer[0] == 1):
        words = ", ".join([command or "", *rest])
        raise options.refused(f"Found unexpected parameters: [{words}]")
    connect(home, given)
    meet(home, command, rest)
    if not known:
        raise Refusal(*answer)
    storage.expire(home)
    out = COMMANDS[command](home, given, rest)
    meet(home, command, rest, late=True)
    return out


def help_text(home, rest):
    text = home.captures.text("nodetool", f"help-{rest[0]}") if rest else ""
    if not text:
        raise options.refused(f"Unknown command {' '.join(rest)}")
    return text


def connect(home, given):
    """JMX: refused where nobody listens, and without the right password if one is asked for."""
    host, port = given.get("host", "127.0.0.1"), given.get("port", "7199")
    own = {home.state["address"], "127.0.0.1", "localhost"}
    if not home.is_up or host not in own or port != home.state["jmx_port"]:
        raise Refusal(*home.captures.answer("nodetool", "dead-status", [("127.0.0.1:7199", f"{host}:{port}")]))
    wanted = home.state.get("jmx")
    if not wanted:
        return
    user, password = given.get("user"), given.get("password")
    if "password_file" in given:
        with open(given["password_file"]) as file:
            entries = dict(line.split(None, 1) for line in file.read().splitlines() if " " in line or "\t" in line)
        password = entries.get(user, "").strip()
    if user is None or password is None:
        reason = "Authentication failed! Credentials required"
    elif [user, password] != [wanted["user"], wanted["password"]]:
        reason = "Authentication failed! Invalid username or password"
    else:
        return
    raise Refusal(1, err=f"nodetool: Failed to connect to '{host}:{port}' - SecurityException: '{reason}'.\n")


# --- snapshots ---------------------------------------------------------------------------------------------------


def snapshot(home, given, rest):
    keyspaces, tables = rest, given.get("tables", "").replace(" ", "")
    tag = given.get("tag", str(home.now()))
    shown = tables if tables and not keyspaces else ", ".join(keyspaces) or "all keyspaces"
    settings = f"skipFlush={str('skip_flush' in given).lower()}" + (f", ttl={given['ttl']}" if "ttl" in given else "")
    head = f"Requested creating snapshot(s) for [{shown}] with snapshot name [{tag}] and options {{{settings}}}\n"
    expires = expiry(home, given)
    try:
        for keyspace, table in scope(home, keyspaces, tables, given.get("table"), tag, head):
            if "skip_flush" not in given:
                activity.flush(home, keyspace, [table])
            storage.snapshot_table(home, keyspace, table, tag, expires)
    except Refusal as refusal:
        # What was asked stands on standard output whatever follows; a captured answer has it already.
        if not refusal.out.startswith("Requested"):
            refusal.out = head + refusal.out
        raise
    return f"{head}Snapshot directory: {tag}\n"


def expiry(home, given):
    if "ttl" not in given:
        return None
    seconds = options.seconds(given["ttl"])
    if seconds < 60:
        raise options.refused("ttl for snapshot must be at least 60 seconds")
    return home.now() + 1000 * seconds


def scope(home, keyspaces, tables, table, tag, head):
    """The (keyspace, table) pairs that are asked for, after all checks of StorageService.takeSnapshot."""
    if tables:
        if keyspaces or table:
            raise Refusal(2, err="error: When specifying the Keyspace table list for a snapshot, you should not "
                                 "specify table\n")
        pairs = [tuple(pair.split(".", 1)) for pair in tables.split(",")]
    elif table:
        if len(keyspaces) != 1:
            raise Refusal(2, err="error: When specifying the table for a snapshot, you must specify one and only one "
                                 "keyspace\n")
        pairs = [(keyspaces[0], table)]
    else:
        pairs = None
    for keyspace in dict.fromkeys(k for k, _ in pairs) if pairs is not None else keyspaces:
        if not schema.keyspace(home, keyspace):
            captured = home.captures.answer("nodetool", "snapshot-unknown-keyspace", [
                ("[no_such_ks]", head.split("for ")[1].split(" with")[0]), ("no_such_ks", keyspace), ("[nope]", f"[{tag}]")])
            raise Refusal(*captured)
    for keyspace, name in pairs or []:
        if not schema.identifier(home, keyspace, name):
            raise options.refused(f"Unknown keyspace/cf pair ({keyspace}.{name})")
    chosen = pairs if pairs is not None else [(k, n) for k, n, _ in schema.stored(home, keyspaces or None)]
    for keyspace in dict.fromkeys(k for k, _ in chosen):
        if has_snapshot(home, keyspace, tag):
            err = home.captures.text("nodetool", "snapshot-existing-tag", "err").replace("daily-1", tag)
            raise Refusal(2, err=err)
    if home.state["status"] == "drained" and home.release < (4, 1) and "skipFlush=false" in head:
        captured = "drained-snapshot-table" if pairs else "drained-snapshot"
        raise Refusal(2, err=home.captures.text("nodetool", captured, "err"))
    return chosen


def has_snapshot(home, keyspace, tag):
    return any((directory / "snapshots" / tag).is_dir()
               for _, name, _ in schema.stored(home, [keyspace]) for directory in schema.directories(home, keyspace, name))


def clearsnapshot(home, given, rest):
    tag, everything = given.get("tag"), "all" in given
    if home.release >= (4, 0):
        if tag is None and not everything:
            raise Refusal(*home.captures.answer("nodetool", "clearsnapshot-no-arguments"))
        if tag is not None and everything:
            raise Refusal(2, err="error: Specify only one of snapshot name or --all\n")
    storage.clear(home, tag, rest)
    named = f" with snapshot name [{tag}]" if tag is not None else " with [all snapshots]" if everything else ""
    return f"Requested clearing snapshot(s) for [{', '.join(rest) or 'all keyspaces'}]{named}\n"


# --- data --------------------------------------------------------------------------------------------------------


def flush(home, given, rest):
    tables_exist(home, rest, "flush-unknown-table")
    if home.state["status"] == "drained":
        raise Refusal(2, err=home.captures.text("nodetool", "drained-flush", "err"))
    activity.flush(home, rest[0] if rest else None, rest[1:])
    return ""


def compact(home, given, rest):
    tables_exist(home, rest, "flush-unknown-table")
    if home.is_normal:
        for keyspace, table, _ in schema.stored(home, rest[:1] or None):
            if len(rest) < 2 or table in rest[1:]:
                activity.compact(home, keyspace, table)
    return ""


def tables_exist(home, rest, captured):
    if rest and not schema.keyspace(home, rest[0]):
        raise options.refused(f"Keyspace [{rest[0]}] does not exist.")
    for table in rest[1:]:
        if not schema.identifier(home, rest[0], table):
            raise Refusal(*home.captures.answer("nodetool", captured, [("shop.no_such_table", f"{rest[0]}.{table}")]))


def refresh(home, given, rest):
    head = "nodetool refresh is deprecated, use nodetool import instead\n" if home.release >= (4, 0) else ""
    if len(rest) != 2:
        raise options.refused("refresh requires ks and cf args")
    keyspace, table = rest
    if not schema.keyspace(home, keyspace):
        raise Refusal(*home.captures.answer("nodetool", "refresh-unknown-keyspace", [("no_such_ks", keyspace)]))
    if not schema.identifier(home, keyspace, table):
        raise Refusal(*home.captures.answer("nodetool", "refresh-unknown-table",
                                            [("shop.no_such_table", f"{keyspace}.{table}")]))
    try:
        loading.refresh(home, keyspace, table)
    except Refusal as refusal:
        refusal.out = head + refusal.out
        raise
    return head


def import_(home, given, rest):
    if len(rest) < 3:
        raise options.refused("import requires keyspace, table name and directories")
    keyspace, table, *paths = rest
    if not schema.identifier(home, keyspace, table):
        raise Refusal(*home.captures.answer("nodetool", "import-unknown-table",
                                            [("shop/no_such_table", f"{keyspace}/{table}")]))
    verify = "quick" not in given and "no_verify" not in given
    failed = loading.import_directories(home, keyspace, table, paths, "copy" in given, verify)
    if failed:
        raise Refusal(1, err="Some directories failed to import, check server logs for details:\n"
                             + "".join(f"{path}\n" for path in failed))
    return ""


def drain(home, given, rest):
    lifecycle.drain(home)
    return ""


# --- reports -----------------------------------------------------------------------------------------------------


def describering(home, given, rest):
    if len(rest) != 1:
        raise options.refused("describering requires a keyspace name" if not rest else "unexpected parameters")
    if not schema.keyspace(home, rest[0]):
        status, out, err = home.captures.answer("nodetool", "describering-unknown", [("no_such_ks", rest[0])])
        raise Refusal(status, out=f"Schema Version:{home.state['schema_version']}\nTokenRange: \n", err=err)
    return reports.describering(home, rest[0])


def status(home, given, rest):
    if rest and not schema.keyspace(home, rest[0]):
        raise Refusal(1, out=reports.status(home), err=f"error: The keyspace {rest[0]}, does not exist\n")
    return reports.status(home, rest[0] if rest else None, "resolve" in given)


def getsstables(home, given, rest):
    """Data.db of all SSTables: the real one names those that may have the key."""
    keyspace, table = rest[:2]
    entries = [e for e in storage.opened(home, keyspace, table) if not e[1]]
    return "".join(f"{storage.place(home, keyspace, table, e)}/{e[2]}-Data.db\n" for e in entries)


def switch(home, on):
    home.state["incremental_backups"] = on
    return ""


def running(on):
    return "running\n" if on else "not running\n"


COMMANDS = {
    "snapshot": snapshot, "clearsnapshot": clearsnapshot, "flush": flush, "compact": compact, "refresh": refresh,
    "import": import_, "drain": drain, "describering": describering, "status": status, "getsstables": getsstables,
    "listsnapshots": lambda home, given, rest: reports.listsnapshots(home),
    "version": lambda home, given, rest: f"ReleaseVersion: {home.state['version']}\n",
    "info": lambda home, given, rest: reports.info(home, "tokens" in given),
    "describecluster": lambda home, given, rest: reports.describecluster(home),
    "netstats": lambda home, given, rest: reports.netstats(home),
    "gossipinfo": lambda home, given, rest: reports.gossipinfo(home),
    "ring": lambda home, given, rest: reports.ring_text(home, rest[0] if rest else None),
    "statusbinary": lambda home, given, rest: running(home.is_normal),
    "statusgossip": lambda home, given, rest: running(home.is_normal),
    "statusbackup": lambda home, given, rest: running(home.state["incremental_backups"]),
    "enablebackup": lambda home, given, rest: switch(home, True),
    "disablebackup": lambda home, given, rest: switch(home, False),
}
