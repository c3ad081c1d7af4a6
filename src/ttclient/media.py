"""Documents that tools pass to each other: Display, Edit, Mail, Print ... (the ttmedia_ functions of tttk.h).

    from ttclient import media, toolkit

    request = media.load(media.Op.EDIT, "ISO_Latin_1", b"a letter", title="Letter")
    toolkit.block_while(lambda: request.state not in (State.HANDLED, State.FAILED))

The manual page is ttclient.toolkit(3).
"""

from __future__ import annotations

from ttclient.blocking.toolkit.media import (
    LoadEvent,
    MediaRequest,
    declare_ptype,
    deposit,
    load,
    load_reply,
)
from ttclient.standard.ops import Op

__all__ = ["LoadEvent", "MediaRequest", "Op", "declare_ptype", "deposit", "load", "load_reply"]
