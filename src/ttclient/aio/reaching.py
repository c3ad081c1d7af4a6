"""Finding and reaching a session's server without holding up the event loop.

Looking a session up asks name servers, authority files, rpcbind and X servers, each in its own way
and each only once: that is done in a thread, by what the blocking frontend has for it.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from typing import Final, NamedTuple

from tooltalk.limits import Limits
from tooltalk.names import BadAddress, SessionAddress, session_id
from tooltalk.status import Status
from ttclient import opening
from ttclient.aio.link import Link
from ttclient.blocking import display
from ttclient.blocking.reach import Reached, reach
from ttclient.endpoint import SessionState
from ttclient.errors import SessionError, error
from ttclient.protocol import Connection
from ttclient.text import decode, encode

_FUNCTION: Final = "open"


class Found(NamedTuple):
    """A session and a connected socket to its server."""

    ident: str
    address: SessionAddress
    reached: Reached


async def connect(name: str | None, limits: Limits) -> Link:
    """A verified connection to a session. name: its id, by default what the environment names now.

    Raises what ``ttclient.open`` raises.
    """
    for _ in range(limits.ping_tries - 1):
        link = await _try(name, limits)
        if link is not None:
            return link
        await asyncio.sleep(limits.ping_seconds)
    link = await _try(name, limits)
    if link is None:
        raise error(Status.ERR_NOMP, _FUNCTION, "the server of the session gives no answer")
    return link


async def _try(name: str | None, limits: Limits) -> Link | None:
    found = await _found(name, limits)
    address, reached = found.address, found.reached
    connection = Connection(
        address.program,
        address.version,
        reached.credential,
        reached.cookie,
        limits,
        secrets.randbits(32),
        reached.conversation,
    )
    state = SessionState(encode(found.ident), address)
    link = Link(state, connection, limits, reached.here, reached.local, reached.unix)
    verified = False
    try:
        await asyncio.get_running_loop().create_connection(lambda: link, sock=reached.socket)
        async with asyncio.timeout(limits.connect_seconds):
            verified = await link.run(opening.verify(state))
    except TimeoutError:
        verified = False
    finally:
        if not verified:
            link.abort()
            reached.socket.close()
    return link if verified else None


async def _found(name: str | None, limits: Limits) -> Found:
    """Look it up in a thread; one that is given up closes its socket when it has it."""
    looking = asyncio.get_running_loop().run_in_executor(None, _find, name, limits)
    try:
        return await asyncio.shield(looking)
    except asyncio.CancelledError:
        looking.add_done_callback(_discard)
        raise


def _discard(looking: asyncio.Future[Found]) -> None:
    if not looking.cancelled() and looking.exception() is None:
        looking.result().reached.socket.close()


def _find(name: str | None, limits: Limits) -> Found:
    try:
        ident = display.named(os.environ, _FUNCTION) if name is None else session_id(name)
        address = _address(ident, limits)
    except BadAddress as bad:
        raise _wrong(bad, name is not None) from bad
    found = Found(ident, address, reach(address, limits, os.environ))
    found.reached.socket.setblocking(False)
    return found


def _address(ident: str, limits: Limits) -> SessionAddress:
    """The address of a session; an X display is looked at, and its server started if need be."""
    if not ident.startswith("X"):
        return SessionAddress.parse(ident[2:])
    link = display.connect(ident[2:], limits, os.environ)
    address = SessionAddress.parse(decode(link.state.address))
    link.close()
    return address


def _wrong(bad: BadAddress, given: bool) -> Exception:
    """1053 belongs to SessionError only where a session was the argument (spec 05 section 1.1)."""
    problem = opening.bad_session(bad, _FUNCTION)
    if given or not isinstance(problem, SessionError):
        return problem
    return error(problem.status, _FUNCTION, problem.detail)


def address_of(link: Link) -> bytes:
    """Our address as procids carry it."""
    return socket.inet_aton(decode(link.state.host) if link.local else link.here)
