"""Messages of the asyncio frontend: the attributes, and the calls that go to the server."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Generator
from typing import Any, Protocol

from tooltalk.model.enums import Class, Scope
from tooltalk.status import Status
from ttclient import answering, composing, questions, sending
from ttclient.aio.opened import Opened
from ttclient.aio.reaching import connect
from ttclient.blocking.paths import local_path, network_path
from ttclient.endpoint import Endpoint
from ttclient.errors import ToolTalkError, error
from ttclient.parties import MessageParties
from ttclient.store import identity
from ttclient.text import decode
from ttclient.tracing import nothing, only_self, traced, traced_start
from ttclient.values import name
from ttclient.variants import done


def _scope_and_op(_cls: type, op: str, scope: Scope = Scope.SESSION, *, procid: object) -> tuple[Scope, str]:
    return scope, op


def _objid_and_op(_cls: type, objid: object, op: str, *, procid: object) -> tuple[object, str]:
    return objid, op


class Owner(Protocol):
    """A procid that makes messages."""

    def message(self) -> Message:
        """A new one."""
        ...


class Message(MessageParties):
    """A Tt_message of a procid of ``ttclient.aio``; make one with ``procid.message()``.

    Calls begin at once; awaiting what they return waits for the answer, or for room in the transport.
    """

    __slots__ = ("_opened", "_waiter")

    @traced("tt_message_create", nothing, makes=True)
    def __init__(self, opened: Opened) -> None:
        store, endpoint = opened.store, opened.endpoint
        fields = endpoint.new_message(store.message_number(), store.uid, store.gid)
        super().__init__(fields, endpoint, store)
        self._join(opened)
        store.add(identity(fields), self)

    def _join(self, opened: Opened) -> None:
        """Be a message of that procid."""
        self._opened = opened
        self._waiter: asyncio.Future[None] | None = None

    @classmethod
    @traced("tt_pnotice_create", _scope_and_op)
    def notice(cls, op: str, scope: Scope = Scope.SESSION, *, procid: Owner) -> Message:
        """A notice of ``procid`` to whoever observes ``op`` (tt_pnotice_create)."""
        return cls._procedural(Class.NOTICE, op, scope, procid)

    @classmethod
    @traced("tt_prequest_create", _scope_and_op)
    def request(cls, op: str, scope: Scope = Scope.SESSION, *, procid: Owner) -> Message:
        """A request of ``procid`` to whoever handles ``op`` (tt_prequest_create)."""
        return cls._procedural(Class.REQUEST, op, scope, procid)

    @classmethod
    @traced("tt_onotice_create", _objid_and_op)
    def object_notice(cls, objid: object, op: str, *, procid: Owner) -> Message:
        """A notice to an object (tt_onotice_create)."""
        return cls._to_object(Class.NOTICE, objid, op, procid)

    @classmethod
    @traced("tt_orequest_create", _objid_and_op)
    def object_request(cls, objid: object, op: str, *, procid: Owner) -> Message:
        """A request to an object (tt_orequest_create)."""
        return cls._to_object(Class.REQUEST, objid, op, procid)

    @classmethod
    def _procedural(cls, kind: Class, op: str, scope: Scope, procid: Owner) -> Message:
        message = procid.message()
        composing.procedural(message, kind, op, scope)
        return message

    @classmethod
    def _to_object(cls, kind: Class, objid: object, op: str, procid: Owner) -> Message:
        message = procid.message()
        composing.to_object(message, kind, objid, op)
        return message

    @traced("tt_message_create_super")
    def create_super(self) -> Message:
        """A new message like this one, to the parent of the otype the receiver's signature belongs to."""
        fields = self._open("create_super")
        composing.supers(fields)
        self._opened.check("message.create_super")
        message = Message(self._opened)
        composing.make_super(message._fields, fields)
        return message

    @property
    @traced("tt_message_session")
    def session(self) -> str:
        """The id of the session it belongs to."""
        return decode(self._open("session").session) or ""

    @traced_start("tt_message_session_set")
    async def set_session(self, session: object) -> None:
        """Have it belong to another session. Connects to it; every failure is SessionError."""
        function = "message.set_session"
        fields = self._open("set_session")
        try:
            link = await connect(str(session), self._opened.limits)
        except ToolTalkError as cause:
            raise error(Status.ERR_SESSION, function, cause.detail) from cause
        link.abort()
        fields.session, fields.session_address = link.state.id, link.state.address

    @property
    @traced("tt_message_file")
    def file(self) -> str | None:
        """The local path of the file it is about; see ``ttclient.Message.file``."""
        return local_path(self._open("file").file)

    @file.setter
    @traced("tt_message_file_set")
    def file(self, value: str | os.PathLike[str] | None) -> None:
        fields = self._open("file")
        if value is not None:
            fields.file = network_path(value, fields.scope in sending.FILE_SCOPES, "message.file")

    @traced_start("tt_message_otype_set")
    async def set_otype(self, otype: str) -> None:
        """Address it to an otype. Asks the server; UnknownTypeError if it has none such."""
        raw = name(otype, "message.otype", "an otype")
        await self._opened.begin(questions.otype_base(raw, "message.otype"), "message.otype")
        self._open("otype").otype = raw

    @traced_start("tt_message_send")
    def send(self) -> Sending:
        """Send it (tt_message_send). It is written when this returns; awaiting it waits for room."""
        return Sending(self._opened, self._begin(sending.send(self, self._endpoint), "send"))

    @traced_start("tt_message_send_on_exit")
    def send_on_exit(self) -> asyncio.Future[Status]:
        """Have the server send it when this process dies without closing its procid."""
        return self._begin(sending.send_on_exit(self, self._endpoint), "send_on_exit")

    @traced_start("tt_message_reply")
    def reply(self) -> asyncio.Future[Status]:
        """The request is done, or the start message dealt with; OUT and INOUT arguments go back."""
        return self._begin(answering.reply(self, self._endpoint), "reply")

    @traced_start("tt_message_reject", only_self)
    def reject(self, status: int | None = None, text: str | None = None) -> asyncio.Future[Status]:
        """Not for this process: ToolTalk looks for another handler. status, text: set first if given."""
        self._say(status, text)
        return self._begin(answering.reject(self, self._endpoint), "reject")

    @traced_start("tt_message_fail", only_self)
    def fail(self, status: int | None = None, text: str | None = None) -> asyncio.Future[Status]:
        """The request cannot be done by anybody. status, text: set first if given."""
        self._say(status, text)
        return self._begin(answering.fail(self, self._endpoint), "fail")

    @traced_start("tt_message_accept")
    def accept(self) -> asyncio.Future[Status]:
        """Vote for an offer; let more messages come before a start message is answered."""
        return self._begin(answering.accept(self, self._endpoint), "accept")

    @traced_start("tt_message_destroy", outcome=done)
    def destroy(self) -> asyncio.Future[bool]:
        """Let go of it; False if an answer is still due to it, or from us."""
        return self._opened.link.begin(answering.destroy(self, self._endpoint))

    def _begin(self, operation: Any, attribute: str) -> asyncio.Future[Status]:
        return self._opened.begin(operation, f"message.{attribute}")

    def _came(self, endpoint: Endpoint) -> None:
        """It came in once more; whoever waits for its answer is woken by the last state."""
        waiter = self._waiter
        if waiter is not None and not self._awaiting and not waiter.done():
            waiter.set_result(None)


class Sending:
    """A message on its way. It need not be awaited; awaiting it waits until the transport has room."""

    __slots__ = ("_opened", "future")

    def __init__(self, opened: Opened, sent: asyncio.Future[Status]) -> None:
        self._opened = opened
        self.future = sent

    def __await__(self) -> Generator[Any, None, Status]:
        status = yield from self.future.__await__()
        yield from self._opened.link.drain().__await__()
        return status
