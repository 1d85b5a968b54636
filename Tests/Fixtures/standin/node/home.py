"""The directory a stand-in lives in: node.json, schema.json, calls.jsonl, conf/, bin/ and the node's own files."""

import contextlib
import fcntl
import json
import os
import time
from pathlib import Path

from node.captures import Captures


class Refusal(Exception):
    """What the real program would have said, and its exit status."""

    def __init__(self, status, out="", err=""):
        super().__init__(err or out)
        self.status, self.out, self.err = status, out, err


class Home:
    """A node's state. Every command holds the lock of each node it changes for as long as it runs."""

    def __init__(self, path):
        self.path = Path(path)
        self.state = {}
        self._schema = None
        self.schema_changed = False
        # The ring's other nodes, while ring_locked holds them.
        self.peers = []

    # --- where it is ---------------------------------------------------------------------------------------------

    @classmethod
    def of_program(cls, program):
        """By STANDIN_NODE, or the directory whose bin/ has the program."""
        given = os.environ.get("STANDIN_NODE")
        return cls(given if given else Path(os.path.abspath(program)).parent.parent)

    @property
    def data(self):
        return [Path(path) for path in self.state["data_directories"]]

    @property
    def captures(self):
        return Captures(self.state["capture"])

    @property
    def release(self):
        """(4, 0) of 4.0.14."""
        major, minor = self.state["version"].split(".")[:2]
        return int(major), int(minor)

    @property
    def is_up(self):
        """Whether nodetool reaches it: also when it is drained."""
        return self.state["status"] != "down"

    @property
    def is_normal(self):
        return self.state["status"] == "up"

    # --- state ---------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def locked(self):
        """Loads the state, and stores it again when the body ends, also by a Refusal."""
        with open(self.path / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.load()
            try:
                yield self
            finally:
                self.save()

    def load(self):
        self.state = json.loads((self.path / "node.json").read_text())
        self._schema, self.schema_changed = None, False

    def save(self):
        self._write("node.json", self.state)
        if self.schema_changed:
            self._write("schema.json", self._schema)
            self.schema_changed = False

    def _write(self, name, value):
        new = self.path / f"{name}.new"
        new.write_text(json.dumps(value, indent=1))
        new.rename(self.path / name)

    @property
    def schema(self):
        """Rows of system_schema by table, and the texts of DESCRIBE: see node.schema."""
        if self._schema is None:
            self._schema = json.loads((self.path / "schema.json").read_text())
        return self._schema

    @schema.setter
    def schema(self, value):
        self._schema, self.schema_changed = value, True

    def others(self):
        """The homes of the ring's other nodes that are stand-ins too."""
        return [Home(m["home"]) for m in self.state["members"] if m.get("home") and m["home"] != str(self.path)]

    @contextlib.contextmanager
    def ring_locked(self):
        """Locks this node and all others of the ring, in one order for everybody."""
        with open(self.path / "lock", "w"):
            self.load()
        homes = sorted([self, *self.others()], key=lambda home: str(home.path))
        with contextlib.ExitStack() as stack:
            for home in homes:
                stack.enter_context(home.locked())
            self.peers = [home for home in homes if home is not self]
            try:
                yield self.peers
            finally:
                self.peers = []

    # --- time and record -----------------------------------------------------------------------------------------

    @staticmethod
    def now():
        """Milliseconds since 1970."""
        return int(time.time() * 1000)

    def record(self, program, arguments, **more):
        """Appends a call to calls.jsonl: tests look there for secrets, and for what was asked."""
        line = json.dumps({"program": program, "arguments": arguments, **more}) + "\n"
        with open(self.path / "calls.jsonl", "a") as calls:
            calls.write(line)
