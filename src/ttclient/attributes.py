"""The attributes of a message, all of them local (spec 05 sections 8.4 and 8.5).

What needs a server, and what names other objects of a frontend, is added by the frontend's Message.
"""

from __future__ import annotations

from typing import Final

from tooltalk.model.arg import Arg
from tooltalk.model.enums import Address, Class, Disposition, Mode, Scope, State
from tooltalk.model.message import NO_ID
from tooltalk.status import Status, status_of
from ttclient import printing, variants
from ttclient.args import Args
from ttclient.callback import Callback, callable_or_refuse
from ttclient.contexts import Contexts
from ttclient.errors import error
from ttclient.handle import MessageHandle
from ttclient.store import identity
from ttclient.text import decode
from ttclient.tracing import traced
from ttclient.user import UserData
from ttclient.values import Codec, Given, coded, member, name, named, number, stored


class MessageAttributes(MessageHandle):
    """A Tt_message without its calls to the server.

    Every use of one that was destroyed raises HandleError, and NoServerError once the last procid of
    the process is closed (spec 05 sections 4.1 and 4.2).
    """

    __slots__ = ("__weakref__",)

    _user: UserData | None

    # What kind of message it is

    @property
    @traced("tt_message_class")
    def message_class(self) -> Class | int:
        """NOTICE, REQUEST or OFFER; 0 in a new message."""
        return named(Class, self._open("message_class").tt_class)

    @message_class.setter
    @traced("tt_message_class_set")
    def message_class(self, value: Class) -> None:
        self._open("message_class").tt_class = member(Class, value, Status.ERR_CLASS, "message.message_class")

    @property
    @traced("tt_message_address")
    def address(self) -> Address | int:
        """Whom it is for: PROCEDURE, OBJECT, HANDLER or OTYPE; UNSET (4) in a new message."""
        return named(Address, self._open("address").address)

    @address.setter
    @traced("tt_message_address_set")
    def address(self, value: Address) -> None:
        self._open("address").address = member(Address, value, Status.ERR_ADDRESS, "message.address")

    @property
    @traced("tt_message_scope")
    def scope(self) -> Scope | int:
        """How far it reaches; NONE in a new message."""
        return named(Scope, self._open("scope").scope)

    @scope.setter
    @traced("tt_message_scope_set")
    def scope(self, value: Scope) -> None:
        self._open("scope").scope = member(Scope, value, Status.ERR_SCOPE, "message.scope")

    @property
    @traced("tt_message_disposition")
    def disposition(self) -> Disposition:
        """What becomes of it when nobody handles it: bits QUEUE and START, or DISCARD."""
        return Disposition(self._open("disposition").disposition)

    @disposition.setter
    @traced("tt_message_disposition_set")
    def disposition(self, value: Disposition) -> None:
        fields = self._open("disposition")
        if not 0 <= value <= Disposition.QUEUE | Disposition.START:
            raise error(
                Status.ERR_DISPOSITION,
                "message.disposition",
                f"{value!r} is no disposition; give Disposition.DISCARD, QUEUE, START or QUEUE | START",
            )
        fields.disposition = int(value)

    @property
    @traced("tt_message_state")
    def state(self) -> State | int:
        """Where it is in its life; CREATED until it is sent."""
        return named(State, self._open("state").state)

    @property
    @traced("tt_message_op")
    def op(self) -> str | None:
        """The operation, the name programs agree on."""
        return decode(self._open("op").op)

    @op.setter
    @traced("tt_message_op_set")
    def op(self, value: str) -> None:
        self._open("op").op = name(value, "message.op", "an op")

    @property
    @traced("tt_message_opnum")
    def opnum(self) -> int:
        """The number its signature gives the op; -1 where there is none."""
        return self._open("opnum").opnum

    # Arguments and contexts

    @property
    def args(self) -> Args:
        """The arguments, a sequence of MessageArg."""
        return Args(self._open("args"))

    @traced("tt_message_arg_add", variants.message_arg_add)
    def add_arg(self, mode: Mode, vtype: str, value: Given = None, *, codec: Codec | None = None) -> None:
        """Append an argument (tt_message_arg_add, barg, iarg, xarg).

        value: str, bytes or a 32-bit int; None is the null string. codec: encodes the value instead.
        """
        function = "message.add_arg"
        fields = self._open("add_arg")
        kind, kept = stored(value, function) if codec is None else coded(codec, value, function)
        number = member(Mode, mode, Status.ERR_MODE, function)
        fields.args = (*fields.args, Arg(number, name(vtype, function, "a vtype"), kept, kind))

    @property
    def contexts(self) -> Contexts:
        """The context slots, a mapping in byte order of the slots."""
        return Contexts(self._open("contexts"))

    # Who and where

    @property
    @traced("tt_message_otype")
    def otype(self) -> str | None:
        """The otype it is addressed to."""
        return decode(self._open("otype").otype)

    @property
    @traced("tt_message_object", outcome=variants.or_no_object)
    def object(self) -> str | None:
        """The objid it is addressed to; None where C answers 1036. A NUL in it reads as ``\\0``."""
        raw = self._open("object").object
        return None if raw is None else decode(raw.replace(b"\\", b"\\\\").replace(b"\0", b"\\0"))

    @object.setter
    @traced("tt_message_object_set")
    def object(self, value: object) -> None:
        text = value if value is None or isinstance(value, str | bytes) else str(value)
        self._open("object").object = unquoted(name(text, "message.object", "an objid"))

    @property
    @traced("tt_message_handler_ptype")
    def handler_ptype(self) -> str | None:
        """The ptype that handles it."""
        return decode(self._open("handler_ptype").handler_ptype)

    @handler_ptype.setter
    @traced("tt_message_handler_ptype_set")
    def handler_ptype(self, value: str) -> None:
        self._open("handler_ptype").handler_ptype = name(value, "message.handler_ptype", "a ptype")

    @property
    @traced("tt_message_sender_ptype")
    def sender_ptype(self) -> str | None:
        """The ptype of its sender."""
        return decode(self._open("sender_ptype").sender_ptype)

    @sender_ptype.setter
    @traced("tt_message_sender_ptype_set")
    def sender_ptype(self, value: str) -> None:
        self._open("sender_ptype").sender_ptype = name(value, "message.sender_ptype", "a ptype")

    @property
    @traced("tt_message_id")
    def id(self) -> str:
        """``<number> <procid of the sender>``."""
        number, sender = identity(self._open("id"))
        return f"{number} {decode(sender)}"

    @property
    @traced("tt_message_uid")
    def uid(self) -> int:
        """The user id its sender claims; nobody has verified it."""
        return _known(self._open("uid").uid)

    @property
    @traced("tt_message_gid")
    def gid(self) -> int:
        """The group id its sender claims; nobody has verified it."""
        return _known(self._open("gid").gid)

    # Its outcome

    @property
    @traced("tt_message_status")
    def status(self) -> Status | int:
        """The Tt_status its handler or the server gave it. Setting 0 does nothing while it is 5, the
        mark of a start message (spec 05 trap 13)."""
        return status_of(self._open("status").status)

    @status.setter
    @traced("tt_message_status_set")
    def status(self, value: int) -> None:
        fields = self._open("status")
        if not isinstance(value, int):
            detail = f"a status is a number, not {type(value).__name__}; the sentence is status_string"
            raise error(Status.ERR_POINTER, "message.status", detail)
        if value != Status.OK or fields.status != Status.WRN_START_MESSAGE:
            fields.status = number(value, "message.status")

    @property
    @traced("tt_message_status_string")
    def status_string(self) -> str | None:
        """The text beside the status."""
        return decode(self._open("status_string").status_string)

    @status_string.setter
    @traced("tt_message_status_string_set")
    def status_string(self, value: str) -> None:
        self._open("status_string").status_string = name(value, "message.status_string", "a status string")

    def _say(self, status: int | None, text: str | None) -> None:
        """Set what is given of the two."""
        if status is not None:
            self.status = status
        if text is not None:
            self.status_string = text

    # The handle

    @property
    def user(self) -> UserData:
        """Data of the program's own, by number; a number never set gives None."""
        self._open("user")
        if self._user is None:
            self._user = UserData("tt_message_user", self, self._keep)
        return self._user

    @traced("tt_message_callback_add")
    def add_callback(self, callback: Callback) -> None:
        """Call ``callback(message, pattern)`` whenever this message comes in; the latest added runs first."""
        self._open("add_callback")
        self._callbacks = (callable_or_refuse(callback, "message.add_callback"), *self._callbacks)
        self._keep()

    def _keep(self) -> None:
        self._store.keep(identity(self._fields), self)

    @traced("tt_message_print")
    def format(self) -> str:
        """The lines of tt_message_print (spec 05 section 10)."""
        return printing.message(self._open("format"), self._store)

    def __repr__(self) -> str:
        fields = self._fields
        gone = " destroyed" if self._destroyed else "" if self._store.open else " closed"
        kind, state = named(Class, fields.tt_class), named(State, fields.state)
        words = [value.name if isinstance(value, Class | State) else str(value) for value in (kind, state)]
        return f"<{type(self).__name__} {' '.join(words)} {decode(fields.op)!r}{gone}>"


def unquoted(objid: bytes) -> bytes:
    """The bytes of an objid as programs write it: ``\\0`` is a NUL, two backslashes are one."""
    return b"\\".join(part.replace(b"\\0", b"\0") for part in objid.split(b"\\\\"))


def _known(number: int) -> int:
    return _NOBODY if number == NO_ID else number


_NOBODY: Final = 65534
"""What C answers for an id it does not know."""
