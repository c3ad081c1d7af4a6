"""What a trace shows, in which form, and where it goes: the meaning of a trace script."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tooltalk.model.message import Message


def is_wild(word: str) -> bool:
    """Whether ``word`` is a pattern of names rather than a name."""
    return any(char in word for char in "*?[")


def as_bytes(word: str) -> bytes:
    """The bytes that ``word`` was read from, whatever their encoding."""
    return word.encode("utf-8", "surrogateescape")


class NameList:
    """Names and wildcard patterns, for example of ops. An empty list holds nothing.

    ``*`` stands for any bytes, ``?`` for one, ``[a-z]`` for one of a set; the whole name must fit.
    """

    __slots__ = ("_exact", "_wild", "words")

    def __init__(self, words: Sequence[str]) -> None:
        self.words = tuple(words)
        self._exact = frozenset(as_bytes(word) for word in words if not is_wild(word))
        # Compiled when first needed: of a keyword given many times only the last list is ever used.
        self._wild: tuple[re.Pattern[bytes], ...] | None = None

    def __contains__(self, name: bytes | None) -> bool:
        """Whether ``name`` is in the list; None never is."""
        if name is None:
            return False
        if self._wild is None:
            self._wild = tuple(_compiled(word) for word in dict.fromkeys(self.words) if is_wild(word))
        return name in self._exact or any(wild.match(name) is not None for wild in self._wild)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NameList) and self.words == other.words

    def __hash__(self) -> int:
        return hash(self.words)

    def __repr__(self) -> str:
        return f"NameList({self.words!r})"


def _compiled(word: str) -> re.Pattern[bytes]:
    # A name is bytes and is matched byte by byte; latin-1 carries bytes through a function on text.
    return re.compile(fnmatch.translate(as_bytes(word).decode("latin-1")).encode("latin-1"))


@dataclass(frozen=True, slots=True)
class TraceScript:
    """What a script says; the defaults are those of an empty one: everything, as text, to stderr.

    follow: lines begin with the pid, and children trace too. output: file to write to, None for
    stderr; append: to its end, else it is emptied first. functions: API calls a client traces, None for
    all. attributes: one of ATTRIBUTES. states: changes into these are shown, None for all. matching: show
    what was compared with the message. ops, sender_ptypes, handler_ptypes: messages shown, None
    for all. events: kinds of other events shown. timestamps: lines begin with the time of day.
    format: one of FORMATS.
    """

    follow: bool = False
    output: str | None = None
    append: bool = False
    functions: NameList | None = None
    attributes: str = "all"
    states: frozenset[int] | None = None
    matching: bool = True
    ops: NameList | None = None
    sender_ptypes: NameList | None = None
    handler_ptypes: NameList | None = None
    events: frozenset[str] = frozenset()
    timestamps: bool = False
    format: str = "text"

    @classmethod
    def default(cls) -> TraceScript:
        """Everything to stderr, as ``ttsession -t`` and SIGUSR1 trace."""
        return cls()

    @property
    def silent(self) -> bool:
        """Whether a server has nothing to write: then its trace is off and the file is closed."""
        return self.states == frozenset() and not self.events

    @property
    def picks_messages(self) -> bool:
        """Whether some messages are shown and others not, by their attributes."""
        return self.ops is not None or self.sender_ptypes is not None or self.handler_ptypes is not None

    def shows_function(self, name: str) -> bool:
        """Whether a client traces calls of the API function ``name``, for example ``tt_open``."""
        return self.functions is None or as_bytes(name) in self.functions

    def picks(self, message: Message | None) -> bool:
        """Whether the lists of ops and ptypes let ``message`` through; an unknown message passes no list.

        A message that lacks the attribute is in no list (spec 07 section 8.2).
        """
        if not self.picks_messages:
            return True
        if message is None:
            return False
        return (
            (self.ops is None or message.op in self.ops)
            and (self.sender_ptypes is None or message.sender_ptype in self.sender_ptypes)
            and (self.handler_ptypes is None or message.handler_ptype in self.handler_ptypes)
        )
