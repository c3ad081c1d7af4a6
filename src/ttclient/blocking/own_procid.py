"""The calls of tt_c.h that belong to a procid (spec 05 sections 8.1 to 8.3, 8.8, 9)."""

from __future__ import annotations

import os
from collections.abc import Iterable

from tooltalk.model.enums import Category, Class, Scope
from tooltalk.status import Status
from ttclient import joining, opening, variants
from ttclient.blocking.asker import Asker
from ttclient.blocking.inbox import Inbox
from ttclient.blocking.link import quietly
from ttclient.blocking.message import Message
from ttclient.blocking.opened import Opened
from ttclient.blocking.paths import file_name, local_path, network_path
from ttclient.blocking.pattern import Pattern
from ttclient.blocking.process import PROCESS
from ttclient.blocking.service import Service
from ttclient.blocking.session import Session
from ttclient.callback import Callback, callable_or_refuse
from ttclient.contexts import slot_name
from ttclient.errors import SessionError, error, refusal
from ttclient.procid_name import ProcIdName
from ttclient.text import decode
from ttclient.tracing import but_first, nothing, traced
from ttclient.values import Codec, Given, context_value, name, number


class OwnProcId(ProcIdName):
    """What a procid that this process opened can do: defaults, joins, messages, patterns.

    On somebody else's procid every call raises ProcIdError.
    """

    __slots__ = ("_asker", "_inbox", "_opened", "_service")

    _opened: Opened | None
    _inbox: Inbox
    _service: Service
    _asker: Asker

    def __init__(self, id: str) -> None:
        super().__init__(id)
        self._opened = None

    def _attach(self, opened: Opened) -> None:
        self._opened = opened
        self._inbox = Inbox(opened)
        self._service = Service(opened, self._inbox)
        self._asker = Asker(opened, self._service)

    def _own(self, attribute: str) -> Opened:
        """The open procid behind this object."""
        opened = self._opened
        if opened is None:
            raise error(
                Status.ERR_PROCID,
                f"procid.{attribute}",
                "this procid belongs to another process; only those opened here can do that",
            )
        if opened.endpoint.closed:
            PROCESS.check_open(f"procid.{attribute}")
            raise error(Status.ERR_PROCID, f"procid.{attribute}", "the procid is closed")
        return opened

    # Defaults

    @property
    @traced("tt_procid_session")
    def session(self) -> Session:
        """The session it belongs to."""
        return Session(decode(self._own("session").endpoint.session.id), self)

    @property
    @traced("tt_default_file", nothing)
    def default_file(self) -> str | None:
        """The file new messages are about, None for none. Set a local path; it must not be empty."""
        return local_path(self._own("default_file").endpoint.default_file)

    @default_file.setter
    @traced("tt_default_file_set", but_first)
    def default_file(self, path: str | os.PathLike[str] | None) -> None:
        endpoint = self._own("default_file").endpoint
        endpoint.default_file = None if path is None else network_path(path, False, "procid.default_file")

    @property
    @traced("tt_default_ptype", nothing)
    def default_ptype(self) -> str | None:
        """The ptype new messages say their sender is. The name is not verified."""
        return decode(self._own("default_ptype").endpoint.default_ptype)

    @default_ptype.setter
    @traced("tt_default_ptype_set", but_first)
    def default_ptype(self, ptype: str) -> None:
        self._own("default_ptype").endpoint.default_ptype = name(ptype, "procid.default_ptype", "a ptype")

    @traced("tt_fd", nothing)
    def fileno(self) -> int:
        """The descriptor that is readable while messages wait. Only wait on it, never read from it.

        From then on the procid cannot change to another session. NoServerError once the server is gone.
        """
        opened = self._own("fileno")
        opened.commit()
        if opened.comeback is None and not (opened.channel.alive and opened.link.alive):
            raise error(Status.ERR_NOMP, "procid.fileno", "the server of the session is gone")
        descriptor = opened.fileno()
        self._inbox.settle()
        return descriptor

    # Messages and patterns

    def message(self) -> Message:
        """A new message of this procid."""
        self._own("message")
        return Message(self)

    def pattern(
        self,
        category: Category | None = None,
        *,
        scope: Scope | None = None,
        ops: Iterable[str] = (),
        classes: Iterable[Class] = (),
        session: Session | str | None = None,
        file: str | os.PathLike[str] | None = None,
    ) -> Pattern:
        """A new pattern of this procid, with the criteria given; it is not registered yet."""
        self._own("pattern")
        pattern = Pattern(self)
        pattern.add(category, scope=scope, ops=ops, classes=classes, session=session, file=file)
        return pattern

    @traced("tt_message_receive", nothing)
    def receive(self) -> Message | None:
        """The next message, or None: nothing is there, a callback dealt with it, or it was news of a
        message nobody has (tt_message_receive). Does not wait; wait on ``fileno()``.

        An offer received before and not voted on is abstained from first. An exception of a callback
        comes out of here; the message is what the next ``receive`` gives then.
        """
        self._own("receive")
        message: Message | None
        if self._inbox:
            message = self._inbox.claim()
            return message
        arrival = self._inbox.arrive()
        if arrival.taken:
            self._inbox.tell()
        if not arrival.taken and self._inbox:
            # The server was lost and is back; what it did not answer is here, and no byte tells of it.
            message = self._inbox.claim()
        else:
            message = arrival.message if self._inbox.passes(arrival) else None
        return message

    # Joining

    @traced("tt_session_join", variants.joined_session)
    def join_session(self, session: Session | str | None = None) -> Status:
        """Add the session to the patterns registered so far (tt_session_join).

        session: its id, by default the one the procid belongs to. SessionError if the procid is bound to
        another one; the patterns registered later are not affected, give those a session of their own.
        """
        opened = self._own("join_session")
        if session is not None:
            _move_to(opened, session, "procid.join_session")
        return opened.run(joining.join_session(opened.endpoint))

    @traced("tt_session_quit", variants.joined_session)
    def quit_session(self, session: Session | str | None = None) -> Status:
        """Take the session out of the patterns registered so far. session: must be the procid's own."""
        opened = self._own("quit_session")
        joining.own_session(opened.endpoint, session, "procid.quit_session")
        return opened.run(joining.quit_session(opened.endpoint))

    @traced("tt_file_join", but_first)
    def join_file(self, path: str | os.PathLike[str]) -> Status:
        """Add a file to the patterns registered so far (tt_file_join).

        The file's database server is asked first, and as this library knows none it ends as in C where
        none runs: DatabaseError 1027, and the session is told nothing. Give patterns of scope
        FILE_IN_SESSION their files with ``add_file``.
        """
        opened = self._own("join_file")
        return opened.run(joining.join_file(opened.endpoint, file_name(path, "procid.join_file")))

    @traced("tt_file_quit", but_first)
    def quit_file(self, path: str | os.PathLike[str]) -> Status:
        """Take a file out again (tt_file_quit). FileError 1028: no file can have been joined."""
        opened = self._own("quit_file")
        return opened.run(joining.quit_file(opened.endpoint, file_name(path, "procid.quit_file")))

    @traced("tt_context_join", variants.context_join)
    def join_context(self, slot: str, value: Given, *, codec: Codec | None = None) -> Status:
        """Add a value to this slot in the patterns registered so far that name the slot."""
        function = "procid.join_context"
        opened = self._own("join_context")
        opened.commit()
        arg = context_value(value, codec, function)
        return opened.run(joining.join_context(opened.endpoint, slot_name(slot, function), arg))

    @traced("tt_context_quit", variants.context_quit)
    def quit_context(self, slot: str, value: Given, *, codec: Codec | None = None) -> Status:
        """Take it out again. A slot that lost its last value matches any value (spec 05 trap 8)."""
        function = "procid.quit_context"
        opened = self._own("quit_context")
        opened.commit()
        arg = context_value(value, codec, function)
        return opened.run(joining.quit_context(opened.endpoint, slot_name(slot, function), arg))

    @traced("tt_ptype_declare", but_first)
    def declare_ptype(self, ptype: str) -> Status:
        """Become an instance of a ptype; UnknownTypeError if the session has none such."""
        raw = name(ptype, "procid.declare_ptype", "a ptype")
        opened = self._own("declare_ptype")
        return opened.run(joining.declare_ptype(opened.endpoint, raw))

    @traced("tt_ptype_undeclare", but_first)
    def undeclare_ptype(self, ptype: str) -> Status:
        """Stop being an instance of it; UnknownTypeError if it was not declared."""
        raw = name(ptype, "procid.undeclare_ptype", "a ptype")
        opened = self._own("undeclare_ptype")
        return opened.run(joining.undeclare_ptype(opened.endpoint, raw))

    @traced("tt_ptype_exists", but_first, variants.whether_ptype)
    def ptype_exists(self, ptype: str) -> bool:
        """Whether the session's types have the ptype."""
        raw = name(ptype, "procid.ptype_exists", "a ptype")
        opened = self._own("ptype_exists")
        return opened.run(joining.ptype_exists(opened.endpoint, raw))

    @traced("tt_ptype_opnum_callback_add", but_first)
    def add_ptype_callback(self, ptype: str, opnum: int, callback: Callback) -> None:
        """Call ``callback(message, pattern)`` for messages handled for this opnum of a ptype."""
        function = "procid.add_ptype_callback"
        key = name(ptype, function, "a ptype"), number(opnum, function)
        callbacks = self._own("add_ptype_callback").endpoint.ptype_callbacks
        callbacks.add(*key, callable_or_refuse(callback, function))

    @traced("tt_otype_opnum_callback_add", but_first)
    def add_otype_callback(self, otype: str, opnum: int, callback: Callback) -> None:
        """Call ``callback(message, pattern)`` for messages to this opnum of an otype."""
        function = "procid.add_otype_callback"
        key = name(otype, function, "an otype"), number(opnum, function)
        callbacks = self._own("add_otype_callback").endpoint.otype_callbacks
        callbacks.add(*key, callable_or_refuse(callback, function))


def _move_to(opened: Opened, session: Session | str, function: str) -> None:
    """Belong to ``session`` from now on, if the procid is still free to.

    Its channel comes from there, too. The C library leaves the channel where it was, so that the
    procid hears nothing from the session it joined; ours does not keep that.
    """
    endpoint = opened.endpoint
    link = PROCESS.link_to(str(session), function)
    if link is opened.link:
        return
    if endpoint.committed:
        raise refusal(
            SessionError,
            Status.ERR_SESSION,
            function,
            f"the procid is bound to session {decode(endpoint.session.id)!r}; open another procid",
        )
    old, pushed = opened.link, endpoint.pushed
    opened.change(link, PROCESS.channel_at(link, endpoint, None))
    if pushed:
        # The end of a signalling channel says it by itself.
        quietly(old, opening.close(endpoint))
    endpoint.session = link.state
