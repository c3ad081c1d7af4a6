"""Writes the table of limits in ttsession.1 anew: ``python man/limits_table.py``.

The table is made from ``tooltalk.limits``; a test fails while the page shows another one.
"""

from __future__ import annotations

import re
from pathlib import Path

from tooltalk.limits import rows

PAGE = Path(__file__).with_name("ttsession.1")
BEGIN = '.\\" The table is written by man/limits_table.py\n'
END = '.\\" End of the table\n'
OTHERS = re.compile("[a-z]+: ")
"""How the sentence of a limit begins that another program has."""


def table() -> str:
    """The limits of a server, in the order of their module, as a list of mdoc."""
    lines = [".Bl -tag -width Ds -compact\n"]
    for row in rows():
        if not OTHERS.match(row.text):
            number = row.default if isinstance(row.default, int) else f"{row.default:g}"
            lines.append(f".It Sy {row.name} No \\(eq {number} {row.unit}\n")
            lines.append(f"{row.text[0].upper()}{row.text[1:]}.\n")
    return "".join([*lines, ".El\n"])


def renewed(page: str) -> str:
    """``page`` with the table in its place."""
    before, rest = page.split(BEGIN)
    return before + BEGIN + table() + END + rest.split(END)[1]


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text()))
