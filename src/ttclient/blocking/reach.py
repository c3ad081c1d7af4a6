"""Reaching a session's server: its Unix-domain socket first, else rpcbind and TCP (DESIGN section 3)."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import stat
import struct
import time
from collections.abc import Mapping
from typing import Final, NamedTuple

from tooltalk.errors import BadEncoding
from tooltalk.limits import Limits
from tooltalk.model.enums import AuthLevel
from tooltalk.names import SessionAddress, socket_directories
from tooltalk.status import Status
from tooltalk.wire import authority, portmap
from tooltalk.wire.credentials import NO_AUTH, Auth, UnixCredential
from tooltalk.wire.rpc import parse_reply
from ttclient.blocking import authorityfile, deskeys
from ttclient.conversation import Conversation
from ttclient.errors import error
from ttclient.text import encode

_FUNCTION: Final = "open"
_DATAGRAM: Final = 8192
_OTHERS_MAY_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH
_TIMEVAL: Final = struct.Struct("@ll")


class Reached(NamedTuple):
    """A connected socket, and what its calls must carry. here: our address as the server sees it;
    local: whether the server runs on this machine; unix: whether this is its own socket. conversation:
    makes the credentials instead, at level des."""

    socket: socket.socket
    credential: Auth
    cookie: bytes | None
    here: str
    local: bool
    unix: bool = False
    conversation: Conversation | None = None


def reach(address: SessionAddress, limits: Limits, environ: Mapping[str, str]) -> Reached:
    """Connect to the server at ``address``.

    Raises NoServerError if there is none, AuthorizationError if we have nothing to show it.
    """
    own = _reach_unix(address, limits, environ)
    if own is not None:
        return own
    credential, cookie = _credentials(address, limits, environ)
    conversation = None
    if address.auth_level == AuthLevel.DES:
        conversation = deskeys.converse(address, limits, environ)
    port = _port_of(address, limits)
    try:
        connection = socket.create_connection((address.host, port), limits.connect_seconds)
    except OSError as cause:
        raise _nobody(address, f"port {port} of {address.host}: {cause}") from cause
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    here = connection.getsockname()[0]
    local = here == connection.getpeername()[0] or address.host.startswith("127.")
    return Reached(connection, credential, cookie, here, local, conversation=conversation)


def _nobody(address: SessionAddress, why: str) -> Exception:
    return error(
        Status.ERR_NOMP,
        _FUNCTION,
        f"no ttsession answers for {address.text!r} ({why}); is it still running, and is TT_SESSION right?",
    )


def _reach_unix(address: SessionAddress, limits: Limits, environ: Mapping[str, str]) -> Reached | None:
    """The server's own socket, where the kernel says who we are; None where there is none."""
    uid = os.geteuid()
    for directory in socket_directories(environ, uid):
        if not _is_ours(directory, uid):
            continue
        connection = _connect_unix(f"{directory}/{address.socket_name}", limits.connect_seconds)
        if connection is not None:
            return Reached(connection, NO_AUTH, None, address.host, True, True)
    return None


def _connect_unix(path: str, seconds: float) -> socket.socket | None:
    """A connection to the local socket ``path``, None if nobody listens there.

    A server that is busy, or stopped, has a full queue there: it is waited for, as it is by TCP. The system
    does that by itself, but only for a socket without a timeout of Python's own.
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    whole = int(seconds)
    connection.setsockopt(
        socket.SOL_SOCKET, socket.SO_SNDTIMEO, _TIMEVAL.pack(whole, int((seconds - whole) * 1e6))
    )
    try:
        connection.connect(path)
    except BlockingIOError:
        connection.close()
        raise error(
            Status.ERR_NOMP, _FUNCTION, f"ttsession is there, but has taken no connection in {seconds:g} s"
        ) from None
    except OSError:
        connection.close()
        return None
    connection.settimeout(seconds)
    return connection


def _is_ours(directory: str, uid: int) -> bool:
    """Whether nobody else can have put a socket there."""
    try:
        found = os.lstat(directory)
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == uid and not found.st_mode & _OTHERS_MAY_WRITE


def _credentials(
    address: SessionAddress, limits: Limits, environ: Mapping[str, str]
) -> tuple[Auth, bytes | None]:
    """Credential and cookie for the session's level, those of des aside (spec 01 section 5.1)."""
    level = address.auth_level
    if level == AuthLevel.COOKIE:
        return NO_AUTH, _cookie(address, limits, environ)
    if level == AuthLevel.UNIX:
        machine = encode(os.uname().nodename)
        groups = tuple(os.getgroups())
        mine = UnixCredential(os.geteuid(), os.getegid(), groups, machine, int(time.time()) & 0xFFFFFFFF)
        return mine.auth(), None
    return NO_AUTH, None


def _cookie(address: SessionAddress, limits: Limits, environ: Mapping[str, str]) -> bytes:
    """The session's cookie; read without a lock, as the C library does (spec 01 section 5.3)."""
    name = authorityfile.name_in(environ)
    if name is None:
        raise error(
            Status.ERR_AUTHORIZATION, _FUNCTION, "neither TTAUTHORITY nor HOME names an authority file"
        )
    try:
        entries = authorityfile.entries_of(name, limits)
    except OSError as cause:
        raise error(
            Status.ERR_AUTHORIZATION,
            _FUNCTION,
            f"{_gone(address)}cannot read the authority file {name}: {cause.strerror}",
        ) from cause
    entry = authority.find(entries, address.authority_id.encode("ascii"))
    if entry is None:
        raise error(
            Status.ERR_AUTHORIZATION,
            _FUNCTION,
            f"{_gone(address)}{name} has no entry {address.authority_id} for this session; if its ttsession "
            "still runs, copy the entry from the account that runs it (ttauth extract and merge)",
        )
    return entry.cookie


def _gone(address: SessionAddress) -> str:
    """What is most likely where a server of this machine has neither a local socket nor a cookie for us.

    A server takes both away when it ends. Empty for a server of another machine, which has no socket here.
    """
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here:
            here.bind((address.host, 0))
    except OSError:
        return ""
    return "the session's server is probably gone, start a new session or correct TT_SESSION: "


def _port_of(address: SessionAddress, limits: Limits) -> int:
    """What rpcbind on the session's host says, one question by UDP (spec 01 section 2.3)."""
    xid = secrets.randbits(32)
    call = portmap.getport_call(xid, address.program, address.version)
    deadline = time.monotonic() + limits.portmap_seconds
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect((address.host, portmap.PORT))
            asking.send(call)
            port = _await_port(asking, xid, deadline)
        except OSError as cause:
            raise _nobody(address, f"rpcbind on {address.host} does not answer: {cause}") from cause
    if port == 0:
        raise _nobody(address, f"rpcbind on {address.host} does not know program {address.program}")
    return port


def _await_port(asking: socket.socket, xid: int, deadline: float) -> int:
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        asking.settimeout(left)
        data = asking.recv(_DATAGRAM)
        with contextlib.suppress(BadEncoding):
            reply = parse_reply(data)
            if reply.xid == xid:
                return portmap.read_port(reply)
