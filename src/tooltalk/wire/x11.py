"""The X protocol, as much of it as a display session needs: bytes in, bytes out (spec 02 section 7).

python-xlib knows how requests and replies are laid out. Its ``Display`` is not used: it waits for the X
server without limit, asks two dozen questions about keyboard and extensions first, and prints on
standard output. A frontend owns the socket and the clock; what is asked stands here, as operations that
yield bytes and are sent the replies to them (compare ``ttclient.protocol``).

Imported only for display sessions: python-xlib costs a quarter of the time the server takes to start.
"""

from __future__ import annotations

import struct
import sys
from collections import deque
from collections.abc import Callable, Generator, Sequence
from typing import Any, Final, TypeVar

from Xlib import X, Xatom
from Xlib.error import xerror_class
from Xlib.protocol import request
from Xlib.protocol.display import ConnectionSetupRequest

from tooltalk.errors import BadEncoding, Unavailable
from tooltalk.names import ADDRESS_MAX
from tooltalk.wire.x11_places import Authority

PROPERTIES: Final = (b"TT_SESSION", b"_SUN_TT_SESSION")
"""Names of the session's properties, in the order in which they are written and read."""

_T = TypeVar("_T")

_PROTOCOL: Final = 11
_HEADER_BYTES: Final = 8
_PACKET_BYTES: Final = 32
_LONGEST: Final = 1 << 20
_BYTE_ORDER: Final = {"little": 0x6C, "big": 0x42}[sys.byteorder]
_HEADER: Final = struct.Struct("=BBHI")
_GREETING_LENGTH: Final = struct.Struct("=6xH")
_ERROR: Final = 0
_REPLY: Final = 1
_GENERIC_EVENT: Final = 35
_SUCCESS: Final = 1
_STRING_FORMAT: Final = 8

Reply = dict[str, Any]
Operation = Generator[bytes, list[Reply], _T]
"""Yields requests to write, is sent the replies to them, returns a ``_T``."""

Ask = tuple[Any, dict[str, Any]]
"""A request class of python-xlib and its fields."""

_SYNC: Final[Ask] = (request.GetInputFocus, {})
"""The cheapest question: once it is answered, all requests before it are done."""
_GRAB: Final[Ask] = (request.GrabServer, {})
_UNGRAB: Final[Ask] = (request.UngrabServer, {})


class _Numbers:
    """python-xlib turns resources into objects of a display; this display leaves them numbers."""

    def get_resource_class(self, _name: str, _default: None = None) -> None:
        return None


_NUMBERS: Final = _Numbers()


class Conversation:
    """The state of one connection to an X server.

    root: the root window of screen 0, once the greeting was answered.
    """

    __slots__ = ("_awaited", "_buffer", "_greeted", "_replies", "_sent", "root")

    def __init__(self) -> None:
        self.root = 0
        self._greeted = False
        self._buffer = b""
        self._sent = 0
        self._awaited: deque[tuple[int, Any]] = deque()
        self._replies: list[Reply] = []

    def greeting(self, authority: Authority) -> bytes:
        """The first bytes of a connection."""
        return _pack(
            ConnectionSetupRequest,
            byte_order=_BYTE_ORDER,
            protocol_major=_PROTOCOL,
            protocol_minor=0,
            auth_prot_name=authority.name,
            auth_prot_data=authority.data,
        )

    def ask(self, *requests: Ask) -> bytes:
        """The bytes of ``requests``, whose replies are awaited from now on."""
        for kind, _fields in requests:
            self._sent += 1
            if hasattr(kind, "_reply"):
                self._awaited.append((self._sent & 0xFFFF, kind))
        return b"".join(_pack(kind, **fields) for kind, fields in requests)

    def feed(self, data: bytes) -> None:
        """Bytes that arrived. Events are skipped.

        Raises ConnectionResetError if the X server is gone, Unavailable if it refuses us or a request,
        BadEncoding if it talks nonsense. The connection is of no use then.
        """
        if not data:
            raise ConnectionResetError("the X server closed the connection")
        self._buffer += data
        while packet := self._cut():
            if self._greeted:
                self._take(packet)
            else:
                self._begin(packet)

    def answers(self) -> list[Reply] | None:
        """The replies to all that was asked since the last time; None while one is missing."""
        if self._awaited or not self._greeted:
            return None
        replies, self._replies = self._replies, []
        return replies

    def _cut(self) -> bytes:
        """The next packet, empty while it is not complete."""
        if len(self._buffer) < (_PACKET_BYTES if self._greeted else _HEADER_BYTES):
            return b""
        size = self._packet_size()
        if size > _LONGEST:
            raise BadEncoding(f"the X server announces {size} bytes")
        if len(self._buffer) < size:
            return b""
        packet, self._buffer = self._buffer[:size], self._buffer[size:]
        return packet

    def _packet_size(self) -> int:
        words: int
        if not self._greeted:
            (words,) = _GREETING_LENGTH.unpack_from(self._buffer)
            return _HEADER_BYTES + 4 * words
        kind, _, _, words = _HEADER.unpack_from(self._buffer)
        return _PACKET_BYTES + (4 * words if kind & 0x7F in (_REPLY, _GENERIC_EVENT) else 0)

    def _begin(self, packet: bytes) -> None:
        status, length = packet[0], packet[1]
        if status != _SUCCESS:
            reason = packet[_HEADER_BYTES:][: length or None].rstrip(b"\0 \n")
            raise Unavailable(f"the X server refuses us: {reason.decode('latin-1') or 'no reason given'}")
        setup = _unpack(ConnectionSetupRequest._success_reply, packet[_HEADER_BYTES:])
        if not setup["roots"]:
            raise BadEncoding("the X server has no screen")
        self.root = setup["roots"][0]["root"]
        self._greeted = True

    def _take(self, packet: bytes) -> None:
        kind, code, sequence, _ = _HEADER.unpack_from(packet)
        if kind == _ERROR:
            name = getattr(xerror_class.get(code), "__name__", "error")
            raise Unavailable(f"the X server answered {name} ({code}) to a request of type {packet[10]}")
        if kind != _REPLY:
            return
        if not self._awaited or self._awaited[0][0] != sequence:
            raise BadEncoding("the X server answered what was not asked")
        _, asked = self._awaited.popleft()
        self._replies.append(_unpack(asked._reply, packet))


def _pack(kind: Any, **fields: Any) -> bytes:
    packed: bytes = kind._request.to_binary(**fields)
    return packed


def _unpack(layout: Any, data: bytes) -> Reply:
    try:
        reply: Reply = layout.parse_binary(data, _NUMBERS, rawdict=True)[0]
    except Exception as fault:
        # python-xlib trusts X servers; on other bytes it raises whatever comes first.
        raise BadEncoding(f"the X server's answer does not decode: {fault}") from None
    return reply


def converse(
    talk: Conversation, operation: Operation[_T], send: Callable[[bytes], None], receive: Callable[[], bytes]
) -> _T:
    """Drive ``operation`` over a transport; what it returns. Raises what the transport and ``feed`` raise."""
    try:
        data = next(operation)
        while True:
            send(data)
            while (replies := talk.answers()) is None:
                talk.feed(receive())
            data = operation.send(replies)
    except StopIteration as done:
        result: _T = done.value
        return result


# What is asked


def greet(talk: Conversation, authority: Authority) -> Operation[list[int]]:
    """Begin; the atoms of the properties."""
    yield talk.greeting(authority)
    names = ((request.InternAtom, {"name": name, "only_if_exists": False}) for name in PROPERTIES)
    replies = yield talk.ask(*names)
    return [reply["atom"] for reply in replies]


def read(talk: Conversation, atoms: Sequence[int]) -> Operation[list[bytes | None]]:
    """What the properties hold: None where there is none, empty where it is no string of bytes."""
    replies = yield talk.ask(*_gets(talk, atoms))
    return [_value(reply) for reply in replies]


def grab(talk: Conversation) -> Operation[None]:
    """Wait until no other client is served any more: all others wait until ``ungrab``, or our end."""
    yield talk.ask(_GRAB, _SYNC)


def ungrab(talk: Conversation) -> Operation[None]:
    """Let the others go on."""
    yield talk.ask(_UNGRAB, _SYNC)


def publish(talk: Conversation, atoms: Sequence[int], value: bytes) -> Operation[None]:
    """Put ``value`` into all properties, and ungrab."""
    changes = (
        (
            request.ChangeProperty,
            {
                "mode": X.PropModeReplace,
                "window": talk.root,
                "property": atom,
                "type": Xatom.STRING,
                "data": (_STRING_FORMAT, value),
            },
        )
        for atom in atoms
    )
    yield talk.ask(*changes, _UNGRAB, _SYNC)


def withdraw(talk: Conversation, atoms: Sequence[int]) -> Operation[None]:
    """Delete properties, and ungrab."""
    deletions = ((request.DeleteProperty, {"window": talk.root, "property": atom}) for atom in atoms)
    yield talk.ask(*deletions, _UNGRAB, _SYNC)


def _gets(talk: Conversation, atoms: Sequence[int]) -> list[Ask]:
    where = {"window": talk.root, "type": Xatom.STRING, "delete": False}
    length = {"long_offset": 0, "long_length": ADDRESS_MAX // 4}
    return [(request.GetProperty, {**where, **length, "property": atom}) for atom in atoms]


def _value(reply: Reply) -> bytes | None:
    if reply["property_type"] == X.NONE:
        return None
    found = reply["value"]
    if reply["property_type"] != Xatom.STRING or found is None or found[0] != _STRING_FORMAT:
        return b""
    return bytes(found[1])
