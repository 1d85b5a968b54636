"""The harness's commands: `standin ACTION HOME ...`, from a test or by hand."""

import argparse
import json
import sys
from pathlib import Path

from node import activity, lifecycle, schema, storage
from node.home import Home, Refusal


def main(arguments):
    parser = argparse.ArgumentParser(prog="standin", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)

    def action(name, text):
        made = actions.add_parser(name, help=text)
        made.add_argument("home", type=Path)
        return made

    make = action("make", "make a node from a capture and start it")
    make.add_argument("--capture", type=Path, required=True)
    make.add_argument("--root", type=Path, help="where its own files go; HOME/root without")
    make.add_argument("--empty", action="store_true", help="the captured schema and snapshots, but no data")
    make.add_argument("--user", nargs=2, metavar=("NAME", "PASSWORD"), help="asked for by cqlsh and nodetool")
    action("start", "start the node")
    action("stop", "end the node's process")
    action("wipe", "put a new machine in the node's place")
    write = action("write", "write rows")
    write.add_argument("table")
    write.add_argument("--size", type=int, default=20_000)
    write.add_argument("--count", type=int, default=1)
    write.add_argument("--seed", type=int, default=0)
    write.add_argument("--in-memory", action="store_true", help="to the memtable and the commit log only")
    compact = action("compact", "replace a table's SSTables by one other")
    compact.add_argument("table")
    member = action("member", "have another node of the ring up or down")
    member.add_argument("address")
    member.add_argument("state", choices=["up", "down"])
    set_ = action("set", "change a value of node.json: a JSON value")
    set_.add_argument("name")
    set_.add_argument("value", type=json.loads)
    fault = action("fault", "have a command of nodetool, or a statement's first word, fail")
    fault.add_argument("command")
    fault.add_argument("--containing", default="")
    fault.add_argument("--skip", type=int, default=0, help="how many of them go well before")
    fault.add_argument("--times", type=int, default=1)
    fault.add_argument("--status", type=int, default=2)
    fault.add_argument("--says", default="error: null")
    fault.add_argument("--kills", action="store_true", help="end the calling program, as kill -9 does")
    fault.add_argument("--late", action="store_true", help="once the command has done its work")
    calls = action("calls", "answer many calls in one process")
    calls.add_argument("file", type=Path, help="calls ended by \\x1e, their words by \\x1f; answers are printed so too")
    action("show", "print node.json and what is open")
    link = action("join", "make these nodes see each other as one ring")
    link.add_argument("more", type=Path, nargs="+")
    given = parser.parse_args(arguments)
    try:
        perform(given)
    except Refusal as refusal:
        sys.stderr.write(refusal.out + refusal.err)
        return refusal.status
    return 0


def perform(given):
    if given.action == "make":
        secrets = {}
        if given.user:
            name, password = given.user
            secrets = {"cql": {"user": name, "password": password}, "jmx": {"user": name, "password": password}}
        lifecycle.make(given.home, given.capture.resolve(), given.root, not given.empty, secrets)
        return
    if given.action == "calls":
        answer_all(given.home, given.file.read_text())
        return
    home = Home(given.home)
    if given.action in ("start", "stop"):
        with home.ring_locked():
            {"start": lifecycle.start, "stop": lifecycle.stop}[given.action](home)
        return
    with home.locked():
        if given.action == "wipe":
            lifecycle.wipe(home)
        elif given.action in ("write", "compact"):
            keyspace, table = given.table.split(".", 1)
            if not schema.identifier(home, keyspace, table):
                raise Refusal(3, err=f"no table {given.table}\n")
            if given.action == "compact":
                activity.compact(home, keyspace, table)
                return
            for number in range(given.count):
                activity.write(home, keyspace, table, given.size, given.seed + number, given.in_memory)
        elif given.action == "member":
            next(m for m in home.state["members"] if m["address"] == given.address)["up"] = given.state == "up"
        elif given.action == "set":
            home.state[given.name] = given.value
        elif given.action == "fault":
            names = ("command", "containing", "skip", "times", "status", "says", "kills", "late")
            home.state["faults"].append({name: getattr(given, name) for name in names})
        elif given.action == "join":
            join(home, [Home(path) for path in given.more])
        else:
            print(json.dumps(home.state, indent=1))


def answer_all(path, text):
    """Runs `nodetool ...`, `cqlsh ...` and `set NAME VALUE`, and prints status, output and errors of each."""
    import contextlib
    import io
    import os

    from cql import shell
    from node import nodetool

    os.environ["STANDIN_NODE"] = str(path)
    programs = {"nodetool": nodetool.main, "cqlsh": shell.main, "set": lambda words: main(["set", str(path), *words])}
    for call in text.split("\x1e")[:-1]:
        program, *words = call.split("\x1f")[:-1]
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = programs[program](words)
        print(status, out.getvalue(), err.getvalue(), sep="\x1f", end="\x1e")


def join(home, others):
    """Writes each one's directory into every member list."""
    for other in others:
        other.load()
    everyone = [home, *others]
    places = {node.state["address"]: str(node.path.resolve()) for node in everyone}
    for node in everyone:
        for member in node.state["members"]:
            member["home"] = places.get(member["address"], "")
        node.save()
