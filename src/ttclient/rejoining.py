"""Coming back to a session whose server was lost: what a procid was registered for, done again.

A server that was lost has forgotten the procid, and a new one never knew it. So the program gets a new
procid behind the same object; its patterns, joins and ptypes are asked for again in an order that
comes to the same. Requests are never sent again: nobody knows how far the first ones got.
"""

from __future__ import annotations

from typing import Any, Final

from tooltalk.model.enums import State
from tooltalk.model.procid import ProcId
from tooltalk.status import Status
from ttclient.attributes import MessageAttributes
from ttclient.endpoint import Endpoint, SessionState
from ttclient.store import Store, identity

UNANSWERED: Final = "the server was lost before it was answered; what became of it nobody knows"


def move(
    endpoint: Endpoint, store: Store[Any, Any], session: SessionState, procid: ProcId
) -> list[MessageAttributes]:
    """Make ``procid`` in ``session`` what ``endpoint`` stands for.

    Messages not sent yet are of the new procid. Returns those that were waiting for an answer: FAILED,
    with status 1033.
    """
    endpoint.journal.move(endpoint.session.id, session.id)
    endpoint.held.clear()
    endpoint.unvoted = None
    endpoint.signalled = endpoint.pushed = False
    endpoint.token = None
    endpoint.session, endpoint.procid = session, procid
    mine = [message for message in store.everything() if message._endpoint is endpoint]
    for message in mine:
        if message._fields.state == State.CREATED:
            _adopt(message, endpoint, store)
    return [message for message in mine if _give_up(message)]


def _adopt(message: MessageAttributes, endpoint: Endpoint, store: Store[Any, Any]) -> None:
    fields = message._fields
    kept = any(message is one for one in store.kept())
    store.remove(identity(fields))
    fields.sender = endpoint.procid
    fields.session, fields.session_address = endpoint.session.id, endpoint.session.address
    store.add(identity(fields), message)
    if kept:
        store.keep(identity(fields), message)


def _give_up(message: MessageAttributes) -> bool:
    """End a message whose answer will not come; False if none was due."""
    if not message._awaiting:
        return False
    message._awaiting = False
    message._fields.state = int(State.FAILED)
    message._fields.status = int(Status.ERR_NOMP)
    message._fields.status_string = UNANSWERED.encode()
    message._store.release(identity(message._fields))
    return True
