"""nodetool's command line, as the airline parser takes it."""

from node.home import Refusal

USAGE = "See 'nodetool help' or 'nodetool help <command>'.\n"

# Options with a value, and without, before or after the command.
COMMON = {"-h": "host", "--host": "host", "-p": "port", "--port": "port", "-u": "user", "--username": "user",
          "-pw": "password", "--password": "password", "-pwf": "password_file", "--password-file": "password_file"}
COMMON_FLAGS = {"-pp": "print_port", "--print-port": "print_port", "--ssl": "ssl"}

SNAPSHOT = {"-t": "tag", "--tag": "tag", "-cf": "table", "--column-family": "table", "--table": "table",
            "-kt": "tables", "--kt-list": "tables", "-kc": "tables", "--kc.list": "tables"}
# By command: (options with a value, flags).
COMMANDS = {
    "snapshot": (SNAPSHOT, {"-sf": "skip_flush", "--skip-flush": "skip_flush"}),
    "clearsnapshot": ({"-t": "tag"}, {"--all": "all"}),
    "listsnapshots": ({}, {"-nt": "no_ttl", "--no-ttl": "no_ttl", "-e": "ephemeral", "--ephemeral": "ephemeral"}),
    "info": ({}, {"-T": "tokens", "--tokens": "tokens"}),
    "status": ({}, {"-r": "resolve", "--resolve-ip": "resolve"}),
    "import": ({}, {"-c": "keep_cache", "--no-invalidate-caches": "keep_cache", "-e": "extended",
                    "--extended-verify": "extended", "-l": "keep_level", "--keep-level": "keep_level",
                    "-p": "copy", "--copy-data": "copy", "-q": "quick", "--quick": "quick",
                    "-r": "keep_repaired", "--keep-repaired": "keep_repaired", "-t": "no_tokens",
                    "--no-tokens": "no_tokens", "-v": "no_verify", "--no-verify": "no_verify"}),
}
NAMES = ["snapshot", "clearsnapshot", "listsnapshots", "info", "status", "import", "version", "describecluster",
         "describering", "netstats", "gossipinfo", "flush", "refresh", "drain", "compact", "getsstables", "ring",
         "statusbinary", "statusgossip", "statusbackup", "enablebackup", "disablebackup"]


def parse(arguments, release):
    """(command, its options, its arguments).

    An option that a command does not know counts as one of its arguments, as airline has it: --ttl of 3.11 is taken for
    a keyspace.
    """
    options, rest, command = {}, [], None
    valued, flags = dict(COMMON), dict(COMMON_FLAGS)
    left = list(arguments)
    while left:
        word = left.pop(0)
        if word == "--":
            rest += left
            break
        if word.startswith("-D") and command is None:
            continue
        name, _, value = word.partition("=")
        if word in flags:
            options[flags[word]] = True
        elif word in valued and left:
            options[valued[word]] = left.pop(0)
        elif name in valued and value and name.startswith("--"):
            options[valued[name]] = value
        elif command is None and not word.startswith("-"):
            command = word
            more_valued, more_flags = COMMANDS.get(command, ({}, {}))
            if command == "import":
                valued.pop("-p")  # --copy-data, not the port
            valued |= more_valued
            flags |= more_flags
            if command == "snapshot" and release >= (4, 1):
                valued["--ttl"] = "ttl"
            if command == "clearsnapshot" and release < (4, 0):
                flags.pop("--all")
        else:
            rest.append(word)
    return command, options, rest


def refused(reason):
    return Refusal(1, out=f"nodetool: {reason}\n{USAGE}")


def seconds(text):
    """5h of --ttl."""
    units = {"d": 86400, "h": 3600, "m": 60, "s": 1}
    if not text[:-1].isdigit() or text[-1] not in units:
        raise refused(f"Invalid duration: {text} Accepted units:[SECONDS, MINUTES, HOURS, DAYS]")
    return int(text[:-1]) * units[text[-1]]
