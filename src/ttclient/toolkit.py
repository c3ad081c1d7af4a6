"""The toolkit layer: short ways to make, answer and await messages (the tttk_ functions of tttk.h).

Callbacks of ``ttclient.desktop`` and ``ttclient.media`` return False for a message they leave to others;
after anything else it is dealt with. The manual page is ttclient.toolkit(3).
"""

from __future__ import annotations

from ttclient.blocking.toolkit.creating import create_message
from ttclient.blocking.toolkit.ending import abandon, destroy_message, fail, reject
from ttclient.blocking.toolkit.waiting import Reader, add_reader, block_while, input_handler
from ttclient.standard.check import problems
from ttclient.standard.contract import contract_id
from ttclient.standard.ops import Op
from ttclient.standard.tk import TkLoop, TkWindow

__all__ = [
    "Op",
    "Reader",
    "TkLoop",
    "TkWindow",
    "abandon",
    "add_reader",
    "block_while",
    "contract_id",
    "create_message",
    "destroy_message",
    "fail",
    "input_handler",
    "problems",
    "reject",
]
