"""refresh and import: how SSTables come into a running node."""

from pathlib import Path

from node import names, schema, sstables, storage
from node.home import Refusal


def unknown_files(home, keyspace, table):
    """(number of the directory, prefix, components) of what lies in the live directories and is not open."""
    known = {(number, prefix) for number, folder, prefix in storage.opened(home, keyspace, table) if not folder}
    found = []
    for number, directory in enumerate(schema.directories(home, keyspace, table)):
        for prefix, components in sorted(sstables.sets_in(directory).items()):
            if (number, prefix) not in known:
                found.append((number, prefix, components))
    return found


def refresh(home, keyspace, table):
    """Takes what the tracker does not know, under new ids.

    Each set is renamed and then opened. 3.11 skips what cannot be opened, under its new name
    (ColumnFamilyStore.loadNewSSTables); since 4.0 nothing is taken then, but the renamed sets stay renamed
    (SSTableImporter without directories).
    """
    directories = schema.directories(home, keyspace, table)
    taken = []
    for number, prefix, components in unknown_files(home, keyspace, table):
        directory = directories[number]
        if not names.is_supported(prefix, home.release):
            raise failure("RuntimeException", f"Can't open incompatible SSTable! found file: {directory}/{prefix}", "")
        renamed = fresh_prefix(home, keyspace, table, prefix)
        sstables.move(directory, prefix, components, directory, renamed)
        problem = sstables.fault(directory, renamed, components)
        if problem and home.release >= (4, 0):
            raise failure("RuntimeException", "Failed importing SSTables", problem)
        if "Data.db" not in components:
            raise failure("AssertionError", f"Data component is missing for sstable {directory}/{renamed}", "")
        if problem:
            log(home, f"Corrupt sstable {directory}/{renamed}; skipping table")
        else:
            taken.append((number, renamed))
    for number, renamed in taken:
        take(home, keyspace, table, number, renamed)


def import_directories(home, keyspace, table, paths, copy=False, verify=True):
    """Loads from each directory, or leaves all of it where it is.

    - Returns: the directories that failed.

    Only files of the right keyspace and table count, by the last two parts of the path (SSTableLister.getFilter); of
    others nothing is said.
    """
    for path in paths:
        if not Path(path).is_dir():
            raise failure("RuntimeException", f"Directory {path} does not exist", "",
                          captured="import-bad-directory", home=home, replacing=("/nonexistent/backup", path))
    failed = []
    for path in paths:
        source = Path(path)
        if not is_of(source, keyspace, table):
            log(home, f"No new SSTables were found for {keyspace}/{table}")
            continue
        sets = sorted(sstables.sets_in(source).items())
        if any(unfit(home, source, prefix, components, verify) for prefix, components in sets):
            log(home, f"Failed verifying SSTables in directory {path}")
            failed.append(path)
            continue
        for prefix, components in sets:
            number = sum((source / f"{prefix}-Data.db").read_bytes()) % len(home.data)
            target = schema.directories(home, keyspace, table)[number]
            renamed = fresh_prefix(home, keyspace, table, prefix)
            try:
                sstables.move(source, prefix, components, target, renamed, copy)
            except OSError as error:
                log(home, f"Failed importing sstables in directory {path}: {error}")
                failed.append(path)
                break
            take(home, keyspace, table, number, renamed)
    return failed


def is_of(directory, keyspace, table):
    """Whether Descriptor.fromFilename finds keyspace and table in the directory's path."""
    place = directory
    if place.name == "backups":
        place = place.parent
    elif place.parent.name == "snapshots":
        place = place.parent.parent
    return place.name.split("-")[0] == table and place.parent.name == keyspace


def unfit(home, directory, prefix, components, verify=True):
    if not names.is_supported(prefix, home.release):
        return f"incompatible: {prefix}"
    if not verify:
        components = components - {"Digest.crc32"}
    return sstables.fault(directory, prefix, components)


def fresh_prefix(home, keyspace, table, prefix):
    """An id that no file of the table has yet."""
    taken = {p for directory in schema.directories(home, keyspace, table) for p in sstables.sets_in(directory)}
    while True:
        renamed = storage.next_prefix(home, keyspace, table, like=prefix)
        if renamed not in taken:
            return renamed


def take(home, keyspace, table, number, prefix):
    storage.opened(home, keyspace, table).append([number, "", prefix])
    storage.build_indexes(home, keyspace, table, number, prefix)


def log(home, line):
    """What the real one writes to system.log only."""
    home.state["log"].append(line)


def failure(kind, message, cause, captured=None, home=None, replacing=None):
    """An exception over JMX: its message and stack trace on standard error, exit status 2."""
    if captured:
        return Refusal(*home.captures.answer("nodetool", captured, [replacing]))
    trace = f"error: {message}\n-- StackTrace --\njava.lang.{kind}: {message}\n"
    return Refusal(2, err=trace + (f"Caused by: {cause}\n" if cause else "") + "\n")
