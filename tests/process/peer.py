"""A client by hand: RPC calls to a session's server, and a procid with its signalling channel.

It knows nothing that ``tooltalk.wire`` does not know, so tests can send what no library would.
"""

from __future__ import annotations

import itertools
import os
import select
import socket
import struct
from typing import Any

from tooltalk.limits import Limits
from tooltalk.model.enums import Address, Category, Class, Scope, State
from tooltalk.model.message import Message
from tooltalk.model.pattern import Pattern
from tooltalk.model.procid import ProcId
from tooltalk.names import SessionAddress
from tooltalk.wire import rpc
from tooltalk.wire.calls import ChannelArgs, PatternArgs, PtypeArgs, UpdateArgs
from tooltalk.wire.credentials import NO_AUTH, Auth, write_cookie
from tooltalk.wire.procedures import PROCEDURES, Proc
from tooltalk.wire.record import RecordReader, frame
from tooltalk.wire.results import NextMessage

SCALE = float(os.environ.get("TT_TEST_TIMEOUT_SCALE", "1"))
PATIENCE = 40.0 * SCALE
LOOPBACK = bytes([127, 0, 0, 1])


class Refused(AssertionError):
    """A call got no result; ``reply`` says what it got."""

    def __init__(self, reply: rpc.Reply) -> None:
        super().__init__(f"accept_stat {reply.accept_stat}, auth_stat {reply.auth_stat}")
        self.reply = reply


class Caller:
    """One RPC connection. cookie: put in front of all arguments, if there is one."""

    def __init__(
        self,
        sock: socket.socket,
        program: int,
        *,
        version: int = 4,
        cookie: bytes = b"",
        credential: Auth = NO_AUTH,
    ) -> None:
        self.sock = sock
        self.program = program
        self.version = version
        self.cookie = cookie
        self.credential = credential
        self._reader = RecordReader(Limits())
        self._xids = itertools.count(1)
        self._replies: list[rpc.Reply] = []
        sock.settimeout(PATIENCE)

    @classmethod
    def local(cls, address: str, directory: str, **options: Any) -> Caller:
        """Through the Unix-domain socket in ``directory``."""
        where = SessionAddress.parse(address)
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.settimeout(PATIENCE)
        sock.connect(f"{directory}/{where.socket_name}")
        return cls(sock, where.program, **options)

    @classmethod
    def tcp(cls, address: str, port: int, host: str = "127.0.0.1", **options: Any) -> Caller:
        """By TCP to a port, by default of this host."""
        sock = socket.create_connection((host, port), PATIENCE)
        return cls(sock, SessionAddress.parse(address).program, **options)

    def close(self) -> None:
        self.sock.close()

    def __enter__(self) -> Caller:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def record(self, procedure: int, args: bytes = b"", **changes: Any) -> tuple[int, bytes]:
        """xid and record of a call with encoded arguments; changes: program, version, credential, cookie."""
        xid = next(self._xids)
        cookie = changes.get("cookie", self.cookie)
        record = rpc.build_call(
            xid,
            changes.get("program", self.program),
            changes.get("version", self.version),
            procedure,
            (write_cookie(cookie) if cookie else b"") + args,
            changes.get("credential", self.credential),
        )
        return xid, record

    def send(self, procedure: int, args: bytes = b"", **changes: Any) -> int:
        """Send a call with encoded arguments; its xid."""
        xid, record = self.record(procedure, args, **changes)
        self.sock.sendall(frame(record))
        return xid

    def ask(self, procedure: int, args: bytes = b"", **changes: Any) -> rpc.Reply:
        """Send a call with encoded arguments and wait for its reply, whatever it is."""
        return self.reply(self.send(procedure, args, **changes))

    def call(self, procedure: Proc, args: Any = None, **changes: Any) -> Any:
        """The decoded result of a call; raises Refused if there is none."""
        row = PROCEDURES[procedure]
        version = changes.get("version", self.version)
        reply = self.ask(procedure, row.encode_args(args, version), **changes)
        if reply.accept_stat != rpc.AcceptStat.SUCCESS:
            raise Refused(reply)
        return row.decode_result(reply.data, reply.pos, version)

    def tell(self, procedure: Proc, args: Any, **changes: Any) -> int:
        """Send a call and do not wait: one-way procedures, and pipelines."""
        row = PROCEDURES[procedure]
        return self.send(procedure, row.encode_args(args, changes.get("version", self.version)), **changes)

    def reply(self, xid: int) -> rpc.Reply:
        """Wait for the reply to a call; replies to others stay for later."""
        while True:
            for reply in self._replies:
                if reply.xid == xid:
                    self._replies.remove(reply)
                    return reply
            data = self.sock.recv(1 << 16)
            if not data:
                raise EOFError("the server closed the connection")
            self._replies += [rpc.parse_reply(record) for record in self._reader.feed(data)]

    def sync(self) -> None:
        """Return when the server has executed all calls sent before."""
        assert self.ask(Proc.NULLPROC).accept_stat == rpc.AcceptStat.SUCCESS

    def hung_up(self) -> bool:
        """Wait until the server closes the connection; False if it sends something instead."""
        try:
            return self.sock.recv(1) == b""
        except ConnectionResetError:
            return True


class Tool:
    """A procid: key, listening socket, signalling channel. It shares the connection of its caller."""

    def __init__(
        self, caller: Caller, address: str, *, active: bool = True, token: bytes | None = None
    ) -> None:
        self.caller = caller
        key = caller.call(Proc.ALLOC_PROCID_KEY)
        self.procid = ProcId(key + b" " + address.encode(), os.getpid(), LOOPBACK)
        self.address = address.encode()
        self.channel: socket.socket | None = None
        self._held: list[Message] = []
        self._ids = itertools.count()
        self._patterns = itertools.count()
        if active:
            assert self.open_channel(token) == 0

    def open_channel(self, token: bytes | None = None) -> int:
        """SET_FD_CHANNEL; its status. On success the server's connection is ``channel``."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(PATIENCE)
            port = listener.getsockname()[1]
            status = int(self.caller.call(Proc.SET_FD_CHANNEL, ChannelArgs(self.procid, port, token)))
            if status == 0:
                self.shut()
                self.channel, _ = listener.accept()
                self.channel.settimeout(PATIENCE)
        return status

    def shut(self) -> None:
        """Close our end of the channel."""
        if self.channel is not None:
            self.channel.close()
            self.channel = None

    def __enter__(self) -> Tool:
        return self

    def __exit__(self, *_error: object) -> None:
        self.shut()

    def signal(self) -> bytes:
        """Wait for one byte of the channel; empty at its end."""
        assert self.channel is not None
        return self.channel.recv(1)

    def signalled(self) -> bool:
        """Whether a byte, or the end, is there now."""
        return bool(select.select([self.channel], [], [], 0)[0])

    def next(self) -> NextMessage:
        """NEXT_MESSAGE."""
        result = self.caller.call(Proc.NEXT_MESSAGE, self.procid)
        assert isinstance(result, NextMessage)
        return result

    def receive(self) -> Message:
        """The next message: one that came with others, or else wait for the signal and fetch."""
        if not self._held:
            assert self.signal() == b"s"
            self._held = self.next().messages
        return self._held.pop()

    def pattern(self, category: int = Category.OBSERVE, op: bytes = b"Hello") -> Pattern:
        """A pattern for notices and requests of an op in this session."""
        pattern = Pattern(b"%d:%s" % (next(self._patterns), self.procid.id), category)
        pattern.ops = [op]
        pattern.scopes = 1 << Scope.SESSION
        pattern.sessions = [self.address]
        return pattern

    def observe(self, op: bytes = b"Hello") -> None:
        """Register for notices of an op."""
        assert self.add(self.pattern(Category.OBSERVE, op)) == 0

    def handle(self, op: bytes = b"Hello") -> None:
        """Register to handle requests of an op."""
        pattern = self.pattern(Category.HANDLE, op)
        pattern.classes = 1 << Class.REQUEST
        assert self.add(pattern) == 0

    def add(self, pattern: Pattern) -> int:
        return int(self.caller.call(Proc.ADD_PATTERN, PatternArgs(self.procid, pattern)))

    def declare(self, ptid: bytes) -> int:
        return int(self.caller.call(Proc.DECLARE_PTYPE, PtypeArgs(self.procid, ptid)))

    def message(self, op: bytes = b"Hello", tt_class: int = Class.NOTICE) -> Message:
        """A message to be sent, procedure-addressed and session-scoped."""
        message = Message(next(self._ids), int(tt_class), op)
        message.state = State.CREATED.value
        message.address = Address.PROCEDURE.value
        message.scope = Scope.SESSION.value
        message.sender = self.procid
        message.uid = os.getuid()
        message.gid = os.getgid()
        return message

    def dispatch(self, message: Message) -> None:
        """Send it one-way, as libtt does."""
        self.caller.tell(Proc.DISPATCH_2, message)

    def answer(self, message: Message, state: int, status: int = 0) -> int:
        """UPDATE_MSG of a message that was received."""
        update = message.copy()
        update.status = status
        return int(self.caller.call(Proc.UPDATE_MSG, UpdateArgs(state, update)))

    def close(self) -> int:
        """CLOSE_PROCID."""
        return int(self.caller.call(Proc.CLOSE_PROCID, self.procid))


def reset(sock: socket.socket) -> None:
    """Close a TCP connection so that the other end sees a reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()
