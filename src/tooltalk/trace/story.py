"""The trace as a story: one plain sentence per step, for people who never saw ToolTalk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tooltalk.errors import ADVICE
from tooltalk.model.enums import Category, Class, State
from tooltalk.model.message import Message
from tooltalk.model.pattern import Pattern
from tooltalk.model.procid import ProcId
from tooltalk.model.signature import Signature
from tooltalk.status import Status, c_name
from tooltalk.trace.form import CallStep, TraceForm
from tooltalk.trace.lines import call_text, outcome_text
from tooltalk.trace.reasons import pattern_sentence, plain, short_id, signature_sentence
from tooltalk.trace.values import CLASSES, STATES, status_name, visible


class StoryTrace(TraceForm):
    """Prints sentences, two blanks per level. Session addresses are left out: they are all the same.

    What an entry line has said already, its first state change does not repeat; an entry without a
    message (``TT_ERR_PROCID``) prints nothing but begins the sentence of the change below it.
    """

    __slots__ = ()

    def show_entry(self, word: str, message: Message | None) -> bool:
        """``request Display #0 from 2.xxx: sent``."""
        if message is None:
            return False
        deed = _ENTRIES.get(word)
        self._say(f"{_subject(message)}: {word if deed is None else deed(message)}")
        return True

    def show_change(self, old: int, new: int, message: Message) -> bool:
        """``-> failed: nobody handles this message``."""
        around = self.enclosing()
        if around is not None and _SAID.get(around.word) == new:
            return False
        outcome = _OUTCOMES.get(new)
        cause = _CAUSES.get(self.innermost_word(), "")
        self._tell(message, cause + ("changed" if outcome is None else outcome(message)))
        return True

    def show_delivery(self, procid: ProcId, message: Message | None) -> None:
        """``-> delivered to procid 1.xxx (pid 123)``."""
        reported = message is not None and message.state in _REPORTED and message.sender == procid
        self._tell(message, f"{'reported to its sender,' if reported else 'delivered to'} {_who(procid)}")

    def show_signature(self, signature: Signature, score: int, reason: str, message: Message | None) -> None:
        """``matched signature of ptype Viewer (score 4): can handle it``."""
        name = f"signature of ptype {visible(signature.ptid)}"
        if signature.otid is not None:
            name += f" for otype {visible(signature.otid)}"
        if score:
            self._say(f"matched {name} (score {score}): {_role(signature.category)}")
        else:
            self._say(f"no match: {name} {signature_sentence(reason, signature)}")

    def show_pattern(
        self, pattern: Pattern, timestamp: int, score: int, reason: str, message: Message | None
    ) -> None:
        """``no match: pattern 0:1.xxx wants class request``."""
        name = f"pattern {short_id(pattern.id)}"
        if pattern.handler_ptypes and b"." not in pattern.id.partition(b" ")[0]:
            name += f" of ptype {visible(pattern.handler_ptypes[0])}"
        if score:
            self._say(f"matched {name} (score {score}): {_role(pattern.category)}")
        else:
            self._say(f"no match: {name} {pattern_sentence(reason, pattern, self.values)}")

    def show_launch(self, command: bytes, message: Message | None) -> None:
        """``-> starting /bin/sh -c viewer``."""
        self._tell(message, f"starting /bin/sh -c {visible(command)}")

    def show_event(self, kind: str, word: str, what: bytes | None, procid: ProcId | None) -> None:
        """``procid 1.xxx (pid 123) registers pattern 0:1.xxx``."""
        who = "" if procid is None else _who(procid) + " "
        show = short_id if kind in ("pattern", "procid") else visible
        self._say(f"{who}{_DEEDS.get(word, word)}{'' if what is None else ' ' + show(what)}")

    def show_receipt(self, procid: ProcId, message: Message) -> None:
        """``request Display #0 from 2.xxx: received, in state sent``."""
        self._say(f"{_subject(message)}: received, in state {plain(STATES.name(message.state))}")

    def show_call(self, call: CallStep) -> None:
        """As in the lines: who reads calls knows the functions."""
        self._say(call_text(call) + outcome_text(call))

    def show_call_begin(self, call: CallStep) -> None:
        """``tt_message_send(0x1) ...``."""
        self._say(call_text(call) + "...")

    def show_call_end(self, call: CallStep) -> None:
        """``= 0 (TT_OK)``."""
        self._say(outcome_text(call))

    def _tell(self, message: Message | None, what: str) -> None:
        """``what`` happened to ``message``, which is named unless the line above has done so."""
        around = self.enclosing()
        if around is not None and (message is None or _same(around.message, message)):
            self._say(f"-> {what}")
        elif message is None:
            self._say(what)
        else:
            self._say(f"{_subject(message)}: {what}")

    def _say(self, sentence: str) -> None:
        self.emit(f"{self.lead()}{'  ' * self.depth}{sentence}\n")


def _same(one: Message | None, other: Message) -> bool:
    """Whether both are the same message, or copies of it."""
    return one is not None and one.id == other.id and one.sender == other.sender


def _subject(message: Message) -> str:
    kind = "message" if message.tt_class == Class.UNDEFINED else plain(CLASSES.name(message.tt_class))
    op = "without op" if message.op is None else visible(message.op)
    sender = "" if message.sender is None else f" from {short_id(message.sender.id)}"
    return f"{kind} {op} #{message.id}{sender}"


def _who(procid: ProcId) -> str:
    return f"procid {short_id(procid.id)} (pid {procid.pid})"


def _by(procid: ProcId | None) -> str:
    return "" if procid is None else f" by {_who(procid)}"


def _last(voters: list[ProcId] | None) -> ProcId | None:
    """Who voted now: a vote is added at the end."""
    return voters[-1] if voters else None


def _ptype(message: Message) -> str:
    return "its ptype" if message.handler_ptype is None else f"ptype {visible(message.handler_ptype)}"


def _role(category: int) -> str:
    return "observes it" if category == Category.OBSERVE else "can handle it"


def _comment(message: Message) -> str:
    return f', saying "{visible(message.status_string)}"' if message.status_string else ""


def _handled(message: Message) -> str:
    result = f" with status {status_name(message.status)} ({int(message.status)})" if message.status else ""
    return f"handled{_by(message.handler)}{result}{_comment(message)}"


def _failed(message: Message) -> str:
    if not message.status:
        return f"failed{_by(message.handler)} without a reason{_comment(message)}"
    number = int(message.status)
    name = c_name(number)
    if name is None:
        return f"failed{_by(message.handler)} with status {number} of its own{_comment(message)}"
    return f"failed{_comment(message)}: {ADVICE.get(number) or Status(number).message} ({name})"


def _returned(message: Message) -> str:
    votes = (
        (message.accepters, "accepted"),
        (message.rejecters, "rejected"),
        (message.abstainers, "abstained"),
    )
    counted = [f"{len(voters)} {vote}" for voters, vote in votes if voters]
    return f"back to its sender: {', '.join(counted) or 'nobody took it'}"


def _accepted(message: Message) -> str:
    """The word stands for a vote and for the end of a wait (spec 07 section 6.1)."""
    if message.tt_class == Class.OFFER:
        return f"accepted{_by(_last(message.accepters))}"
    return "its turn now that the tool is ready"


_ENTRIES: Final[dict[str, Callable[[Message], str]]] = {
    "tt_message_send": lambda _: "sent",
    "tt_message_send_on_exit": lambda _: "sent, as its sender had asked for the time when it is gone",
    "tt_message_reject": lambda message: (
        f"rejected{_by(message.handler or _last(message.rejecters))}{_comment(message)}"
    ),
    "tt_message_destroy": lambda message: f"dropped without a vote{_by(_last(message.abstainers))}",
    "tt_message_accept": _accepted,
    "tt_session_join": lambda _: "was queued, tried again now that somebody has come",
    "ttsession -> ttsession": lambda _: "another session asks us to handle it",
    "ttsession <- ttsession": lambda _: "another session could not handle it",
}
"""Entry word -> what has happened to the message."""

_SAID: Final[dict[str, int]] = {
    "tt_message_send": State.SENT,
    "tt_message_send_on_exit": State.SENT,
    "tt_message_reject": State.REJECTED,
    "tt_message_destroy": State.ABSTAINED,
    "tt_message_accept": State.ACCEPTED,
    "ttsession -> ttsession": State.SENT,
    "ttsession <- ttsession": State.REJECTED,
}
"""Entry word -> the state change that says the same again."""

_CAUSES: Final[dict[str, str]] = {
    "TT_ERR_PTYPE_START": "the tool for it did not start, so it ",
    "TT_ERR_PROCID": "the process that had it is gone, so it ",
}
"""Entry word without a message -> how the sentence of the change begins."""

_OUTCOMES: Final[dict[int, Callable[[Message], str]]] = {
    State.CREATED: lambda _: "created",
    State.SENT: lambda _: "sent",
    State.HANDLED: _handled,
    State.FAILED: _failed,
    State.QUEUED: lambda message: f"queued until a tool of {_ptype(message)} comes",
    State.STARTED: lambda message: f"waits for a tool of {_ptype(message)} to start",
    State.REJECTED: lambda message: f"rejected{_by(message.handler)}",
    State.RETURNED: _returned,
    State.ACCEPTED: lambda _: "accepted",
    State.ABSTAINED: lambda _: "left without a vote",
}
"""New state -> what has become of the message."""

_REPORTED: Final = frozenset({State.HANDLED, State.FAILED, State.QUEUED, State.STARTED, State.RETURNED})
"""States in which a delivery to the sender is the report about its message."""

_DEEDS: Final[dict[str, str]] = {
    "tt_open": "comes",
    "tt_close": "goes",
    "tt_pattern_register": "registers pattern",
    "tt_pattern_unregister": "withdraws pattern",
    "tt_ptype_declare": "declares ptype",
    "tt_ptype_undeclare": "gives up ptype",
    "tt_session_join": "joins session",
    "tt_session_quit": "leaves session",
    "tt_file_join": "joins file",
    "tt_file_quit": "leaves file",
    "tt_session_types_load": "loads types",
}
"""Event word -> verb."""
