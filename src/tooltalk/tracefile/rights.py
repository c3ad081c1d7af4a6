"""Who may trace (spec 07 section 2.3)."""

from __future__ import annotations

import os


def may_trace() -> bool:
    """Whether this process runs with the rights of who started it.

    A set-uid program must not write files that the environment of just anybody names.
    """
    return os.geteuid() == 0 or (os.getuid(), os.getgid()) == (os.geteuid(), os.getegid())
