"""CQL text as words."""

import re

from node.names import quoted  # noqa: F401: the other way round

_WORD = re.compile(r"""
      (?P<space>\s+|--[^\n]*|//[^\n]*|/\*.*?\*/)
    | (?P<string>'(?:[^']|'')*'|\$\$.*?\$\$)
    | (?P<quoted>"(?:[^"]|"")*")
    | (?P<uuid>[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})
    | (?P<number>-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<symbol><=|>=|!=|.)
""", re.VERBOSE | re.DOTALL)


class CQLError(Exception):
    """What cqlsh prints after file and line: `kind: text`, or the text alone."""

    def __init__(self, kind, text):
        super().__init__(f"{kind}: {text}" if kind else text)
        self.kind, self.text = kind, text


def invalid(message):
    return CQLError("InvalidRequest", f'Error from server: code=2200 [Invalid query] message="{message}"')


def configuration(message):
    """A ConfigurationException: the driver shows its message alone."""
    return CQLError("ConfigurationException", message)


def syntax(message):
    return CQLError("SyntaxException", message)


def split(text):
    """(statement without its semicolon, whether one ended it, number of the line that it ends on)."""
    found, start, line = [], 0, 1
    for match in _WORD.finditer(text):
        if match.lastgroup == "symbol" and match.group() == ";":
            line = 1 + text.count("\n", 0, match.end())
            found.append((text[start: match.start()].strip(), True, line))
            start = match.end()
    rest = text[start:].strip()
    if Words(rest).left:
        found.append((rest, False, 1 + text.rstrip("\n").count("\n")))
    return [entry for entry in found if Words(entry[0]).left]


class Words:
    """A statement, word by word."""

    def __init__(self, text):
        self.text = text
        self.words = [(m.lastgroup, m.group(), m.start()) for m in _WORD.finditer(text) if m.lastgroup != "space"]
        self.at = 0

    @property
    def left(self):
        return self.words[self.at:]

    def peek(self, offset=0):
        """The next word, upper-case if it is a name; empty at the end."""
        if self.at + offset >= len(self.words):
            return ""
        kind, text, _ = self.words[self.at + offset]
        return text.upper() if kind == "name" else text

    def take(self):
        if not self.left:
            raise syntax(f"line {1 + self.text.count(chr(10))}:{len(self.text)} mismatched input '<EOF>'")
        self.at += 1
        return self.words[self.at - 1]

    def accept(self, *expected):
        """Whether these words come next; then they are taken."""
        if all(self.peek(i) == word for i, word in enumerate(expected)):
            self.at += len(expected)
            return True
        return False

    def expect(self, *expected):
        for word in expected:
            if not self.accept(word):
                raise self.unexpected(word)

    def unexpected(self, wanted=""):
        kind, text, position = self.take()
        line = 1 + self.text.count("\n", 0, position)
        column = position - (self.text.rfind("\n", 0, position) + 1)
        expecting = f" expecting {wanted}" if wanted else ""
        return syntax(f"line {line}:{column} mismatched input '{text}'{expecting}")

    def end(self):
        if self.left:
            raise self.unexpected("EOF")

    def name(self):
        """An identifier: lower-case unless quoted."""
        kind, text, _ = self.take()
        if kind == "quoted":
            return text[1:-1].replace('""', '"')
        if kind == "name":
            return text.lower()
        self.at -= 1
        raise self.unexpected("an identifier")

    def qualified(self, keyspace):
        """(keyspace, name): that of USE if none is named."""
        first = self.name()
        if self.accept("."):
            return first, self.name()
        if keyspace is None:
            raise invalid("No keyspace has been specified. USE a keyspace, or explicitly specify keyspace.tablename")
        return keyspace, first

    def type(self):
        """A type as system_schema spells it: `map<text, frozen<address>>`."""
        kind, text, _ = self.take()
        if kind == "string":
            return text
        name = text if kind == "quoted" else text.lower()
        name = {"varchar": "text"}.get(name, name)
        if self.peek() == ".":
            raise invalid("Statement on keyspace cannot refer to a user type in another keyspace; user types can only "
                          "be used in the keyspace they are defined in")
        if not self.accept("<"):
            return name
        parts = [self.type()]
        while self.accept(","):
            parts.append(self.type())
        self.expect(">")
        return f"{name}<{', '.join(parts)}>"

    def literal(self):
        """A constant, a map, a list or a set, as JSON has it; numbers as they are written."""
        kind, text, _ = self.take()
        if kind == "string":
            return text[2:-2] if text.startswith("$$") else text[1:-1].replace("''", "'")
        if kind == "number":
            return float(text) if "." in text or "e" in text.lower() else int(text)
        if kind == "uuid":
            return text.lower()
        if kind == "name" and text.lower() in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[text.lower()]
        if text in "{[":
            return self._collection("}" if text == "{" else "]")
        self.at -= 1
        raise self.unexpected("a constant")

    def _collection(self, end):
        entries, is_map = [], end == "}"
        while not self.accept(end):
            key = self.literal()
            if is_map and self.accept(":"):
                entries.append((key, self.literal()))
            else:
                entries.append(key)
            if not self.accept(","):
                self.expect(end)
                break
        return dict(entries) if is_map and all(isinstance(e, tuple) for e in entries) else entries

    def rest(self):
        """What is left, as it was written."""
        return self.text[self.left[0][2]:] if self.left else ""
