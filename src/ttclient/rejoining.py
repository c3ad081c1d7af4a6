"""Coming back to a session whose server was lost: what a procid was registered for, done again.

A server that was lost has forgotten the procid, and a new one never knew it. So the program gets a new
procid behind the same object; its patterns, joins and ptypes are asked for again in an order that
comes to the same. Requests are never sent again: nobody knows how far the first ones got.

Any step of it may fail, and be tried again with another procid in another session. So nothing that the
program can see changes before all of them are done.
"""

from __future__ import annotations

from typing import Any, Final

from tooltalk.model.enums import Class, State
from tooltalk.model.message import Message as Fields
from tooltalk.model.procid import ProcId
from tooltalk.status import Status
from ttclient.answering import is_final
from ttclient.attributes import MessageAttributes
from ttclient.endpoint import Endpoint, SessionState
from ttclient.journal import moved
from ttclient.store import Store, identity

UNANSWERED: Final = "the server was lost before it was answered; what became of it nobody knows"


class Rejoining:
    """One attempt. From its making ``endpoint`` stands for ``procid`` in ``session``, so that its channel
    can be opened and its journal replayed; then comes either ``settle`` or ``give_up``."""

    __slots__ = ("_endpoint", "_held", "_procid", "_pushed", "_session", "_sessions")

    def __init__(self, endpoint: Endpoint, session: SessionState, procid: ProcId) -> None:
        self._endpoint = endpoint
        self._session, self._procid, self._pushed = endpoint.session, endpoint.procid, endpoint.pushed
        self._held = tuple(endpoint.held)
        self._sessions = endpoint.journal.move(endpoint.session.id, session.id)
        endpoint.session, endpoint.procid, endpoint.pushed = session, procid, False

    def give_up(self) -> None:
        """Everything is as it was: the session is still lost."""
        endpoint = self._endpoint
        endpoint.session, endpoint.procid, endpoint.pushed = self._session, self._procid, self._pushed
        endpoint.held.clear()
        endpoint.held.extend(self._held)
        for pattern, sessions in self._sessions:
            pattern.sessions = sessions

    def settle(self, store: Store[Any, Any]) -> list[MessageAttributes]:
        """The procid is in the session: have the program's messages and patterns be of it.

        Returns the messages that were waiting for an answer: FAILED, with status 1033. What came in
        before the loss is still handed out, but for requests, which nobody waits for any more.
        """
        endpoint = self._endpoint
        endpoint.unvoted = endpoint.token = None
        endpoint.signalled = False
        for fields in self._held:
            if _is_asked(fields):
                endpoint.held.remove(fields)
        for pattern in list(store.patterns.values()):
            if pattern._endpoint is endpoint:
                known = pattern._fields
                known.sessions = moved(known.sessions, self._session.id, endpoint.session.id)
        # Not by the endpoint: another procid of this process may have received it.
        mine = [one for one in store.everything() if identity(one._fields)[1] == self._procid.id]
        for message in mine:
            if message._fields.state == State.CREATED:
                _adopt(message, endpoint, store)
        answered = {identity(fields) for fields in self._held if is_final(fields.state)}
        return [message for message in mine if identity(message._fields) not in answered and _end(message)]


def _is_asked(fields: Fields) -> bool:
    return fields.tt_class != Class.NOTICE and fields.state == State.SENT


def _adopt(message: MessageAttributes, endpoint: Endpoint, store: Store[Any, Any]) -> None:
    fields = message._fields
    kept = any(message is one for one in store.kept())
    store.remove(identity(fields))
    fields.sender = endpoint.procid
    fields.session, fields.session_address = endpoint.session.id, endpoint.session.address
    store.add(identity(fields), message)
    if kept:
        store.keep(identity(fields), message)


def _end(message: MessageAttributes) -> bool:
    """End a message whose answer will not come; False if none was due."""
    if not message._awaiting:
        return False
    message._awaiting = False
    message._fields.state = int(State.FAILED)
    message._fields.status = int(Status.ERR_NOMP)
    message._fields.status_string = UNANSWERED.encode()
    message._store.release(identity(message._fields))
    return True
