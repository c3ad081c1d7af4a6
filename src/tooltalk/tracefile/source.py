"""Where a trace script comes from (spec 07 sections 8.2 and 9.1)."""

from __future__ import annotations

from tooltalk.errors import Unavailable
from tooltalk.files.regular import contents, open_at_once
from tooltalk.limits import Limits
from tooltalk.trace.parse import parse_script, script_file
from tooltalk.trace.script import TraceScript


def read_script(script: bytes | str, limits: Limits) -> TraceScript:
    """What ``script``, a script or the name of a file with one, says. Raises Unavailable with the reasons."""
    file = script_file(script)
    if file is not None:
        script = _content(file, limits.trace_script_bytes)
    found = parse_script(script, limits)
    if isinstance(found, TraceScript):
        return found
    raise Unavailable("; ".join(str(error) for error in found))


def _content(file: str, most: int) -> bytes:
    """What is in a script file; one byte more than ``most`` shows that it is too long."""
    try:
        with open_at_once(file) as source:
            return contents(source, most)
    except (OSError, ValueError) as error:
        raise Unavailable(f"{file}: {getattr(error, 'strerror', None) or error}") from None
