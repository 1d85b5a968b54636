"""Rows as cqlsh prints them without colours."""

import json
import re

_CONTROL = re.compile("[\x00-\x1f\x7f-\xa0]")


def escaped(text):
    """Backslashes are doubled, and control characters shown (cqlshlib.formatting.format_value_text)."""
    return _CONTROL.sub(lambda match: repr(match.group())[1:-1], text.replace("\\", "\\\\"))


def value(item):
    if item is None:
        return "null"
    if isinstance(item, bool):
        return str(item)
    if isinstance(item, str):
        return escaped(item)
    if isinstance(item, dict):
        return "{" + ", ".join(f"{nested(k)}: {nested(v)}" for k, v in item.items()) + "}"
    if isinstance(item, list):
        return "[" + ", ".join(nested(v) for v in item) + "]"
    return str(item)


def nested(item):
    return "'" + escaped(item).replace("'", "''") + "'" if isinstance(item, str) else value(item)


def rows(columns, found):
    """A table: headings to the left, values to the right."""
    cells = [[value(item) for item in row] for row in found]
    widths = [max([len(name), *(len(row[i]) for row in cells)]) for i, name in enumerate(columns)]
    heading = " " + " | ".join(name.ljust(width) for name, width in zip(columns, widths)).rstrip()
    rule = "-" + "-+-".join("-" * width for width in widths) + "-"
    lines = [" " + " | ".join(cell.rjust(width) for cell, width in zip(row, widths)) for row in cells]
    body = "".join(line + "\n" for line in lines) or "\n"
    return f"\n{heading}\n{rule}\n{body}\n({len(found)} rows)\n"


def json_text(row):
    return json.dumps(row, ensure_ascii=False)
