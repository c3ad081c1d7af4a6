"""Sending and asking: what ``ProcId.send`` and ``request`` do with messages the program does not see."""

from __future__ import annotations

from typing import Final

from tooltalk.model.enums import Class, Disposition, Scope, State
from ttclient import composing
from ttclient.arguments import results
from ttclient.blocking import posting
from ttclient.blocking.message import Message
from ttclient.blocking.opened import Opened
from ttclient.blocking.service import Service, seen
from ttclient.handle import Maker, MessageHandle
from ttclient.serving import failure
from ttclient.store import identity
from ttclient.tracehook import TRACING
from ttclient.values import seconds

_MESSAGES: Final = Maker(Message)
_NOTICE: Final = Class.NOTICE
_REQUEST: Final = Class.REQUEST
_HANDLED: Final = int(State.HANDLED)
_IN_SESSION: Final = Scope.SESSION
_DISCARD: Final = Disposition.DISCARD


class Asker:
    """Asks for one procid. service: serves it while an answer is awaited.

    What programs pass comes here as it is: a wrong type has to be found by what knows its name.
    """

    __slots__ = ("_opened", "_service")

    def __init__(self, opened: Opened, service: Service) -> None:
        self._opened = opened
        self._service = service

    def _new(
        self,
        kind: Class,
        op: object,
        args: tuple[object, ...],
        out: object,
        scope: object,
        file: object,
        handler: object,
        contexts: object,
        disposition: object,
    ) -> MessageHandle:
        """A new message that the program does not see: the store need not know it unless it is kept.

        A procid that comes back finds there what it has to make its new self's.
        """
        opened = self._opened
        store, endpoint = opened.store, opened.endpoint
        if TRACING.hook is None and opened.comeback is None and store.open and not endpoint.closed:
            fields = endpoint.new_message(store.message_number(), store.uid, store.gid)
            message = _MESSAGES.made(fields, endpoint, store)
        else:
            message = Message(opened.procid)
        plain = scope is _IN_SESSION and disposition is _DISCARD
        if plain and file is None and handler is None and contexts is None:
            composing.put(message._fields, kind, op, args, out)
        else:
            composing.compose(seen(message), kind, op, args, out, scope, file, handler, contexts, disposition)
        return message

    def _send(self, message: MessageHandle) -> None:
        """Send one that is new."""
        if TRACING.hook is None:
            posting.send(self._opened, message)
        else:
            seen(message).send()

    def notify(
        self,
        op: object,
        args: tuple[object, ...],
        scope: object,
        file: object,
        handler: object,
        contexts: object,
        disposition: object,
    ) -> None:
        """What ``ProcId.send`` does."""
        self._send(self._new(_NOTICE, op, args, (), scope, file, handler, contexts, disposition))

    def request(
        self,
        op: object,
        args: tuple[object, ...],
        out: object,
        timeout: object,
        scope: object,
        file: object,
        handler: object,
        contexts: object,
        disposition: object,
    ) -> object:
        """What ``ProcId.request`` does."""
        limit = None if timeout is None else seconds(timeout, "procid.request")
        message = self._new(_REQUEST, op, args, out, scope, file, handler, contexts, disposition)
        self._send(message)
        fields = message._fields
        try:
            self._service.await_answer(message, limit)
        except BaseException:
            self._opened.store.remove(identity(fields))
            raise
        if fields.state != _HANDLED:
            # Whoever catches the exception has the message.
            self._opened.store.add(identity(fields), message)
            raise failure(message)
        return results(fields)
