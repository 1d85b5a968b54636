"""Names and sizes as Cassandra writes them."""

import re

# Version and format of the SSTables each release writes with the settings of the captures.
FORMATS = {(3, 11): ("me", "big"), (4, 0): ("nb", "big"), (4, 1): ("nb", "big"), (5, 0): ("da", "bti")}

# What an SSTable cannot be opened without, besides CompressionInfo.db or CRC.db. Filter, Summary and TOC are rebuilt
# or done without. Source: SSTableReader.open, BigFormat, BtiFormat.
NEEDED = {"big": {"Data.db", "Index.db", "Statistics.db"}, "bti": {"Data.db", "Partitions.db", "Statistics.db"}}

_COMPONENT = re.compile(r"^([a-z]{2})-([0-9]+|[0-9a-z]{4}_[0-9a-z]{4}_[0-9a-z]{18})-(big|bti)-(.+)$")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def split_component(name):
    """("nb-1-big", "Data.db") of nb-1-big-Data.db; None if it is no component of an SSTable."""
    match = _COMPONENT.match(name)
    if not match or name.endswith(".tmp"):
        return None
    return name[: match.start(4) - 1], match.group(4)


def generation(prefix):
    """The number in nb-1-big; None if the id is a UUID."""
    field = prefix.split("-")[1]
    return int(field) if field.isdigit() else None


def is_supported(prefix, release):
    """Whether a release opens such an SSTable. Source: BigFormat and BtiFormat, isCompatible."""
    version, identifier, form = prefix.split("-")
    if not identifier.isdigit() and release < (4, 1):
        return False
    oldest = {(3, 11): "jb", (4, 0): "ma", (4, 1): "ma", (5, 0): "ma"}[release]
    newest = {(3, 11): "mz", (4, 0): "nz", (4, 1): "nz", (5, 0): "oz"}[release]
    if form == "bti":
        return release >= (5, 0) and version == "da"
    return oldest <= version <= newest


def _base36(number, width):
    digits = ""
    for _ in range(width):
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return digits


def new_uuid_identifier():
    """A time UUID as TimeUUID's SSTable ids have it: days, seconds, ticks of 100 ns, and the low half, in base 36."""
    import uuid  # late, as everything that takes long to load

    made = uuid.uuid1()
    days, rest = divmod(made.time, 864_000_000_000)
    seconds, ticks = divmod(rest, 10_000_000)
    low = made.int & ((1 << 64) - 1)
    return f"{_base36(days, 4)}_{_base36(seconds, 4)}_{_base36(ticks, 5)}{_base36(low, 13)}"


def size_text(count):
    """Source: FileUtils.stringifyFileSize, with DecimalFormat("#.##")."""
    for unit, name in ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if count >= unit:
            whole, rest = divmod(count * 100, unit)
            whole += rest * 2 > unit or rest * 2 == unit and whole % 2
            return f"{whole // 100}.{whole % 100:02d}".rstrip("0").rstrip(".") + f" {name}"
    return f"{count} bytes"


def quoted(name):
    """An identifier as CQL writes it: quoted when it must be."""
    return name if re.fullmatch(r"[a-z][a-z0-9_]*", name) else '"' + name.replace('"', '""') + '"'


def table_directory(name, identifier):
    return f"{name}-{identifier.replace('-', '')}"
