"""The part that every form of the trace shares: what is shown at all, and how deep it stands.

The core reports each step of each message; a script keeps most of them out. A level counts for
indentation only if it was shown, so what is left stands together (spec 07 section 8.3, spec 03
section 18.2).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from tooltalk.model.message import Message
from tooltalk.model.pattern import Pattern
from tooltalk.model.procid import ProcId
from tooltalk.model.signature import Signature
from tooltalk.trace.callvalues import Shown
from tooltalk.trace.script import TraceScript
from tooltalk.trace.values import WIDTH, Values, no_host, path_part


class Level:
    """One open operation or state change. pending: its entry line waits for something to stand under
    it. opened: what it holds is printed one level deeper.
    """

    __slots__ = ("message", "opened", "pending", "word")

    def __init__(self, word: str, message: Message | None) -> None:
        self.word = word
        self.message = message
        self.pending = False
        self.opened = False


class CallStep:
    """An API call of a client, or a callback of one, as it is printed.

    name: the function; of a callback its number. args, value: what they look like. value and status are
    set when it ends; value is None where nothing is given back.
    """

    __slots__ = ("args", "callback", "name", "status", "value")

    def __init__(self, name: str, args: tuple[Shown, ...], callback: bool = False) -> None:
        self.name = name
        self.args = args
        self.callback = callback
        self.value: Shown | None = None
        self.status = ""


class TraceForm:
    """A ``Tracer`` that writes what its script asks for. Subclasses print; nothing here does.

    Where a call has a last argument ``message``, it is the message that the call is about; without one
    it is that of the innermost open level. The message is read while the call lasts and never kept
    longer than its level.
    """

    __slots__ = ("_levels", "_write", "depth", "now", "pid", "script", "values")

    def __init__(
        self,
        write: Callable[[str], object],
        script: TraceScript,
        width: int = WIDTH,
        host_of: Callable[[ProcId], str | None] = no_host,
        *,
        pid: int = 0,
        now: Callable[[], datetime] | None = None,
        terminal: bool = False,
        local_path: Callable[[bytes], bytes] = path_part,
    ) -> None:
        """write: takes whole lines. width: bytes of a value shown (``trace_values.width_of``). host_of: the
        host to print for a procid, None to leave it out. pid: of this process, for ``follow on``. now:
        the local time, for ``timestamps on``. terminal: ``write`` ends at one, so values must not
        break lines. local_path: the local name of a message's file.
        """
        self.script = script
        self.values = Values(width, host_of, local_path, multiline=not terminal)
        self.depth = 0
        self._write = write
        self.pid = pid
        self.now = now
        self._levels: list[Level] = []
        self.prepare()

    def prepare(self) -> None:
        """Set up what a form keeps beside this; called once."""

    # The calls of the core

    def enter(self, word: str, message: Message | None) -> None:
        """An operation begins. ``word`` is the cause, ``tt_message_send`` for example. Without a message no
        block is printed, and the line waits for the state change below it if the script picks messages.
        """
        level = Level(word, message)
        if self.script.states is not None:
            level.pending = message is None
        elif message is None and self.script.picks_messages:
            level.pending = True
        elif self.script.picks(message):
            self._open(level, self.show_entry(word, message))
        self._levels.append(level)

    def change(self, old: int, new: int, message: Message) -> None:
        """``message`` went from state ``old`` to ``new``; it holds its new values already."""
        level = Level("", message)
        if self.shows_change(new, message):
            self._announce(old)
            self._open(level, self.show_change(old, new, message))
        self._levels.append(level)

    def leave(self) -> None:
        """The innermost open level ends. Harmless without one: a trace may begin in the middle."""
        if self._levels and self._levels.pop().opened:
            self.depth -= 1
            self.show_end()

    def delivery(self, procid: ProcId, message: Message | None = None) -> None:
        """The message was put in the queue of ``procid``."""
        subject = self._subject(message)
        if self.shows(subject):
            self.show_delivery(procid, subject)

    def signature(
        self, signature: Signature, score: int, reason: str, message: Message | None = None
    ) -> None:
        """A signature was compared with the message. score: 0 for a mismatch, for which ``reason`` stands."""
        subject = self._subject(message)
        if self.script.matching and self.shows(subject):
            self.show_signature(signature, score, reason, subject)

    def pattern(
        self, pattern: Pattern, timestamp: int, score: int, reason: str, message: Message | None = None
    ) -> None:
        """A pattern was compared with the message. timestamp: the server's clock when it last counted."""
        subject = self._subject(message)
        if self.script.matching and self.shows(subject):
            self.show_pattern(pattern, timestamp, score, reason, subject)

    def launch(self, command: bytes, message: Message | None = None) -> None:
        """``/bin/sh -c command`` is started to receive the message."""
        subject = self._subject(message)
        if self.shows(subject):
            self.show_launch(command, subject)

    def event(self, kind: str, word: str, what: bytes | None, procid: ProcId | None = None) -> None:
        """Something that is no message happened; shown only if the script has ``events kind``.

        word: ``tt_pattern_register`` for example. what: the pattern id, session, file or ptype.
        """
        if kind in self.script.events:
            self.show_event(kind, word, what, procid)

    # What is shown at all

    def shows_change(self, new: int, message: Message) -> bool:
        """Whether a change of ``message`` into the state ``new`` is wanted."""
        states = self.script.states
        return (states is None or new in states) and self.script.picks(message)

    def shows(self, message: Message | None) -> bool:
        """Whether a line about ``message`` is wanted; if so the entry line it stands under is out now."""
        states = self.script.states
        if states is not None and (not states or (message is not None and message.state not in states)):
            return False
        if not self.script.picks(message):
            return False
        self._announce(None if message is None else message.state)
        return True

    # What a form prints. The first two say whether what follows stands one level deeper.

    def show_entry(self, word: str, message: Message | None) -> bool:
        """Print the beginning of an operation."""
        raise NotImplementedError

    def show_change(self, old: int, new: int, message: Message) -> bool:
        """Print a change of state."""
        raise NotImplementedError

    def show_end(self) -> None:
        """A level that was printed ends."""

    def show_delivery(self, procid: ProcId, message: Message | None) -> None:
        """Print a delivery."""
        raise NotImplementedError

    def show_signature(self, signature: Signature, score: int, reason: str, message: Message | None) -> None:
        """Print a comparison with a signature."""
        raise NotImplementedError

    def show_pattern(
        self, pattern: Pattern, timestamp: int, score: int, reason: str, message: Message | None
    ) -> None:
        """Print a comparison with a pattern."""
        raise NotImplementedError

    def show_launch(self, command: bytes, message: Message | None) -> None:
        """Print a start command."""
        raise NotImplementedError

    def show_event(self, kind: str, word: str, what: bytes | None, procid: ProcId | None) -> None:
        """Print an event that is no message."""
        raise NotImplementedError

    # What a client has beside this (trace.client)

    def show_receipt(self, procid: ProcId, message: Message) -> None:
        """Print a message that came in for a procid of this process."""
        raise NotImplementedError

    def show_call(self, call: CallStep) -> None:
        """Print an API call that nothing was printed in."""
        raise NotImplementedError

    def show_call_begin(self, call: CallStep) -> None:
        """Print an API call that something will be printed in."""
        raise NotImplementedError

    def show_call_end(self, call: CallStep) -> None:
        """Print the end of such a call."""
        raise NotImplementedError

    # What forms use

    def emit(self, text: str) -> None:
        """Hand over ``text``, whole lines with their newlines."""
        self._write(text)

    def enclosing(self) -> Level | None:
        """The innermost open level that was printed."""
        for level in reversed(self._levels):
            if level.opened:
                return level
        return None

    def innermost_word(self) -> str:
        """The cause of the innermost open operation; empty inside a state change, or outside of all."""
        return self._levels[-1].word if self._levels else ""

    @property
    def has_lead(self) -> bool:
        """Whether lines of a text form begin with a time or a pid."""
        return self.script.follow or (self.script.timestamps and self.now is not None)

    def lead(self) -> str:
        """What every line of a text form begins with: time of day and pid, if asked for."""
        stamp = ""
        if self.script.timestamps and self.now is not None:
            stamp = self.now().time().isoformat("milliseconds") + " "
        return f"{stamp}{self.pid}:\t" if self.script.follow else stamp

    # How levels come and go

    def _open(self, level: Level, deeper: bool) -> None:
        level.opened = deeper
        if deeper:
            self.depth += 1

    def _announce(self, state: int | None) -> None:
        """Print the entry lines that waited, unless the states asked for leave ``state`` out."""
        states = self.script.states
        wanted = states is None or state in states
        for level in self._levels:
            if level.pending:
                level.pending = False
                if wanted:
                    self._open(level, self.show_entry(level.word, None))

    def _subject(self, message: Message | None) -> Message | None:
        if message is None and self._levels:
            return self._levels[-1].message
        return message
