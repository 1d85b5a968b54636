"""What the real programs of one version said: Tests/Fixtures/cassandra/<version>/{nodetool,cql,conf}."""

from pathlib import Path


class Captures:
    """Of a node of a ring (ring-4.0.14/n2) what it lacks is taken from the first one, then from the version's own node."""

    def __init__(self, directory):
        self.directory = Path(directory)
        self.places = [self.directory]
        ring = self.directory.parent.name
        if ring.startswith("ring-"):
            self.places += [self.directory.parent / "n1", self.directory.parent.parent / ring.removeprefix("ring-")]

    def rows(self, folder):
        """The lines of index.tsv: file, exit status, stage, command line."""
        found = []
        for place in self.places:
            found += [line.split("\t") for line in (place / folder / "index.tsv").read_text().splitlines()[1:]]
        return found

    def path(self, folder, name, kind="txt"):
        """The first place that has it; None if none does."""
        paths = [place / folder / f"{name}.{kind}" for place in self.places]
        return next((path for path in paths if path.exists()), None)

    def text(self, folder, name, kind="txt"):
        """A captured stream; empty if nothing was written to it."""
        if kind == "err":
            # That of the same call, or none.
            path = self.path(folder, name)
            path = path and path.with_suffix(".err")
        else:
            path = self.path(folder, name, kind)
        return path.read_text() if path and path.exists() else ""

    def status(self, folder, name):
        for file, status, _, _ in self.rows(folder):
            if file == f"{name}.txt":
                return int(status)
        raise KeyError(f"{self.directory} has no capture {folder}/{name}")

    def answer(self, folder, name, replacing=()):
        """(exit status, standard output, standard error), with each (captured, wanted) replaced."""
        out, err = self.text(folder, name), self.text(folder, name, "err")
        for captured, wanted in replacing:
            out, err = out.replace(captured, wanted), err.replace(captured, wanted)
        return self.status(folder, name), out, err

    def port(self):
        """JMX's, which every captured command line names; the nodes of the ring have one each."""
        words = self.rows("nodetool")[0][3].split()
        return words[words.index("-p") + 1]

    def verbatim(self, arguments):
        """The answer to just this nodetool command line on the node when it had come to rest; None if there is none."""
        for file, status, stage, command in self.rows("nodetool"):
            if stage == "final" and command.split()[3:] == arguments:
                name = file.removesuffix(".txt")
                return int(status), self.text("nodetool", name), self.text("nodetool", name, "err")
        return None
