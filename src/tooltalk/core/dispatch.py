"""From a message as it was sent to the moment before delivery: who should handle it, by type.

Spec 03 section 3. Static signatures decide opnum, disposition, handler ptype and, for otypes, scope;
promises are noted for the observing ptypes.
"""

from __future__ import annotations

from typing import Final

from tooltalk.core.election import Election
from tooltalk.core.life import OK, SENT, Life
from tooltalk.core.original import Original, Promise, QueueInfo
from tooltalk.core.survey import addressee_pattern, score_signature
from tooltalk.core.tracked import FAILED
from tooltalk.model.enums import Address, Category, Class, Disposition, Flag, Scope
from tooltalk.model.message import Message
from tooltalk.model.signature import Signature
from tooltalk.status import Status

_NONE: Final = int(Scope.NONE)
_SESSION: Final = int(Scope.SESSION)
_FILE: Final = int(Scope.FILE)
_BOTH: Final = int(Scope.BOTH)
_NOTICE: Final = int(Class.NOTICE)
_QUEUE: Final = int(Disposition.QUEUE)
_SUPER: Final = int(Flag.SUPER)
_HANDLER: Final = int(Address.HANDLER)
_OBJECT: Final = int(Address.OBJECT)
_OTYPE: Final = int(Address.OTYPE)


def dispatch(life: Life, original: Original) -> None:
    """Bring a new message to SENT and decide by type; an error ends it as FAILED at once.

    The sender must be known (``original.sender``); the caller delivers afterwards.
    """
    message = original.message
    old = message.state
    message.state = SENT
    if life.trace is not None:
        life.trace.change(old, SENT, message)
        life.trace.leave()
    if message.address == _HANDLER:
        _to_addressee(life, original)
        return
    status = _by_type(life, original)
    if status is not OK:
        message.status = status
        life.change(original, None, FAILED)


def _by_type(life: Life, original: Original) -> Status:
    message = original.message
    if message.address in (_OBJECT, _OTYPE):
        if message.otype not in life.signatures.types.otypes:
            return Status.ERR_OTYPE
        if message.flags & _SUPER and not _to_super(life, message):
            return Status.ERR_OTYPE
    if message.handler_ptype and message.handler_ptype not in life.signatures.types.ptypes:
        return Status.ERR_PTYPE
    signatures = life.signatures.of_op(message.op)
    if signatures is not None:
        _match_signatures(life, original, signatures)
    if message.scope == _NONE and message.tt_class != _NOTICE:
        return Status.ERR_SCOPE
    return OK


def _match_signatures(life: Life, original: Original, signatures: list[Signature]) -> None:
    """Elect a handle signature and note the promises, in one pass in evaluation order.

    The handler ptype that the sender named does not steer the choice (spec 03 section 3.3: keep).
    """
    message = original.message
    election: Election[Signature] = Election()
    for signature in signatures:
        if signature.category == Category.OBSERVE:
            _promise(life, original, signature)
        elif not election.hopeless(signature.category):
            score = score_signature(signature, message, life.trace)
            if score > 0:
                election.offer(signature, signature.category, score, 0)
    # The one matched last is kept first (spec 03 section 1.1).
    if original.promises is not None:
        original.promises.reverse()
    winner = election.winner
    if winner is None:
        return
    message.opnum = winner.opnum
    message.handler_ptype = winner.ptid
    message.disposition = winner.disposition
    if winner.otid is not None:
        message.scope = winner.scope


def _promise(life: Life, original: Original, signature: Signature) -> None:
    """Promise a copy if the signature fits.

    The C server promises whatever the score, and so starts tools for messages they do not want. What
    that carries is kept: a message of scope BOTH reaches ``session`` and ``file`` signatures, each with
    its scope (spec 03 section 7.2, as recommended there).
    """
    message = original.message
    any_scope = message.scope == _BOTH and signature.scope in (_SESSION, _FILE)
    score = score_signature(signature, message, life.trace, any_scope)
    if score > 0 and signature.ptid is not None:
        promise = Promise(signature.ptid, signature.opnum, signature.disposition, signature.scope)
        if original.promises is None:
            original.promises = []
        original.promises.append(promise)


def _to_super(life: Life, message: Message) -> bool:
    """Send to the parent: the first signature that matches names it (spec 03 section 3.4)."""
    otype = life.signatures.types.otypes.get(message.otype)
    if otype is None:
        return False
    for signature in (*otype.handles, *otype.observes):
        if score_signature(signature, message, life.trace) > 0:
            # A root signature carries its own otype as parent (spec 04 trap 10).
            if signature.super_otid is None or signature.super_otid == otype.name:
                return False
            message.otype = signature.super_otid
            message.flags &= ~_SUPER
            return message.otype in life.signatures.types.otypes
    return False


def _to_addressee(life: Life, original: Original) -> None:
    """Queue for the handler the sender named, whether or not a pattern of it fits (spec 03 section 3.5).

    A handler that is not here is left to delivery, which carries out the disposition.
    """
    message = original.message
    client = life.clients.find(message.handler)
    if client is None or not client.active:
        return
    pattern = addressee_pattern(client, message, life.trace)
    life.hand_to(client, original, None if pattern is None else pattern.pattern.id)


def queue_info(original: Original) -> QueueInfo | None:
    """What the sender must store in the file database for observing ptypes, or None (spec 03 section 2.3)."""
    message = original.message
    if message.scope == _FILE and message.disposition & _QUEUE and message.handler_ptype:
        return None
    if original.promises is None:
        return None
    ptypes = [p.ptid for p in original.promises if p.scope == _FILE and p.disposition & _QUEUE]
    if not ptypes or message.sender is None:
        return None
    return QueueInfo(ptypes, message.id, message.sender.id)
