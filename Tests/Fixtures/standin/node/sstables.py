"""SSTables as sets of files in a directory."""

import os
import zlib

from node import names


def sets_in(directory):
    """By prefix (nb-1-big), the set of its components there; of a missing directory nothing."""
    found = {}
    try:
        entries = os.listdir(directory)
    except FileNotFoundError:
        return found
    for name in entries:
        parts = names.split_component(name)
        if parts:
            found.setdefault(parts[0], set()).add(parts[1])
    return found


def fault(directory, prefix, components):
    """Why it cannot be opened; None if it can.

    The digest is the CRC-32 of the whole of Data.db, in decimal: so it is in all captured SSTables.
    """
    form = prefix.split("-")[2]
    missing = sorted(names.NEEDED[form] - components)
    if not components & {"CompressionInfo.db", "CRC.db"}:
        missing.append("CompressionInfo.db")
    if missing:
        return f"{missing[0]} component is missing for sstable {directory}/{prefix}"
    if "Digest.crc32" in components:
        data = (directory / f"{prefix}-Data.db").read_bytes()
        if str(zlib.crc32(data)) != (directory / f"{prefix}-Digest.crc32").read_text().strip():
            return f"Corrupted: {directory}/{prefix}-Data.db"
    return None


def write(directory, prefix, content, compressed=True):
    """A new SSTable with `content` as its Data.db; the other components are made up, but of the right names."""
    form = prefix.split("-")[2]
    parts = {
        "Data.db": content,
        "Digest.crc32": str(zlib.crc32(content)).encode(),
        "Filter.db": filler(prefix + "filter", 16 + len(content) // 1000),
        "Statistics.db": filler(prefix + "statistics", 4800),
        "CompressionInfo.db" if compressed else "CRC.db": filler(prefix + "blocks", 47),
    }
    if form == "bti":
        parts |= {"Partitions.db": filler(prefix + "partitions", 120), "Rows.db": b""}
    else:
        parts |= {"Index.db": filler(prefix + "index", 250), "Summary.db": filler(prefix + "summary", 88)}
    parts["TOC.txt"] = "".join(f"{name}\n" for name in sorted([*parts, "TOC.txt"])).encode()
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in parts.items():
        (directory / f"{prefix}-{name}").write_bytes(text)


def filler(seed, count):
    """Bytes of no meaning, always the same for a seed."""
    import random

    return random.Random(seed).randbytes(count)


def move(directory, prefix, components, target, new_prefix, copy=False):
    """Renames all components, Data.db last, as moveAndOpenSSTable does; undone if one cannot be moved."""
    target.mkdir(parents=True, exist_ok=True)
    if (target / f"{new_prefix}-Data.db").exists():
        raise OSError(f"File {target}/{new_prefix}-Data.db already exists")
    done = []
    try:
        for component in sorted(components, key=lambda name: name == "Data.db"):
            old, new = directory / f"{prefix}-{component}", target / f"{new_prefix}-{component}"
            if copy:
                try:
                    os.link(old, new)
                except OSError:
                    new.write_bytes(old.read_bytes())
            else:
                os.rename(old, new)
            done.append((old, new))
    except OSError:
        for old, new in done:
            os.unlink(new) if copy else os.rename(new, old)
        raise


def remove(directory, prefix):
    for component in sets_in(directory).get(prefix, ()):
        os.unlink(directory / f"{prefix}-{component}")
