"""The library state of this process: its links, its procids, its defaults (spec 05 sections 4.1, 5, 6).

A forked child starts afresh: what it inherited is the parent's, and nothing is sent about it.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final

from tooltalk.limits import Limits
from tooltalk.model.procid import ProcId as ProcIdFields
from tooltalk.names import BadAddress, SessionAddress, session_id
from tooltalk.status import Status
from ttclient import environment, opening, settings
from ttclient.blocking import display
from ttclient.blocking.attachment import Attachment
from ttclient.blocking.channel import LOOPBACK, Channel, Listener
from ttclient.blocking.link import Link, connect, quietly
from ttclient.blocking.machine import ThisMachine, values_for
from ttclient.blocking.opened import Comeback, Opened
from ttclient.endpoint import Endpoint
from ttclient.errors import SessionError, error
from ttclient.procid_name import ProcIdName
from ttclient.rejoining import Rejoining
from ttclient.store import Store, identity
from ttclient.text import decode, encode

Handles = Store[Any, Any]


class Process:
    """One for each process; ``PROCESS`` is it.

    procids: the open ones by id. default: the one that calls without a procid use. foreign: makes the
    object for somebody else's procid.
    """

    foreign: Callable[[ProcIdFields], ProcIdName]

    def __init__(self) -> None:
        self.limits = Limits()
        self.machine = ThisMachine()
        self.lock = threading.RLock()
        self.store: Handles = self._new_store()
        self.procids: dict[bytes, Opened] = {}
        self.default: Opened | None = None
        self._links: list[Link] = []
        self._default_link: Link | None = None
        self._chosen = False
        self._initial: str | None = None

    def _new_store(self) -> Handles:
        return Store(os.geteuid(), os.getegid(), values_for(self.machine, os.getpid()))

    # Sessions

    def link_to(self, name: str, function: str) -> Link:
        """The link to the session of that id or address, made if need be (spec 05 section 6.1)."""
        with self.lock:
            ident = session_id(name)
            for link in self._links:
                if link.alive and link.state.has_name(encode(ident)):
                    return link
            try:
                if ident.startswith("X"):
                    link = display.connect(ident[2:], self.limits, os.environ)
                else:
                    link = connect(SessionAddress.parse(ident[2:]), self.limits, os.environ)
            except BadAddress as bad:
                raise opening.bad_session(bad, function) from bad
            self._links = [known for known in self._links if known.alive] + [link]
            return link

    def initial_link(self, function: str) -> Link:
        """The link to the session that the environment names now."""
        ident = display.named(os.environ, function)
        try:
            link = self.link_to(ident, function)
        except SessionError as wrong:
            if ident.startswith("X"):
                raise
            # 1053 belongs to SessionError only where a session was the argument (spec 05 section 1.1).
            raise error(wrong.status, function, wrong.detail) from wrong
        self._initial = decode(link.state.id)
        return link

    def default_link(self, function: str) -> Link:
        """The link of the process's default session: the one that was set, else the initial one."""
        with self.lock:
            if not self._chosen or self._default_link is None:
                self._default_link = self.initial_link(function)
            elif not self._default_link.alive:
                raise error(Status.ERR_NOMP, function, "the default session is gone; set another one")
            return self._default_link

    def set_default_link(self, link: Link) -> None:
        """Have procids opened from now on belong to this session."""
        self._default_link = link
        self._chosen = True

    def chosen_id(self) -> str | None:
        """The id of the default session if the program has set it; else it is what the environment names."""
        return decode(self._default_link.state.id) if self._chosen and self._default_link else None

    def default_session_id(self, function: str) -> str:
        """The id of the default session; 1048 once its server is gone (spec 05 section 5)."""
        self.check_open(function)
        link = self._default_link
        if link is None or not link.alive:
            raise error(Status.ERR_SESSION, function, "the server of the default session is gone")
        return decode(link.state.id)

    def initial_session_id(self, function: str) -> str:
        """The id of the session found from the environment."""
        self.check_open(function)
        if self._initial is None:
            self.initial_link(function)
        return self._initial or ""

    # Procids

    def check_open(self, function: str) -> None:
        """Raise NoServerError unless a procid is open (spec 05 section 4.1)."""
        if not self.procids:
            raise error(Status.ERR_NOMP, function, "no procid is open; call ttclient.open() first")

    def default_procid(self, function: str) -> Opened:
        """The default procid; NoServerError without any procid, ProcIdError if it was closed."""
        self.check_open(function)
        if self.default is None:
            raise error(
                Status.ERR_PROCID, function, "the default procid was closed; make another one the default"
            )
        return self.default

    def owner(self, endpoint: Endpoint, function: str) -> Opened:
        """The open procid behind ``endpoint``."""
        self.check_open(function)
        procid = self.procids.get(endpoint.procid.id)
        if procid is None:
            raise error(Status.ERR_PROCID, function, "the procid it belongs to is closed")
        return procid

    def named(self, procid: ProcIdName | None, function: str) -> Opened:
        """The open procid of that name, by default the default one."""
        if procid is None:
            return self.default_procid(function)
        opened = self.procids.get(procid._fields.id)
        if opened is None:
            self.check_open(function)
            raise error(Status.ERR_PROCID, function, f"{str(procid)!r} is no open procid of this process")
        return opened

    def procid_of(self, fields: ProcIdFields) -> ProcIdName:
        """The object for a procid: ours if it is one of ours."""
        opened = self.procids.get(fields.id)
        return self.foreign(fields) if opened is None else opened.procid

    def establish(self, link: Link) -> tuple[Endpoint, Channel | Attachment]:
        """Get a procid at the server of ``link``, and its channel (spec 05 section 6.2)."""
        token = environment.token_for(os.environ, link.state.has_name)
        here = decode(link.state.host) if link.local else link.here
        fields = link.run(opening.new_procid(link.state, os.getpid(), socket.inet_aton(here)))
        endpoint = Endpoint(fields, link.state, token)
        channel = self.channel_at(link, endpoint, token)
        if token is not None:
            environment.take_token(os.environ)
        return endpoint, channel

    def channel_at(self, link: Link, endpoint: Endpoint, token: bytes | None) -> Channel | Attachment:
        """Have the server of ``link`` tell the procid of messages: by pushing them if it can, else by a
        signalling channel. Raises ProcIdError if it does neither."""
        attachment = self._attachment(link, endpoint, token)
        endpoint.pushed = attachment is not None
        return attachment or self._signalled(link, endpoint.procid, token)

    def _attachment(self, link: Link, endpoint: Endpoint, token: bytes | None) -> Attachment | None:
        if not link.may_push or not settings.push():
            return None
        attachment = Attachment(link, endpoint)
        done = False
        try:
            done = link.may_push = link.run(opening.attach(endpoint.procid, token))
        finally:
            if not done:
                attachment.close()
        return attachment if done else None

    def _signalled(self, link: Link, procid: ProcIdFields, token: bytes | None) -> Channel:
        peers = frozenset((LOOPBACK, decode(link.state.host)))
        listener = Listener(LOOPBACK if link.local else link.here, peers)
        try:
            link.run(opening.set_channel(procid, listener.port, token))
            return listener.accept(self.limits.channel_seconds)
        except TimeoutError as cause:
            raise error(
                Status.ERR_PROCID,
                "open",
                f"the server did not connect to port {listener.port} within "
                f"{self.limits.channel_seconds:g} seconds; is a firewall between us?",
            ) from cause
        finally:
            listener.close()

    def comeback_to(self, session: str | None) -> Comeback:
        """What brings a procid back into a session, by default the one it finds when it is lost."""

        def come_back(opened: Opened) -> list[Any]:
            with self.lock:
                if opened.link.alive or opened.endpoint.closed:
                    return []
                return self._rejoin(opened, session)

        return come_back

    def _rejoin(self, opened: Opened, session: str | None) -> list[Any]:
        link = self.initial_link("open") if session is None else self.link_to(session, "open")
        endpoint, old = opened.endpoint, opened.endpoint.procid.id
        here = decode(link.state.host) if link.local else link.here
        fields = link.run(opening.new_procid(link.state, os.getpid(), socket.inet_aton(here)))
        rejoining = Rejoining(endpoint, link.state, fields)
        channel: Channel | Attachment | None = None
        try:
            channel = self.channel_at(link, endpoint, None)
            link.run(endpoint.journal.replay())
        except BaseException:
            if channel is not None:
                channel.close()
            quietly(link, opening.close(endpoint))
            rejoining.give_up()
            raise
        opened.procid._fields = fields
        self.procids.pop(old, None)
        self.procids[fields.id] = opened
        if self._default_link is opened.link:
            self._default_link = link
        opened.change(link, channel)
        return rejoining.settle(self.store)

    def opened(self, opened: Opened) -> None:
        """A procid is there: it is the default one from now on."""
        with self.lock:
            self.procids[opened.endpoint.procid.id] = opened
            self.default = opened
            if self._default_link is None:
                self._default_link = opened.link

    def close(self, opened: Opened) -> None:
        """Give a procid up; with the last one goes all of the library state (spec 05 section 6.3)."""
        with self.lock:
            # Not in the midst of coming back, in another thread.
            opened.endpoint.closed = True
        quietly(opened.link, opening.close(opened.endpoint))
        opened.forget()
        with self.lock:
            self.procids.pop(opened.endpoint.procid.id, None)
            if self.default is opened:
                self.default = None
            for message in self.store.kept():
                # Nobody will get its answer any more.
                key = identity(message._fields)
                if key[1] == opened.endpoint.procid.id:
                    self.store.release(key)
            if not self.procids:
                self._drop_all()

    @contextlib.contextmanager
    def opening(self) -> Iterator[None]:
        """If this fails and the process has nothing else open, keep no connection of it."""
        try:
            yield
        except BaseException:
            if not self.procids and not self._chosen:
                self._drop_all()
            raise

    def _drop_all(self) -> None:
        self.store.close()
        for link in self._links:
            link.close()
        self._start_over()

    def _start_over(self) -> None:
        self.store = self._new_store()
        self.procids = {}
        self.default = None
        self._links = []
        self._default_link = None
        self._chosen = False
        self._initial = None

    def forget(self) -> None:
        """In a forked child: everything open is the parent's (spec 05 section 6.4)."""
        self.lock = threading.RLock()
        for link in self._links:
            link.forget()
        for opened in self.procids.values():
            opened.renew()
            opened.forget()
        self.store.close()
        self._start_over()

    def abandon(self) -> None:
        """At exit: let the sockets go. The server sees what it sees when a C program ends without
        tt_close: messages left for the exit are sent."""
        for opened in self.procids.values():
            opened.forget()
        for link in self._links:
            link.lose()


PROCESS: Final = Process()
os.register_at_fork(after_in_child=PROCESS.forget)
atexit.register(PROCESS.abandon)
