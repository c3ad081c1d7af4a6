"""The notice ``Saved``: a session that uses a types database reads it again (spec 04 section 10.4)."""

from __future__ import annotations

from collections.abc import Mapping


def send_saved(file: str, environ: Mapping[str, str]) -> list[str]:
    """Tell the session named in the environment that ``file`` was written.

    Best effort: without a session there is nothing to do, and none is started. Returns lines for people
    about what went wrong; whatever it is, the file is written.
    """
    return []
