"""Messages of the blocking frontend: the attributes, and the calls that go to the server."""

from __future__ import annotations

import os
from typing import TypeVar

from tooltalk.model.enums import Class, Scope
from tooltalk.model.procid import ProcId as ProcIdFields
from tooltalk.status import Status
from ttclient import answering, composing, questions, sending
from ttclient.blocking import posting
from ttclient.blocking.paths import local_path, network_path
from ttclient.blocking.process import PROCESS
from ttclient.blocking.session import Session
from ttclient.endpoint import Endpoint
from ttclient.errors import ToolTalkError, error
from ttclient.parties import MessageParties
from ttclient.procid_name import ProcIdName
from ttclient.protocol import Operation, immediate
from ttclient.store import identity
from ttclient.text import decode
from ttclient.tracing import but_first, nothing, only_self, traced
from ttclient.values import name
from ttclient.variants import done

_T = TypeVar("_T")


def _scope_and_op(
    _cls: object, op: str, scope: Scope = Scope.SESSION, **_options: object
) -> tuple[Scope, str]:
    return scope, op


class Message(MessageParties):
    """A Tt_message. ``Message()`` makes a new one of the default procid, ``procid.message()`` of another.

    Raises NoServerError or ProcIdError where there is no procid to send it.
    """

    __slots__ = ()

    @traced("tt_message_create", nothing, makes=True)
    def __init__(self, procid: ProcIdName | None = None) -> None:
        endpoint = PROCESS.named(procid, "Message").endpoint
        store = PROCESS.store
        super().__init__(endpoint.new_message(store.message_number(), store.uid, store.gid), endpoint, store)
        store.add(identity(self._fields), self)

    @classmethod
    @traced("tt_pnotice_create", _scope_and_op)
    def notice(cls, op: str, scope: Scope = Scope.SESSION, *, procid: ProcIdName | None = None) -> Message:
        """A notice to whoever observes ``op`` (tt_pnotice_create)."""
        return cls._procedural(Class.NOTICE, op, scope, procid)

    @classmethod
    @traced("tt_prequest_create", _scope_and_op)
    def request(cls, op: str, scope: Scope = Scope.SESSION, *, procid: ProcIdName | None = None) -> Message:
        """A request to whoever handles ``op`` (tt_prequest_create)."""
        return cls._procedural(Class.REQUEST, op, scope, procid)

    @classmethod
    @traced("tt_onotice_create", but_first)
    def object_notice(cls, objid: object, op: str) -> Message:
        """A notice to an object (tt_onotice_create)."""
        return cls._to_object(Class.NOTICE, objid, op)

    @classmethod
    @traced("tt_orequest_create", but_first)
    def object_request(cls, objid: object, op: str) -> Message:
        """A request to an object (tt_orequest_create)."""
        return cls._to_object(Class.REQUEST, objid, op)

    @classmethod
    def _procedural(cls, kind: Class, op: str, scope: Scope, procid: ProcIdName | None) -> Message:
        message = cls(procid)
        composing.procedural(message, kind, op, scope)
        return message

    @classmethod
    def _to_object(cls, kind: Class, objid: object, op: str) -> Message:
        message = cls()
        composing.to_object(message, kind, objid, op)
        return message

    @traced("tt_message_create_super")
    def create_super(self) -> Message:
        """A new message like this one, to the parent of the otype the receiver's signature belongs to."""
        fields = self._open("create_super")
        composing.supers(fields)
        message = type(self)()
        composing.make_super(message._fields, fields)
        return message

    # Attributes that name other objects, or ask the server

    def _procid(self, fields: ProcIdFields) -> ProcIdName:
        return PROCESS.procid_of(fields)

    @property
    @traced("tt_message_session")
    def session(self) -> Session:
        """The session it belongs to, that of its procid. Setting it may connect; failures are 1048."""
        return Session(decode(self._open("session").session) or "")

    @session.setter
    @traced("tt_message_session_set")
    def session(self, value: Session | str) -> None:
        function = "message.session"
        fields = self._open("session")
        try:
            link = PROCESS.link_to(str(value), function)
        except ToolTalkError as cause:
            raise error(Status.ERR_SESSION, function, cause.detail) from cause
        fields.session, fields.session_address = link.state.id, link.state.address

    @property
    @traced("tt_message_file")
    def file(self) -> str | None:
        """The local path of the file it is about. Set the scope first: with FILE or BOTH a string like
        ``host:/path`` is taken as it is (spec 05 trap 9). None changes nothing, ``""`` raises FileError."""
        return local_path(self._open("file").file)

    @file.setter
    @traced("tt_message_file_set")
    def file(self, value: str | os.PathLike[str] | None) -> None:
        fields = self._open("file")
        if value is not None:
            fields.file = network_path(value, fields.scope in sending.FILE_SCOPES, "message.file")

    @property
    @traced("tt_message_otype")
    def otype(self) -> str | None:
        """The otype it is addressed to. Setting it asks the server; UnknownTypeError if it has none such."""
        return decode(self._open("otype").otype)

    @otype.setter
    @traced("tt_message_otype_set")
    def otype(self, value: str) -> None:
        fields = self._open("otype")
        raw = name(value, "message.otype", "an otype")
        self._run("otype", questions.otype_base(raw, "message.otype"))
        fields.otype = raw

    # Calls

    @traced("tt_message_send")
    def send(self) -> Status:
        """Send it (tt_message_send). OK does not say that it arrived: a request nobody handles comes back
        FAILED with status 1053.

        Raises ToolTalkError 1025, 1047, 1039, 1042, 1036, 1038 for what is missing, StateError when it was
        sent before, FileError when its file needs a database server that is not there.
        """
        return posting.send(PROCESS.owner(self._endpoint, sending.FUNCTION), self)

    @traced("tt_message_send_on_exit")
    def send_on_exit(self) -> Status:
        """Have the server send it when this process dies without closing its procid."""
        return self._run("send_on_exit", sending.send_on_exit(self, self._endpoint))

    @traced("tt_message_reply")
    def reply(self) -> Status:
        """The request is done, or the start message dealt with; OUT and INOUT arguments go back."""
        endpoint = self._answering("reply")
        if endpoint.session.version == 1:
            return self._run("reply", answering.reply(self, endpoint), endpoint)
        return posting.reply(PROCESS.owner(endpoint, answering.REPLY), self, endpoint)

    @traced("tt_message_reject", only_self)
    def reject(self, status: int | None = None, text: str | None = None) -> Status:
        """Not for this process: ToolTalk looks for another handler. status, text: set first if given."""
        endpoint = self._answering("reject")
        self._say(status, text)
        return self._run("reject", answering.reject(self, endpoint), endpoint)

    @traced("tt_message_fail", only_self)
    def fail(self, status: int | None = None, text: str | None = None) -> Status:
        """The request cannot be done by anybody. status, text: set first if given."""
        endpoint = self._answering("fail")
        self._say(status, text)
        return self._run("fail", answering.fail(self, endpoint), endpoint)

    @traced("tt_message_accept")
    def accept(self) -> Status:
        """Vote for an offer; let more messages come before a start message is answered."""
        endpoint = self._answering("accept")
        return self._run("accept", answering.accept(self, endpoint), endpoint)

    @traced("tt_message_destroy", outcome=done)
    def destroy(self) -> bool:
        """Let go of it. False: it is still needed; destroy it again after its answer (spec 05 9.6)."""
        endpoint = self._endpoint
        if endpoint.procid.id in PROCESS.procids:
            return self._run("destroy", answering.destroy(self, endpoint))
        endpoint.unvoted = None
        return immediate(answering.destroy(self, endpoint))

    def _answering(self, attribute: str) -> Endpoint:
        """The procid that answers: the handler if that is one of ours, else the one that received it."""
        handler = self._open(attribute).handler
        own = None if handler is None else PROCESS.procids.get(handler.id)
        return self._endpoint if own is None else own.endpoint

    def _run(self, attribute: str, operation: Operation[_T], endpoint: Endpoint | None = None) -> _T:
        return PROCESS.owner(endpoint or self._endpoint, f"message.{attribute}").run(operation)
