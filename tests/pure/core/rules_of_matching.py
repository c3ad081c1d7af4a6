"""The rules of spec 03 on what matches what, written out slowly; and what is matched.

Nothing is shared with the core: messages, patterns and signatures are this file's own. Tests make them,
and those of the core, from one description.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

Arg = tuple[str, str, Any]
"""Mode, type, value; the value ``...`` of a pattern or signature is any."""

FINAL = ("HANDLED", "FAILED", "RETURNED")
VOTES = {"ACCEPTED": "accepters", "REJECTED": "rejecters", "ABSTAINED": "abstainers"}
REACHES = {
    "NONE": (),
    "SESSION": ("SESSION", "BOTH"),
    "FILE": ("FILE", "BOTH"),
    "BOTH": ("SESSION", "FILE", "BOTH"),
    "FILE_IN_SESSION": ("FILE_IN_SESSION",),
}


@dataclass(frozen=True)
class Sig:
    """A signature; otid is empty for one of a ptype."""

    op: str
    category: str
    ptid: str
    args: tuple[Arg, ...] = ()
    scope: str = "SESSION"
    disposition: int = 0
    opnum: int = -1
    contexts: tuple[str, ...] = ()
    otid: str = ""


@dataclass(eq=False)
class Pat:
    """A registered pattern. origin: its ptype, if static. listed: our session is in its list."""

    id: str
    client: Client
    category: str
    ops: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    dispositions: tuple[int, ...] = ()
    scopes: tuple[str, ...] = ("SESSION",)
    handlers: tuple[str, ...] = ()
    handler_ptypes: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    otypes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    args: tuple[Arg, ...] = ()
    contexts: dict[str, list[Any]] = field(default_factory=dict)
    listed: bool = True
    origin: str = ""
    timestamp: int = 0


@dataclass(eq=False)
class Client:
    """A procid. undelivered: oldest first; delivered: newest first."""

    name: str
    version: int
    active: bool = True
    signalled: bool = False
    token: str = ""
    undelivered: list[Msg] = field(default_factory=list)
    delivered: list[Msg] = field(default_factory=list)
    on_exit: list[Msg] = field(default_factory=list)


@dataclass(eq=False)
class Msg:
    """A message, or a copy of one: ``original`` is set then, and ``promised`` if it keeps a promise."""

    id: int
    sender: str
    tt_class: str
    op: str | None
    args: tuple[Arg, ...] = ()
    contexts: dict[str, Any] = field(default_factory=dict)
    address: str = "PROCEDURE"
    scope: str = "SESSION"
    disposition: int = 0
    opnum: int = -1
    file: str = ""
    otype: str = ""
    handler: str = ""
    handler_ptype: str = ""
    status: int = 0
    string: str = ""
    start: bool = False
    given: bool = False
    state: str = "CREATED"
    pattern: str = ""
    accepters: tuple[str, ...] = ()
    rejecters: tuple[str, ...] = ()
    abstainers: tuple[str, ...] = ()
    observers_only: bool = False
    original: Msg | None = None
    promised: str = ""
    progress: str = ""
    tried: list[str] = field(default_factory=list)
    reported: set[str] = field(default_factory=set)
    promises: list[Sig] = field(default_factory=list)
    waiting: int = 0
    launches: int = 0

    def root(self) -> Msg:
        return self.original or self

    def snapshot(self, **changes: Any) -> Msg:
        """A copy for an observer: no lists of voters, no pattern of the handler (section 7.1)."""
        fresh = {"tried": [], "reported": set(), "promises": [], "launches": 0, "original": self.root()}
        empty = {"pattern": "", "accepters": (), "rejecters": (), "abstainers": (), "promised": ""}
        return replace(self, **{**fresh, **empty, **changes})


# Matching (sections 4 and 5)


def pair(want: Arg, have: Arg) -> int:
    """Section 5.3; 0 is a mismatch."""
    score = 1
    if want[0] == have[0]:
        score += 1
    elif want[0] != "UNDEFINED":
        return 0
    if want[1] == have[1]:
        score += 1
    elif "ALL" not in (want[1], have[1]):
        return 0
    if want[2] is not ...:
        value = "" if have[2] is None else have[2]
        if type(want[2]) is not type(value) or want[2] != value:
            return 0
        score += 1
    return score


def signature_score(signature: Sig, message: Msg) -> tuple[int, str]:
    """Section 4: score and reason."""
    if signature.otid:
        if signature.otid != message.otype:
            return 0, "otype"
    elif signature.scope != message.scope:
        return 0, "scope"
    if not signature.args:
        return 1, ""
    if len(signature.args) != len(message.args):
        return 0, "args"
    scores = [pair(want, have) for want, have in zip(signature.args, message.args, strict=True)]
    if 0 in scores:
        return 0, "args"
    if not all(slot in message.contexts for slot in signature.contexts):
        return 0, "contexts"
    return 1 + sum(scores), ""


def pattern_score(pattern: Pat, message: Msg, addressed: bool = False) -> int:
    """Section 5.2, line by line; 0 is a mismatch."""
    score = 1
    if pattern.ops:
        if addressed and message.op not in pattern.ops:
            return 0
        score += 2 if addressed else 1
    undefined = "UNDEFINED" in pattern.classes
    lists: list[tuple[tuple[Any, ...], Any]] = [
        (pattern.dispositions, message.disposition),
        (pattern.states, message.state),
        (pattern.classes, "UNDEFINED" if undefined else message.tt_class),
        (pattern.addresses, message.address),
        (pattern.handlers, message.handler),
        (pattern.handler_ptypes, message.handler_ptype),
        (pattern.otypes, message.otype),
        (pattern.senders, message.sender),
    ]
    if message.scope == "SESSION":
        lists.append((pattern.files, message.file))
    for values, value in lists:
        if values:
            if value == "" or value not in values:
                return 0
            score += 1
    points = scope_points(pattern, message)
    if points is None:
        return 0
    score += points
    if pattern.args:
        if len(message.args) < len(pattern.args):
            return 0
        scores = [pair(want, have) for want, have in zip(pattern.args, message.args, strict=False)]
        if 0 in scores:
            return 0
        score += sum(scores)
    for slot, values in pattern.contexts.items():
        if slot not in message.contexts:
            return 0
        have = "" if message.contexts[slot] is None else message.contexts[slot]
        if values and not any(type(have) is type(value) and have == value for value in values):
            return 0
    return score + 1


def scope_points(pattern: Pat, message: Msg) -> int | None:
    """Section 5.4; None is a mismatch. A BOTH message reaches a FILE pattern by its file alone."""
    if not any(scope in REACHES[message.scope] for scope in pattern.scopes):
        return None
    named = message.file != "" and message.file in pattern.files
    if message.scope == "SESSION":
        return 0 if pattern.listed else None
    if message.scope == "FILE":
        return 1 if named else None
    if message.scope == "BOTH":
        return 1 if named else 0 if pattern.listed else None
    if not pattern.listed or (pattern.files and not named):
        return None
    return 1 if named else 0


class Fold:
    """Section 6.2, with the better of two PUSH patterns instead of the last."""

    def __init__(self) -> None:
        self.best: Any = None
        self.category, self.score, self.timestamp = "", 0, 0

    def skips(self, category: str) -> bool:
        if category == "HANDLE":
            return self.category in ("HANDLE_PUSH", "HANDLE_ROTATE")
        return category == "HANDLE_ROTATE" and self.category == "HANDLE_PUSH"

    def offer(self, candidate: Any, category: str, score: int, timestamp: int = 0) -> None:
        lower = self.score > score
        if category == "HANDLE" and (lower or self.score == score):
            return
        if category == self.category == "HANDLE_ROTATE":
            lower = lower or (self.score == score and self.timestamp < timestamp)
        elif category == self.category == "HANDLE_PUSH":
            lower = lower or (self.score == score and self.timestamp >= timestamp)
        else:
            lower = False
        if lower:
            return
        self.best, self.category, self.score, self.timestamp = candidate, category, score, timestamp
