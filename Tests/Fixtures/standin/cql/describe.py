"""DESCRIBE: by the client before 4.0, by the server since, with the same texts but for empty lines around them."""

from cql.words import CQLError, invalid
from node import schema


def describe(home, words, keyspace):
    if words.accept("CLUSTER"):
        return cluster(home)
    if words.accept("FULL", "SCHEMA"):
        return shown(home, lambda entry: True) + virtual_keyspaces(home)
    if words.accept("SCHEMA"):
        return shown(home, lambda entry: entry["keyspace"] not in schema.SYSTEM)
    if words.accept("KEYSPACES"):
        names = sorted(row["keyspace_name"] for row in home.schema["rows"]["keyspaces"])
        return "\n" + "  ".join(names) + "\n\n"
    if words.accept("KEYSPACE"):
        name = words.name() if words.left else keyspace
        if not schema.keyspace(home, name):
            raise missing(home, f"'{name}' not found in keyspaces")
        return shown(home, lambda entry: entry["keyspace"] == name)
    for kind, of in (("TABLE", "table"), ("TYPE", "type"), ("INDEX", "index")):
        if words.accept(kind):
            return element(home, of, *words.qualified(keyspace))
    if words.accept("MATERIALIZED", "VIEW"):
        return element(home, "view", *words.qualified(keyspace))
    raise words.unexpected()


def element(home, kind, keyspace, name):
    """A table comes with its indexes, and before 4.0 with its views."""
    entries = home.schema["statements"]
    if not any(e["kind"] == kind and (e["keyspace"], e["name"]) == (keyspace, name) for e in entries):
        raise missing(home, f"'{name}' not found in keyspace '{keyspace}'")
    return shown(home, lambda e: e["keyspace"] == keyspace and (
        e["kind"] == kind and e["name"] == name
        or kind == "table" and e["of"] == name and (e["kind"] == "index" or home.release < (4, 0))))


def virtual_keyspaces(home):
    """What DESCRIBE FULL SCHEMA of 4.0 and later ends with, as captured."""
    captured = home.captures.text("cql", "describe-full-schema")
    start = captured.find("\n/*\nWarning: Keyspace")
    return captured[start:] if start >= 0 else ""


def missing(home, words):
    """Before 4.0 cqlsh finds out by itself: no class of error stands before the words."""
    return CQLError(None, words) if home.release < (4, 0) else invalid(words)


def shown(home, wanted):
    """Statements with an empty line between them; before 4.0 an index stands right below its table."""
    text = ""
    for entry in home.schema["statements"]:
        if wanted(entry):
            close = home.release < (4, 0) and entry["kind"] == "index" and text
            text += ("\n" if close else "\n\n") + entry["text"]
    return text[1:] + "\n" + ("\n" if home.release < (4, 0) else "")


def cluster(home):
    captured = home.captures.text("cql", "desc-cluster")
    return "".join(f"Cluster: {home.state['cluster']}\n" if line.startswith("Cluster:") else line
                   for line in captured.splitlines(keepends=True))
