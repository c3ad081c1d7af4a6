"""The language a program speaks to its user, chosen before its first word."""

from __future__ import annotations

import os

from tooltalk.wording import languages


def choose_language() -> None:
    """Take messages from the catalogues of the environment, except with another user's rights."""
    if os.getuid() != os.geteuid() or os.getgid() != os.getegid():
        return
    if os.environ.get("NLSPATH") or languages(os.environ):
        # Imported only here, so that nobody with English messages waits for it.
        from tooltalk.server.language import choose

        choose(os.environ)
