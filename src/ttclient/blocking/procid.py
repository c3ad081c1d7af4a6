"""Procids of the blocking frontend: what a program opens, and what messages name."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Final, TypeVar

from tooltalk.model.enums import Category, Class, Disposition, Scope, State
from tooltalk.model.procid import ProcId as ProcIdFields
from tooltalk.status import Status
from ttclient.arguments import Argument, OutSpec
from ttclient.blocking.asker import Asker
from ttclient.blocking.opened import Opened
from ttclient.blocking.own_procid import OwnProcId
from ttclient.blocking.process import PROCESS
from ttclient.blocking.session import Session
from ttclient.procid_name import ProcIdName
from ttclient.tracing import nothing, traced
from ttclient.values import seconds

_HANDLED: Final = int(State.HANDLED)

_F = TypeVar("_F", bound=Callable[..., Any])


class ProcId(OwnProcId):
    """A process in a session. ``ttclient.open()`` gives one of our own, messages name those of others.

    ``str(procid)`` is what travels; equal strings are equal procids. On somebody else's procid every call
    raises ProcIdError. A context manager: leaving it closes the procid.

    Threads: any of them may call. Callbacks, handlers and observers run in the thread that receives.
    """

    __slots__ = ()

    @classmethod
    def _of(cls, fields: ProcIdFields) -> ProcId:
        procid = cls.__new__(cls)
        procid._fields = fields
        procid._opened = None
        return procid

    @classmethod
    @traced("tt_open", nothing)
    def open(cls, session: Session | str | None = None, *, reconnect: bool = False) -> ProcId:
        """A new procid, the default one from now on (tt_open).

        session: where, by default the session that was set, else the one TT_SESSION, _SUN_TT_SESSION or
        DISPLAY names now. reconnect: when the server is lost, look for the session again, by the same
        name, and register, join and declare there what was; the procid is another one then. What was asked
        and not answered fails with NoServerError and is never sent again.

        Raises NoServerError, AuthorizationError, VersionMismatchError, ToolTalkError 1053 for what is no
        session, ProcIdError when the server cannot connect back.
        """
        with PROCESS.lock, PROCESS.opening():
            link = PROCESS.default_link("open") if session is None else PROCESS.link_to(str(session), "open")
            endpoint, channel = PROCESS.establish(link)
            name = PROCESS.chosen_id() if session is None else str(session)
            comeback = PROCESS.comeback_to(name) if reconnect else None
            procid = cls._of(endpoint.procid)
            opened = Opened(link, endpoint, channel, procid, PROCESS.store, comeback)
            procid._attach(opened)
            PROCESS.opened(opened)
        return procid

    @traced("tt_close", nothing)
    def close(self) -> None:
        """Give the procid up (tt_close). What it still handles fails at its senders, with status 1042; what
        it asked is forgotten. Always succeeds, also when the server is gone, and closing twice is fine."""
        if self._opened is None:
            self._own("close")
        elif not self._opened.endpoint.closed:
            PROCESS.close(self._opened)
            self._service.stop()

    def __enter__(self) -> ProcId:
        self._own("__enter__")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @traced("tt_default_procid_set")
    def make_default(self) -> None:
        """Have calls that name no procid use this one. Works also after the default one was closed, where
        C refuses (QUIRK, spec 05 section 4.1)."""
        PROCESS.default = self._own("make_default")

    # What a Python program does most

    def send(
        self,
        op: str,
        *args: Argument,
        scope: Scope = Scope.SESSION,
        file: str | os.PathLike[str] | None = None,
        handler: ProcIdName | str | None = None,
        contexts: Mapping[str, Any] | None = None,
        disposition: Disposition = Disposition.DISCARD,
    ) -> None:
        """Send a notice: tell whoever observes ``op``.

        args: str, int, bytes, paths, or In(value, vtype). handler: the one process it is for. Returns as
        soon as it is written; whether anybody listens nobody knows.
        """
        self._asking().notify(op, args, scope, file, handler, contexts, disposition)

    def request(
        self,
        op: str,
        *args: Argument,
        out: OutSpec = (),
        timeout: float | None = None,
        scope: Scope = Scope.SESSION,
        file: str | os.PathLike[str] | None = None,
        handler: ProcIdName | str | None = None,
        contexts: Mapping[str, Any] | None = None,
        disposition: Disposition = Disposition.DISCARD,
    ) -> Any:
        """Ask whoever handles ``op``, wait for the answer, and return the values it brought.

        args: str, int, bytes, paths, In, Out and InOut. out: OUT arguments to append, a number of strings or
        their vtypes. Returns None without OUT and INOUT arguments, the value of the only one, or a tuple;
        bytes where the vtype says ``bytes``. timeout: seconds, None waits for ever.

        Raises RequestFailed with the status its handler gave, 1053 if there is no handler; RequestTimeout.
        While it waits, this procid's handlers and observers run; other messages wait for ``receive``.
        """
        return self._asking().request(op, args, out, timeout, scope, file, handler, contexts, disposition)

    def _asking(self) -> Asker:
        """What asks for this procid, or for the open one of that name."""
        if self._opened is not None:
            return self._asker
        own = PROCESS.named(self, "Message").procid
        assert isinstance(own, ProcId)
        return own._asker

    def handle(
        self,
        *ops: str,
        scope: Scope = Scope.SESSION,
        file: str | os.PathLike[str] | None = None,
        register: bool = True,
    ) -> Callable[[_F], _F]:
        """Decorator: the function handles requests of these ops, while ``run`` or ``request`` is active.

        It is given the message. What it returns fills the OUT and INOUT arguments and the request is
        replied to; None leaves them alone. ``raise Reject(...)`` passes the request on, ``raise Fail(...)``
        and any other exception fail it; returning LATER says that the function answers it some other time.
        register=False: no pattern is registered; what a declared ptype brings is handled all the same.
        """

        def serve(function: _F) -> _F:
            for op in ops:
                self._service.functions.handlers[op] = function
            if register:
                pattern = self.pattern(
                    Category.HANDLE,
                    scope=scope,
                    ops=ops,
                    classes=(Class.REQUEST,),
                    session=self.session,
                    file=file,
                )
                pattern.register()
            return function

        self._own("handle")
        return serve

    def observe(
        self,
        *ops: str,
        scope: Scope = Scope.SESSION,
        file: str | os.PathLike[str] | None = None,
        register: bool = True,
    ) -> Callable[[_F], _F]:
        """Decorator: the function is given all messages of these ops as they are sent, while ``run`` or
        ``request`` is active.

        Its exceptions are logged. For an offer it may vote with ``accept`` or ``reject``.
        """

        def serve(function: _F) -> _F:
            for op in ops:
                self._service.functions.observers.setdefault(op, []).append(function)
            if register:
                pattern = self.pattern(
                    Category.OBSERVE, scope=scope, ops=ops, session=self.session, file=file
                )
                pattern.add_state(State.SENT)
                pattern.register()
            return function

        self._own("observe")
        return serve

    def declare(self, ptype: str) -> Status:
        """Become an instance of a ptype and join the session with its signatures; their messages go to the
        handlers and observers of their ops."""
        status = self.declare_ptype(ptype)
        self.join_session()
        return status

    # Waiting

    def run(self, timeout: float | None = None) -> None:
        """Receive messages and have the handlers and observers deal with them until ``stop`` is called.

        timeout: seconds after which to return in any case. A request nobody here handles is rejected.
        NoServerError when the server is gone.
        """
        self._own("run")
        self._service.run(seconds(timeout, "procid.run"))

    def stop(self) -> None:
        """Have ``run`` return after the message it is at; from handlers, other threads, signal handlers."""
        if self._opened is not None:
            self._service.stop()

    def dispatch(self) -> int:
        """Deal with everything that has come in, without waiting; how many messages that were.

        For programs with a loop of their own: call it whenever ``fileno()`` is readable.
        """
        self._own("dispatch")
        return self._service.serve_waiting()


PROCESS.foreign = ProcId._of
