"""Does this message fit this pattern, or this signature, and how well?

A score above 0 is a match; 0 and below is a mismatch and names its reason. Order of tests and
points are those of spec 03 sections 4 and 5; both show in traces and decide elections.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tooltalk.core.client import Registered
from tooltalk.model.arg import INT, STRING, UNSET, Arg, PatternContext
from tooltalk.model.enums import Flag, Scope, name_of
from tooltalk.model.message import Message
from tooltalk.model.signature import Signature
from tooltalk.names import same_session

ALL: Final = b"ALL"
MASK_BITS: Final = 32

_SESSION: Final = int(Scope.SESSION)
_FILE: Final = int(Scope.FILE)
_BOTH: Final = int(Scope.BOTH)
_IN_SESSION: Final = int(Scope.FILE_IN_SESSION)
_REMOTE: Final = int(Flag.REMOTE)

_OF_SESSION: Final = (1 << _SESSION) | (1 << _BOTH)
_ACCEPTED: Final[dict[int, int]] = {
    _SESSION: _OF_SESSION,
    _FILE: (1 << _FILE) | (1 << _BOTH),
    _BOTH: (1 << _SESSION) | (1 << _FILE) | (1 << _BOTH),
    _IN_SESSION: 1 << _IN_SESSION,
}
"""Pattern scopes that accept a message of a scope; none for SCOPE_NONE (spec 03 section 5.4)."""

OP: Final = 0
DISPOSITION: Final = -1
STATE: Final = -2
CLASS: Final = -3
ADDRESS: Final = -4
HANDLER: Final = -5
HANDLER_PTYPE: Final = -6
SCOPE: Final = -7
NOT_JOINED: Final = -8
SESSION: Final = -9
FILE: Final = -10
FILE_IN_SESSION: Final = -11
FILE_AND_SESSION: Final = -12
OBJECT: Final = -13
OTYPE: Final = -14
SENDER: Final = -15
SENDER_PTYPE: Final = -16
ARGS: Final = -17
CONTEXTS: Final = -18

_REASONS: Final[dict[int, str]] = {
    OP: "op",
    DISPOSITION: "Tt_disposition",
    STATE: "Tt_state",
    CLASS: "Tt_class",
    ADDRESS: "Tt_address",
    HANDLER: "handler",
    HANDLER_PTYPE: "handler_ptype",
    NOT_JOINED: "pattern not joined to tt_message_session()",
    SESSION: "session",
    FILE: "file",
    FILE_IN_SESSION: "file in session",
    FILE_AND_SESSION: "file and session",
    OBJECT: "object",
    OTYPE: "otype",
    SENDER: "sender",
    SENDER_PTYPE: "sender_ptype",
    ARGS: "args",
    CONTEXTS: "contexts",
}


def reason(score: int, message: Message) -> str:
    """The word a trace prints for a pattern's mismatch; empty for a match."""
    if score > 0:
        return ""
    if score == SCOPE:
        return name_of(Scope, message.scope, "TT_SCOPE_" if message.scope == 0 else "TT_") + " != Tt_scopes"
    return _REASONS[score]


def signature_reason(score: int) -> str:
    """The word a trace prints for a signature's mismatch; empty for a match."""
    return "" if score > 0 else "Tt_scope" if score == SCOPE else _REASONS[score]


def match_pattern(registered: Registered, message: Message, candidate: bool = True) -> int:
    """Score of a pattern for a message, or the reason against it (spec 03 section 5.2).

    candidate: the pattern was found by the message's op, so the op need not be compared; False for the
    patterns of an addressed handler, where an op in the pattern is worth two points.
    """
    pattern = registered.pattern
    score = 1
    if pattern.ops:
        score = 2
        if not candidate:
            if message.op not in pattern.ops:
                return OP
            score = 3
    if pattern.dispositions:
        if not _holds(pattern.dispositions, message.disposition):
            return DISPOSITION
        score += 1
    if pattern.states:
        if not _holds(pattern.states, message.state):
            return STATE
        score += 1
    if pattern.classes:
        # Bit 0, CLASS_UNDEFINED, stands for every class: static patterns carry it (spec 03 section 1.5).
        if not (pattern.classes & 1 or _holds(pattern.classes, message.tt_class)):
            return CLASS
        score += 1
    if pattern.addresses:
        if not _holds(pattern.addresses, message.address):
            return ADDRESS
        score += 1
    if pattern.handlers:
        if message.handler is None or message.handler.id not in pattern.handlers:
            return HANDLER
        score += 1
    if pattern.handler_ptypes:
        if not message.handler_ptype or message.handler_ptype not in pattern.handler_ptypes:
            return HANDLER_PTYPE
        score += 1
    points = _match_scope(registered, message)
    if points < 0:
        return points
    return _match_rest(registered, message, score + points)


def _holds(mask: int, number: int) -> bool:
    """Whether the bit of ``number`` is set. Peers send any number: one without a bit is in no mask."""
    return 0 <= number < MASK_BITS and bool(mask >> number & 1)


def _match_rest(registered: Registered, message: Message, score: int) -> int:
    """The tests behind the scope; most patterns have none of these attributes."""
    pattern = registered.pattern
    if pattern.files and message.scope == _SESSION:
        if not message.file or message.file not in pattern.files:
            return FILE
        score += 1
    if pattern.objects:
        if not message.object or message.object not in pattern.objects:
            return OBJECT
        score += 1
    if pattern.otypes:
        if not message.otype or message.otype not in pattern.otypes:
            return OTYPE
        score += 1
    if pattern.senders:
        if message.sender is None or message.sender.id not in pattern.senders:
            return SENDER
        score += 1
    if pattern.sender_ptypes:
        if not message.sender_ptype or message.sender_ptype not in pattern.sender_ptypes:
            return SENDER_PTYPE
        score += 1
    if pattern.args:
        points = match_args(pattern.args, message.args)
        if points == 0:
            return ARGS
        score += points
    if pattern.contexts and not match_contexts(pattern.contexts, message):
        return CONTEXTS
    return score + 1


def _match_scope(registered: Registered, message: Message) -> int:
    """0 or 1 points, or the reason against (spec 03 section 5.4)."""
    pattern = registered.pattern
    scope = message.scope
    if scope == _SESSION:
        if not pattern.scopes & _OF_SESSION:
            return SCOPE
        if not pattern.sessions:
            return NOT_JOINED
        return 0 if registered.in_session else SESSION
    if not pattern.scopes & _ACCEPTED.get(scope, 0):
        return SCOPE
    if scope == _FILE:
        return 1 if message.file and message.file in pattern.files else FILE
    listed = bool(message.file) and message.file in pattern.files
    if not pattern.sessions and not (scope == _BOTH and listed):
        # Deviation from the C server: a BOTH message reaches a FILE pattern that lists its file and
        # no session (spec 03 section 5.4, fix recommended there).
        return NOT_JOINED
    joined = _joined(registered, message)
    if scope == _BOTH:
        return 1 if listed else 0 if joined else FILE_AND_SESSION
    if not joined:
        return FILE_IN_SESSION
    return 1 if listed else FILE if pattern.files else 0


def _joined(registered: Registered, message: Message) -> bool:
    """Whether a listed session is the message's: ours, or the sender's if it came from elsewhere."""
    if not message.flags & _REMOTE:
        return registered.in_session
    ident, address = message.session or b"", message.session_address or b""
    return any(same_session(name, ident, address) for name in registered.pattern.sessions)


def match_args(wanted: Sequence[Arg], given: Sequence[Arg]) -> int:
    """Sum of the pairs' scores, 0 if one does not fit; surplus arguments of the message do not matter."""
    if len(given) < len(wanted):
        return 0
    total = 0
    for want, have in zip(wanted, given, strict=False):
        points = match_arg(want, have)
        if points == 0:
            return 0
        total += points
    return total


def match_arg(want: Arg, have: Arg) -> int:
    """Score of one pair, 0 for a mismatch (spec 03 section 5.3)."""
    score = 1
    if want.mode == have.mode:
        score += 1
    elif want.mode != 0:
        return 0
    if (want.vtype or b"") == (have.vtype or b""):
        score += 1
    elif want.vtype != ALL and have.vtype != ALL:
        return 0
    if want.kind != UNSET:
        if not same_value(want, have):
            return 0
        score += 1
    return score


def same_value(one: Arg, other: Arg) -> bool:
    """Kind and value equal; a null string equals an empty one (spec 03 section 5.3)."""
    if (one.kind == INT) != (other.kind == INT):
        return False
    if one.kind == INT:
        return one.value == other.value
    if other.kind == UNSET and one.kind == STRING:
        return False
    return (one.value or b"") == (other.value or b"")


def match_contexts(wanted: Sequence[PatternContext], message: Message) -> bool:
    """Every slot is there, with one of its values where it lists any (spec 03 section 5.5)."""
    for slot in wanted:
        context = message.context(slot.slot)
        if context is None:
            return False
        if not slot.values:
            continue
        have = context.value
        if have is None or not any(same_value(value, have) for value in slot.values):
            return False
    return True


def match_signature(signature: Signature, message: Message, any_scope: bool = False) -> int:
    """Score of a signature for a message, or the reason against it (spec 03 section 4).

    any_scope: leave out the scope, for the promises of messages of scope BOTH.
    """
    if signature.otid is not None:
        if signature.otid != message.otype:
            return OTYPE
    elif signature.scope != message.scope and not any_scope:
        return SCOPE
    if signature.tt_class not in (0, message.tt_class):
        return CLASS
    if signature.op != message.op:
        return OP
    if not signature.args:
        # Contexts are not looked at then, and any arguments do (spec 03 section 4, step 5: keep).
        return 1
    if len(signature.args) != len(message.args):
        return ARGS
    points = match_args(signature.args, message.args)
    if points == 0:
        return ARGS
    if any(message.context(slot) is None for slot in signature.contexts):
        return CONTEXTS
    return 1 + points
