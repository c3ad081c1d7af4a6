"""What the core tells whoever follows a message. ``None`` in its place costs one attribute test."""

from __future__ import annotations

from typing import Protocol

from tooltalk.model.message import Message
from tooltalk.model.pattern import Pattern
from tooltalk.model.procid import ProcId
from tooltalk.model.signature import Signature


class Tracer(Protocol):
    """A trace being written. ``enter`` and ``change`` open a level that ``leave`` closes."""

    def enter(self, word: str, message: Message | None) -> None:
        """An operation begins: ``tt_message_send``, ``tt_message_reply`` ... None: no message block."""

    def change(self, old: int, new: int, message: Message) -> None:
        """The message went from one state to another."""

    def leave(self) -> None:
        """The innermost open level ends."""

    def delivery(self, procid: ProcId, message: Message | None = None) -> None:
        """The message was put in the queue of ``procid``."""

    def launch(self, command: bytes, message: Message | None = None) -> None:
        """A tool was started for the message by this shell command."""

    def event(self, kind: str, word: str, what: bytes | None, procid: ProcId | None = None) -> None:
        """Something that is not about a message: a pattern registered, a session joined, a procid gone.

        kind: that of the script command ``events``. word: as in the function of the C library.
        """

    def signature(self, signature: Signature, score: int, reason: str) -> None:
        """A signature was tried; score 0 is a mismatch for ``reason``."""

    def pattern(self, pattern: Pattern, timestamp: int, score: int, reason: str) -> None:
        """A pattern was tried; score 0 is a mismatch for ``reason``."""
