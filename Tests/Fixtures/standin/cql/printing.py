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


def rows(columns, found, page=None):
    """A table: headings to the left, values to the right. Each page is as wide as its own rows need."""
    cells = [[value(item) for item in row] for row in found]
    pages = [cells[start: start + page] for start in range(0, len(cells), page)] if page and cells else [cells]
    text = ""
    for number, part in enumerate(pages):
        widths = [max([len(name), *(len(row[i]) for row in part)]) for i, name in enumerate(columns)]
        if number == 0:
            heading = " " + " | ".join(name.ljust(width) for name, width in zip(columns, widths)).rstrip()
            text = f"\n{heading}\n-{'-+-'.join('-' * width for width in widths)}-\n"
        text += "".join(" " + " | ".join(c.rjust(w) for c, w in zip(row, widths)) + "\n" for row in part)
    return text + ("\n" if not cells else "") + f"\n({len(found)} rows)\n"


def json_text(row):
    return json.dumps(row, ensure_ascii=False)
