"""cqlsh: options, password, statements, exit status."""

import os
import stat
import sys

from cql import definitions, describe, select
from cql.words import CQLError, Words, split
from node.faults import meet
from node.home import Home, Refusal

VALUED = {"-u": "user", "--username": "user", "-p": "password", "--password": "password", "-k": "keyspace",
          "--keyspace": "keyspace", "-f": "file", "--file": "file", "-e": "execute", "--execute": "execute",
          "--cqlshrc": "cqlshrc", "--encoding": "encoding", "--cqlversion": "cqlversion", "--browser": "browser",
          "--protocol-version": "protocol", "--connect-timeout": "connect_timeout",
          "--request-timeout": "request_timeout"}
FLAGS = {"-C", "--color", "--no-color", "--ssl", "--debug", "--tty", "-t", "-v"}


def main(arguments):
    home = Home.of_program(sys.argv[0])
    home.load()
    try:
        given = options(arguments, home.release)
        text = given.get("execute")
        if text is None and "version" not in given:
            text = open(given["file"]).read() if "file" in given else sys.stdin.read()
        home.record("cqlsh", arguments, environment=dict(os.environ), text=text)
        if "version" in given:
            print("cqlsh " + home.captures.text("cql", "show-version").split()[1])
            return 0
        return Shell(home, given).run(text)
    except Refusal as refusal:
        sys.stdout.write(refusal.out)
        sys.stderr.write(refusal.err)
        return refusal.status


def options(arguments, release):
    given, places, left = {}, [], list(arguments)
    valued, flags = dict(VALUED), set(FLAGS)
    if release >= (4, 1):
        valued["--credentials"] = "credentials"
        flags.add("--insecure-password-without-warning")
    while left:
        word = left.pop(0)
        name, equals, value = word.partition("=")
        if word == "--version":
            given["version"] = True
        elif word in flags:
            given[word.lstrip("-")] = True
        elif name in valued and name.startswith("--") and equals:
            given[valued[name]] = value
        elif word in valued and left:
            given[valued[word]] = left.pop(0)
        elif word[:2] in valued and not word.startswith("--") and len(word) > 2:
            given[valued[word[:2]]] = word[2:]
        elif word.startswith("-"):
            raise Refusal(2, err="Usage: cqlsh.py [options] [host [port]]\n\n"
                                 f"cqlsh.py: error: no such option: {name}\n")
        else:
            places.append(word)
    read_files(given, release)
    for name, place in zip(("host", "port"), places):
        given[name] = place
    return given


def read_files(given, release):
    """cqlshrc, ~/.cassandra/cqlshrc without one, and since 4.1 the credentials file; options come first."""
    import configparser

    path = given.get("cqlshrc", os.path.expanduser("~/.cassandra/cqlshrc"))
    file = configparser.RawConfigParser()
    file.read(path)
    for section, name, key in (("authentication", "username", "user"), ("authentication", "password", "password"),
                               ("authentication", "keyspace", "keyspace"), ("connection", "hostname", "host"),
                               ("connection", "port", "port"), ("ssl", "certfile", "certfile")):
        if file.has_option(section, name):
            given.setdefault(key, file.get(section, name))
    if file.has_option("connection", "ssl") and file.getboolean("connection", "ssl"):
        given["ssl"] = True
    if release >= (4, 1) and file.has_option("authentication", "password"):
        sys.stderr.write("\nNotice: Credentials in the cqlshrc file is deprecated and will be ignored in the future."
                         "\nPlease use a credentials file to specify the username and password.\n\n")
    credentials = given.get("credentials") or (
        file.get("authentication", "credentials") if file.has_option("authentication", "credentials") else None)
    if release >= (4, 1) and credentials:
        mode = os.stat(credentials).st_mode if os.path.exists(credentials) else 0
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            sys.stderr.write(f"\nWarning: Credentials file '{credentials}' exists but is not used, because:"
                             "\n  a. the file owner is not the current user; or"
                             "\n  b. the file is readable by group or other."
                             "\nPlease ensure the file is owned by the current user and is not readable by group or "
                             "other.\n")
            return
        secrets = configparser.RawConfigParser()
        secrets.read(credentials)
        for section in ("PlainTextAuthProvider", "plain_text_auth"):
            for name, key in (("username", "user"), ("password", "password")):
                if secrets.has_option(section, name):
                    given.setdefault(key, secrets.get(section, name))


class Shell:
    def __init__(self, home, given):
        self.home, self.given = home, given
        self.keyspace = given.get("keyspace")
        self.failed = False
        self.page = 100

    def run(self, text):
        self.connect()
        name = self.given.get("file", "<stdin>")
        for statement, ended, line in split(text):
            # -e needs no semicolon; in a file the last statement without one is never run.
            if not ended and "execute" not in self.given and not is_shell_command(statement):
                print("Incomplete statement at end of file", file=sys.stderr)
                self.failed = True
                continue
            try:
                with self.home.ring_locked():
                    out = self.perform(statement)
                    meet(self.home, Words(statement).peek(), [statement], late=True)
                    sys.stdout.write(out)
            except (CQLError, Refusal) as error:
                self.failed = True
                line = 1 if "execute" in self.given else line
                words = error.err.strip() if isinstance(error, Refusal) else error
                sys.stderr.write(f"{name}:{line}:{words}\n")
        return 2 if self.failed else 0

    # --- connection ----------------------------------------------------------------------------------------------

    def connect(self):
        state = self.home.state
        host, port = self.given.get("host", "127.0.0.1"), self.given.get("port", "9042")
        captured = self.home.captures.answer("cql", "dead-cqlsh", [("127.0.0.1", host), ("9042", port)])
        own = {state["address"]} | ({"localhost"} if state["address"] == "127.0.0.1" else set())
        if not self.home.is_normal or host not in own or port != state.get("cql_port", "9042"):
            raise Refusal(*captured)
        self.peer = f"{host}:{port}"
        if state.get("cql_ssl") and "ssl" not in self.given:
            raise self.no_connection("ConnectionShutdown", f"Connection to {self.peer} was closed")
        wanted = state.get("cql")
        if not wanted:
            return
        user, password = self.given.get("user"), self.given.get("password")
        if user is None or password is None:
            raise self.no_connection("AuthenticationFailed", "Remote end requires authentication.")
        if [user, password] != [wanted["user"], wanted["password"]]:
            raise self.no_connection(
                "AuthenticationFailed", f"Failed to authenticate to {self.peer}: Error from server: code=0100 "
                f'[Bad credentials] message="Provided username {user} and/or password are incorrect"')

    def no_connection(self, kind, words):
        """As the driver's NoHostAvailable prints: with Python 2's tuples up to 3.11, whose key has no port."""
        old = self.home.release < (4, 0)
        place = self.peer.split(":")[0] if old else self.peer
        cause = f"{kind}({words!r}{',' if old else ''})"
        return Refusal(1, err=f"Connection error: ('Unable to connect to any servers', {{'{place}': {cause}}})\n")

    # --- statements ----------------------------------------------------------------------------------------------

    def perform(self, statement):
        words = Words(statement)
        verb = words.peek()
        meet(self.home, verb, [statement])
        home = self.home
        if words.accept("SELECT"):
            return select.select(home, words, self.keyspace, self.page)
        if words.accept("DESCRIBE") or words.accept("DESC"):
            return describe.describe(home, words, self.keyspace)
        if words.accept("USE"):
            self.keyspace = words.name()
            return ""
        if words.accept("SHOW", "VERSION"):
            return home.captures.text("cql", "show-version")
        if words.accept("CONSISTENCY"):
            return f"Consistency level set to {words.peek()}.\n" if words.left else "Current consistency level is ONE.\n"
        if words.accept("PAGING"):
            self.page = None if words.peek() == "OFF" else 100
            return "Disabled Query paging.\n" if self.page is None else "Now Query paging is enabled\nPage size: 100\n"
        if verb in ("CREATE", "ALTER", "DROP", "TRUNCATE"):
            definitions.define(home, words, self.keyspace)
            return ""
        first = words.take()[1]
        raise CQLError("SyntaxException", f"line 1:0 no viable alternative at input '{first}' ([{first}]...)")


def is_shell_command(statement):
    return statement.split()[0].upper() in ("DESCRIBE", "DESC", "SHOW", "USE", "CONSISTENCY", "PAGING")
