"""What tt_message_print and tt_pattern_print return (spec 05 section 10).

The lines are those of traces; here they get the client's view: local names of files, and the host
behind procids of this process.
"""

from __future__ import annotations

from typing import Any

from tooltalk.model.message import Message
from tooltalk.model.pattern import Pattern
from tooltalk.trace.text import message_text, pattern_text
from ttclient.store import Store


def message(fields: Message, store: Store[Any, Any]) -> str:
    """The lines of a message, each with its newline."""
    return message_text(fields, store.values) + "\n"


def pattern(fields: Pattern, store: Store[Any, Any]) -> str:
    """The lines of a pattern, each with its newline."""
    return pattern_text(fields, store.values) + "\n"
