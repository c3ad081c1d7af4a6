"""Documents: having them shown, edited, mailed, printed by others, and doing so for others
(spec 05 section 22)."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from tooltalk.model.enums import Category, Class, Mode, Scope, State
from tooltalk.status import Status
from ttclient.blocking.message import Message
from ttclient.blocking.pattern import Pattern
from ttclient.blocking.process import PROCESS
from ttclient.blocking.procid import ProcId
from ttclient.blocking.toolkit.agents import guarded
from ttclient.blocking.toolkit.creating import create_message, op_string
from ttclient.blocking.toolkit.ending import destroy_message, destroy_patterns, end
from ttclient.blocking.toolkit.file_messages import await_answer, handled
from ttclient.callback import CallbackAction
from ttclient.errors import ToolTalkError, error
from ttclient.procid_name import ProcIdName
from ttclient.serving import Verdict, must_answer
from ttclient.standard.catalogue import MESSAGE_ID, TITLE
from ttclient.standard.contract import contract_id
from ttclient.standard.documents import (
    BASE_STEP,
    CONTENTS_MODES,
    OPNUMS,
    QUESTIONING,
    Form,
    document,
    text_at,
)
from ttclient.standard.ops import Op
from ttclient.store import identity
from ttclient.values import seconds

Path = str | os.PathLike[str]
Contents = str | bytes | None


class LoadEvent(NamedTuple):
    """News of a document given away. op: DEPOSIT when its editor saves meanwhile, which must be answered;
    else the op of the request, whose ``message.state`` says how it ended. contents, or else file: the
    document."""

    message: Message
    op: Op
    contents: bytes | None
    file: str | None


LoadCallback = Callable[[LoadEvent], object]
"""Returns False for what it leaves alone. A Deposit is replied to when it returns, unless it answered, or
returns LATER; Reject and Fail end it so."""


class MediaRequest(NamedTuple):
    """A document to work on. contents, or else file: the document. diagnosis: 1161 (ENODATA) when neither
    is there and it should be. title: for the window. message_id: the operation's id if its sender chose
    one."""

    message: Message
    op: Op
    diagnosis: Status
    contents: bytes | None
    file: str | None
    title: str | None
    message_id: str | None


MediaCallback = Callable[[MediaRequest], object]
"""Returns the new contents, and the request is replied to with them; None to reply without; LATER to answer
later with ``load_reply``; False for what it leaves alone. Reject and Fail end the request so."""


def load(
    op: Op,
    media_type: str,
    contents: Contents = None,
    file: Path | None = None,
    title: str | None = None,
    callback: LoadCallback | None = None,
    send: bool = True,
    *,
    inquisitive: bool = False,
    covert: bool = False,
    output_type: str | None = None,
    procid: ProcId | None = None,
) -> Message:
    """Have a document shown, edited, mailed, printed ... by whoever handles its type (ttmedia_load).

    op: DISPLAY, EDIT, COMPOSE, MAIL, MAIL_EDIT, MAIL_COMPOSE, INSTANTIATE, PRINT, TRANSLATE. media_type:
    the vtype, ``ISO_Latin_1``. contents, file: the document, in the message or in a file. title: for the
    title bar. callback: is given a LoadEvent for each Deposit and for the end. inquisitive, covert: of
    PRINT and TRANSLATE, whether to ask the user, whether to hide. output_type: what to translate into.

    Returns the request. While it is not answered, Deposit requests that name it come to the callback.
    """
    name = op_string(op, "media.load")
    message = create_message(Class.REQUEST, Scope.SESSION, name, procid=procid)
    message.add_arg(CONTENTS_MODES.get(op, Mode.INOUT), media_type, contents)
    if op is Op.TRANSLATE:
        message.add_arg(Mode.OUT, output_type or media_type)
    if op in QUESTIONING:
        message.add_arg(Mode.IN, "boolean", inquisitive)
        message.add_arg(Mode.IN, "boolean", covert)
    if title is not None:
        message.add_arg(Mode.IN, TITLE, title)
    if file is not None:
        message.file = file
    message.add_callback(_Loading(message, media_type, callback, procid))
    if send:
        message.send()
    return message


class _Loading:
    """The callback of a request that gave a document away; it owns the pattern for Deposit."""

    def __init__(
        self, message: Message, media_type: str, callback: LoadCallback | None, procid: ProcIdName | None
    ) -> None:
        self._callback = callback
        self._deposits = _deposit_pattern(message, media_type, procid)
        self._deposits.add_callback(self._deposited)
        # Without it there are no Deposits, and the document still comes back at the end.
        with suppress(ToolTalkError):
            self._deposits.register()

    def __call__(self, message: Message, _pattern: Pattern | None) -> CallbackAction:
        state = message.state
        if state in (State.STARTED, State.QUEUED):
            return CallbackAction.PROCESSED
        if state not in (State.HANDLED, State.FAILED):
            return CallbackAction.CONTINUE
        destroy_patterns((self._deposits,))
        message._store.release(identity(message._fields))
        return self._tell(message, Op.from_string(message.op))

    def _deposited(self, message: Message, _pattern: Pattern | None) -> CallbackAction:
        if not must_answer(message, message._endpoint):
            return CallbackAction.CONTINUE
        return self._tell(message, Op.DEPOSIT)

    def _tell(self, message: Message, op: Op) -> CallbackAction:
        callback = self._callback
        if callback is None:
            return CallbackAction.CONTINUE
        contents, _ = document(message, op, True)
        file = None if contents else message.file
        return guarded(message, lambda: callback(LoadEvent(message, op, contents, file)))


def _deposit_pattern(message: Message, media_type: str, procid: ProcIdName | None) -> Pattern:
    pattern = Pattern(procid)
    pattern.add(
        Category.HANDLE,
        scope=Scope.SESSION,
        ops=("Deposit",),
        classes=(Class.REQUEST,),
        session=message.session,
    )
    pattern.add_arg(Mode.IN, media_type)
    pattern.add_arg(Mode.IN, MESSAGE_ID, message.id)
    return pattern


def load_reply(message: Message, contents: Contents, reply: bool = True) -> Status:
    """Give a document back (ttmedia_load_reply): put it into the request. reply: answer the request and let
    go of it, with the patterns of its contract."""
    arg = message.args[0]
    if contents is None:
        arg.clear()
    else:
        arg.value = contents
    if not reply:
        return Status.OK
    status = message.reply()
    destroy_message(message)
    return status


def deposit(
    contract: Message,
    contents: Contents,
    media_type: str | None = None,
    buffer_id: str | None = None,
    file: Path | None = None,
    timeout: float | None = None,
    *,
    procid: ProcId | None = None,
) -> Status:
    """Save a document that is being edited for another tool, with that tool (ttmedia_Deposit).

    contract: its request. contents, file: the document now. media_type: by default that of the request.
    buffer_id: given, whoever handles Deposit is asked instead of the sender of ``contract``; the id itself
    is not sent (QUIRK kept, the signature has no place for it). timeout: seconds, None for ever.

    Raises RequestFailed with the status of a refusal, 1171 if it has none; RequestTimeout 1245.
    """
    timeout = seconds(timeout, "deposit")
    if media_type is None:
        media_type = contract.args[0].vtype or ""
    handler = contract.sender if buffer_id is None else None
    message = create_message(Class.REQUEST, Scope.SESSION, "Deposit", handler, procid=procid)
    message.add_arg(Mode.IN, media_type, contents)
    message.add_arg(Mode.IN, MESSAGE_ID, contract_id(contract))
    if file is not None:
        message.file = file
    message.send()
    return handled(await_answer(message, timeout, procid))


def declare_ptype(
    name: str,
    callback: MediaCallback | None,
    base_opnum: int = 0,
    declare: bool = True,
    *,
    procid: ProcId | None = None,
) -> Status:
    """Work on documents as the types of the session say of ptype ``name`` (ttmedia_ptype_declare).

    callback: is given a MediaRequest; None leaves the messages to the program. base_opnum: where the
    opnums of the medium begin, a multiple of 1000; ToolTalkError 1029 otherwise. C adds it to Display and
    Edit only (QUIRK not kept). declare: declare the ptype too; UnknownTypeError if there is none such.
    """
    if base_opnum % BASE_STEP:
        raise error(
            Status.ERR_INVALID, "declare_ptype", f"base_opnum {base_opnum} is no multiple of {BASE_STEP}"
        )
    owner = PROCESS.named(procid, "declare_ptype").procid
    assert isinstance(owner, ProcId)
    if callback is not None:
        for opnum, form in OPNUMS.items():
            owner.add_ptype_callback(name, base_opnum + opnum, _Working(form, callback))
    return owner.declare_ptype(name) if declare else Status.OK


class _Working:
    """The callback of one opnum."""

    def __init__(self, form: Form, callback: MediaCallback) -> None:
        self._form = form
        self._callback = callback

    def __call__(self, message: Message, _pattern: Pattern | None) -> CallbackAction:
        fields = message._fields
        if fields.state != State.SENT or fields.handler is None:
            return CallbackAction.CONTINUE
        return guarded(message, lambda: self._work(message))

    def _work(self, message: Message) -> object:
        op = self._form.op
        file = message.file
        contents, diagnosis = document(message, op, file is not None)
        request = MediaRequest(
            message,
            op,
            diagnosis,
            contents,
            None if contents else file,
            text_at(message, self._form.title),
            text_at(message, self._form.message_id),
        )
        result = self._callback(request)
        if isinstance(result, str | bytes):
            return load_reply(message, result, reply=False)
        refused = result is False or result is NotImplemented
        if refused and diagnosis != Status.OK and must_answer(message, message._endpoint):
            end(message, Verdict(State.FAILED, diagnosis, "neither contents nor a file"))
            return True
        return result
