"""The trace as the C server prints it (spec 07 section 6, spec 03 section 18.3)."""

from __future__ import annotations

from tooltalk.model.message import Message
from tooltalk.model.pattern import Pattern
from tooltalk.model.procid import ProcId
from tooltalk.model.signature import Signature
from tooltalk.trace.form import CallStep, TraceForm
from tooltalk.trace.text import message_text, nested, pattern_text, short_text, signature_text
from tooltalk.trace.values import STATES, visible


class Trace(TraceForm):
    """Prints lines for people and for scripts that grep them; one tab per level.

    With ``attributes none`` an entry line has no end until the first thing under it is known:
    ``tt_message_reply: `` and the state change share a line. ``_begun`` holds such a beginning.
    """

    __slots__ = ("_begun",)

    def prepare(self) -> None:
        """No line is begun."""
        self._begun = ""

    def show_entry(self, word: str, message: Message | None) -> bool:
        """``<word>: `` and the message."""
        if message is None and self._short:
            self._begun = f"{self._indent()}{word}: {self._gap()}"
        else:
            self._header(f"{word}: ", message)
        return True

    def show_change(self, old: int, new: int, message: Message) -> bool:
        """``<old> => <new>: `` and the message."""
        self._header(f"{STATES.name(old)} => {STATES.name(new)}: ", message)
        return True

    def show_end(self) -> None:
        """End a line that nothing came to stand on."""
        if self._begun:
            self.emit(self._begun.rstrip("\t") + "\n")
            self._begun = ""

    def show_delivery(self, procid: ProcId, message: Message | None) -> None:
        """``Tt_message => <procid> [pid@host]``."""
        self._lines(f"Tt_message => {self.values.procid(procid)}")

    def show_signature(self, signature: Signature, score: int, reason: str, message: Message | None) -> None:
        """A block in braces. No blank follows the reason, as scripts know it (spec 07 section 6.4)."""
        kind, name = ("ptype", signature.ptid) if signature.otid is None else ("otype", signature.otid)
        verdict = f"0; /* {reason}*/" if reason and not score else f"{score};"
        self._block(f"{kind} {visible(name)}", signature_text(signature), verdict)

    def show_pattern(
        self, pattern: Pattern, timestamp: int, score: int, reason: str, message: Message | None
    ) -> None:
        """A block in braces; here a blank does follow the reason."""
        text = pattern_text(pattern, self.values, self.script.attributes == "full")
        verdict = f"0; /* {reason} */" if reason and not score else f"{score};"
        self._block("Tt_pattern", f"timestamp:\t{timestamp}\n{text}", verdict)

    def show_launch(self, command: bytes, message: Message | None) -> None:
        """A line of its own, whoever prints it; the C server's child leaves the line open (spec 07
        section 6.3).
        """
        self._lines(f'execv("/bin/sh -c {visible(command)}");')

    def show_event(self, kind: str, word: str, what: bytes | None, procid: ProcId | None) -> None:
        """``<word>: <what> by <procid> [pid@host]``."""
        who = "" if procid is None else f" by {self.values.procid(procid)}"
        self._lines(f"{word}:{'' if what is None else ' ' + visible(what)}{who}")

    def show_receipt(self, procid: ProcId, message: Message) -> None:
        """``Tt_message => <procid> [pid@host]``, and below it, not in it, the message."""
        self.show_delivery(procid, message)
        self._lines(short_text(message) if self._short else message_text(message, self.values))

    def show_call(self, call: CallStep) -> None:
        """``tt_fd() = 5 (TT_OK)``; a callback has no blank before its ``=``."""
        self._lines(call_text(call) + outcome_text(call))

    def show_call_begin(self, call: CallStep) -> None:
        """``tt_message_send(0x1) ...``. The C server may put a tab before the dots, as ``_gap`` says; here
        the specification wants the blank alone (spec 07 section 2.2).
        """
        self._lines(call_text(call) + "...")

    def show_call_end(self, call: CallStep) -> None:
        """``= 0 (TT_OK)``."""
        self._lines(outcome_text(call))

    @property
    def _short(self) -> bool:
        return self.script.attributes == "none"

    def _indent(self) -> str:
        return self.lead() + "\t" * self.depth

    def _gap(self) -> str:
        """The C server forgets that a line has begun when it began without indentation, and indents
        what follows in the middle of it. Kept, for scripts that know the form (spec 03 section 18.3).
        """
        return "" if self.depth or self.has_lead else "\t"

    def _header(self, header: str, message: Message | None) -> None:
        if message is None:
            self._lines(header)
        elif self._short:
            self._lines(header + self._gap() + short_text(message))
        else:
            self._lines(f"{header}\n{nested(message_text(message, self.values))}")

    def _block(self, head: str, body: str, verdict: str) -> None:
        self._lines(f"Tt_message & {head} {{\n{nested(body)}\n}} == {verdict}")

    def _lines(self, text: str) -> None:
        """Print ``text`` at the current depth, also the lines that newlines of a value make of it, so that
        no value can put a line where only the trace puts one.
        """
        indent = self._indent()
        begin = self._begun or indent
        self._begun = ""
        self.emit(begin + text.replace("\n", "\n" + indent) + "\n")


def call_text(call: CallStep) -> str:
    """A call as far as its closing parenthesis, and the blank behind it that callbacks do not have."""
    args = ", ".join(shown.text for shown in call.args)
    return f"{call.name} ({args})" if call.callback else f"{call.name}({args}) "


def outcome_text(call: CallStep) -> str:
    """``= <value> (<status>)``; nothing for a function that gives nothing back."""
    return "" if call.value is None else f"= {call.value.text} ({call.status})"
