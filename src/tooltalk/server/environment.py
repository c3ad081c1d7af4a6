"""The environment of the programs a session starts (spec 02 sections 4 and 12.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SPELLINGS: Final = (b"", b"_SUN_")
TRACE_SCRIPT: Final = b"TT_TRACE_SCRIPT"

OUTER: Final = frozenset(
    [
        b"_TT_SID",
        b"_SUN_TT_SID",
        *(prefix + name for prefix in SPELLINGS for name in (b"TT_TOKEN", b"TT_FILE")),
    ]
)
"""Variables of a tool of another session; a server started by such a tool does not hand them on."""


def session_environment(environ: Mapping[bytes, bytes], address: bytes) -> dict[bytes, bytes]:
    """``environ`` for programs of the session at ``address``, under both spellings of its variable."""
    environment = {name: value for name, value in environ.items() if name not in OUTER}
    for prefix in SPELLINGS:
        environment[prefix + b"TT_SESSION"] = address
    return environment


def tool_variables(address: bytes, ident: bytes) -> dict[bytes, bytes]:
    """What every tool of the session gets beside what its message sets (spec 02 section 12.2).

    ident: the internal session id, ``P <address>`` or ``X <ip> <display>``.
    """
    variables = {b"_TT_SID": ident, b"_SUN_TT_SID": ident}
    for prefix in SPELLINGS:
        variables[prefix + b"TT_SESSION"] = address
    return variables
