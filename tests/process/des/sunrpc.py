"""The C library's AUTH_DES by ctypes, where there is one: its client and its server, without a key server.

Newer libraries have no such thing, or empty functions of these names. glibc keeps it for programs that were
linked long ago, as version GLIBC_2.2.5 of the symbols, which ``dlvsym`` finds. What a key server would do is
done by hooks that the library has for key servers that use it themselves.
"""

from __future__ import annotations

import ctypes as c
import socket
from collections.abc import Callable
from typing import Any

from tooltalk.wire.credentials import Auth
from tooltalk.wire.xdr import Decoder

VERSION = b"GLIBC_2.2.5"
AUTH_BYTES = 400


class Block(c.Structure):
    """des_block."""

    _fields_ = (("bytes", c.c_ubyte * 8),)


class NetObj(c.Structure):
    """netobj: counted bytes."""

    _fields_ = (("length", c.c_uint), ("bytes", c.c_void_p))


class OpaqueAuth(c.Structure):
    """struct opaque_auth."""

    _fields_ = (("flavor", c.c_int), ("base", c.c_void_p), ("length", c.c_uint))


class CryptKeyArg(c.Structure):
    """cryptkeyarg2: whom to have a key in common with, and what to encrypt."""

    _fields_ = (("name", c.c_char_p), ("public", NetObj), ("key", Block))


class CryptKeyResult(c.Structure):
    """cryptkeyres."""

    _fields_ = (("status", c.c_int), ("key", Block))


class AuthHandle(c.Structure):
    """AUTH."""

    _fields_ = (
        ("credential", OpaqueAuth),
        ("verifier", OpaqueAuth),
        ("key", Block),
        ("operations", c.POINTER(c.c_void_p)),
        ("private", c.c_void_p),
    )


class Client(c.Structure):
    """CLIENT."""

    _fields_ = (
        ("auth", c.POINTER(AuthHandle)),
        ("operations", c.POINTER(c.c_void_p)),
        ("private", c.c_void_p),
    )


class InternetAddress(c.Structure):
    """struct sockaddr_in."""

    _fields_ = (
        ("family", c.c_ushort),
        ("port", c.c_ubyte * 2),
        ("host", c.c_ubyte * 4),
        ("zero", c.c_char * 8),
    )


class TimeVal(c.Structure):
    """struct timeval."""

    _fields_ = (("seconds", c.c_long), ("microseconds", c.c_long))


class Xdr(c.Structure):
    """XDR, larger than any library's."""

    _fields_ = (("space", c.c_char * 256),)


HOOK = c.CFUNCTYPE(c.c_void_p, c.c_uint, c.POINTER(CryptKeyArg))
_MARSHAL, _VALIDATE, _DESTROY = 1, 2, 4
_CALL, _CLOSE = 0, 4


class Library:
    """The functions of one C library. Raises LookupError if it has none of them."""

    def __init__(self) -> None:
        self._libc = c.CDLL(None)
        try:
            self._dlvsym = self._libc.dlvsym
        except AttributeError:
            raise LookupError("no dlvsym") from None
        self._dlvsym.restype = c.c_void_p
        self._dlvsym.argtypes = (c.c_void_p, c.c_char_p, c.c_char_p)
        self._kept: list[Any] = []
        self.function("authdes_pk_create", c.c_void_p)

    def address(self, name: str) -> int:
        """Where a symbol is."""
        found = self._dlvsym(None, name.encode(), VERSION)
        if not found:
            raise LookupError(name)
        return int(found)

    def function(self, name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
        """A function of the library."""
        return c.CFUNCTYPE(result, *arguments)(self.address(name))

    def hook(self, name: str, crypt: Callable[[bytes, bytes, bytes], bytes | None]) -> None:
        """Do the work of the key server: crypt(name, public key as hex, block) gives a block or None."""
        answer = CryptKeyResult()

        def called(_uid: int, argument: Any) -> int:
            asked = argument.contents
            public = c.string_at(asked.public.bytes, asked.public.length).rstrip(b"\0")
            block = crypt(asked.name, public, bytes(asked.key.bytes))
            answer.status = 0 if block is not None else 1
            answer.key.bytes[:] = block or bytes(8)
            return c.addressof(answer)

        kept = HOOK(called)
        self._kept += (kept, answer)
        c.c_void_p.from_address(self.address(name)).value = c.cast(kept, c.c_void_p).value

    def netname(self) -> bytes:
        """getnetname: what this process goes by."""
        name = c.create_string_buffer(256)
        assert self.function("getnetname", c.c_int, c.c_char_p)(name)
        return name.value

    def create(self, server: bytes, public: bytes, window: int, key: bytes | None) -> CAuth:
        """authdes_pk_create: a handle for calls of a server with that public key."""
        create = self.function(
            "authdes_pk_create",
            c.POINTER(AuthHandle),
            c.c_char_p,
            c.POINTER(NetObj),
            c.c_uint,
            c.c_void_p,
            c.c_void_p,
        )
        digits = c.create_string_buffer(public)
        handle = create(
            server,
            c.byref(NetObj(len(public) + 1, c.addressof(digits))),
            window,
            None,
            None if key is None else c.create_string_buffer(key, 8),
        )
        assert handle, "authdes_pk_create failed"
        return CAuth(self, handle)

    def connect(self, port: int, program: int, version: int, auth: CAuth) -> CClient:
        """clnttcp_create: a connection to a port of this host, whose calls use ``auth``."""
        create = self.function(
            "clnttcp_create",
            c.POINTER(Client),
            c.POINTER(InternetAddress),
            c.c_ulong,
            c.c_ulong,
            c.POINTER(c.c_int),
            c.c_uint,
            c.c_uint,
        )
        where = InternetAddress(socket.AF_INET)
        where.port[:] = port.to_bytes(2)
        where.host[:] = (127, 0, 0, 1)
        client = create(c.byref(where), program, version, c.byref(c.c_int(-1)), 0, 0)
        assert client, "clnttcp_create failed"
        client.contents.auth = auth.handle
        return CClient(self, client)


class CAuth:
    """A client's handle of the C library."""

    def __init__(self, library: Library, handle: Any) -> None:
        self._library = library
        self.handle = handle

    def call(self) -> tuple[Auth, Auth]:
        """ah_marshal: credential and verifier of the next call."""
        space = c.create_string_buffer(2 * AUTH_BYTES)
        xdr = Xdr()
        make = self._library.function("xdrmem_create", None, c.c_void_p, c.c_void_p, c.c_uint, c.c_int)
        make(c.byref(xdr), space, len(space), 0)
        marshal = self._operation(_MARSHAL, c.c_int, c.POINTER(AuthHandle), c.c_void_p)
        assert marshal(self.handle, c.byref(xdr))
        d = Decoder(space.raw)
        return Auth(d.uint32(), d.opaque(AUTH_BYTES)), Auth(d.uint32(), d.opaque(AUTH_BYTES))

    def accepts(self, verifier: Auth) -> bool:
        """ah_validate: whether it takes that verifier for the server's."""
        body = c.create_string_buffer(verifier.body)
        opaque = OpaqueAuth(verifier.flavor, c.addressof(body), len(verifier.body))
        validate = self._operation(_VALIDATE, c.c_int, c.POINTER(AuthHandle), c.POINTER(OpaqueAuth))
        return bool(validate(self.handle, c.byref(opaque)))

    def destroy(self) -> None:
        self._operation(_DESTROY, None, c.POINTER(AuthHandle))(self.handle)

    def _operation(self, number: int, result: Any, *arguments: Any) -> Callable[..., Any]:
        return c.CFUNCTYPE(result, *arguments)(self.handle.contents.operations[number])


class CClient:
    """A connection of the C library."""

    def __init__(self, library: Library, handle: Any) -> None:
        self._library = library
        self._handle = handle

    def call(self, procedure: int, seconds: int) -> tuple[int, bytes]:
        """clnt_call of a procedure without arguments: its clnt_stat, and its result, a string."""
        call = c.CFUNCTYPE(
            c.c_int,
            c.POINTER(Client),
            c.c_ulong,
            c.c_void_p,
            c.c_void_p,
            c.c_void_p,
            c.c_void_p,
            TimeVal,
        )(self._handle.contents.operations[_CALL])
        find, result = self._library.address, c.c_char_p()
        void, string = find("xdr_void"), find("xdr_wrapstring")
        stat = call(self._handle, procedure, void, None, string, c.byref(result), TimeVal(seconds, 0))
        return stat, result.value or b""

    def close(self) -> None:
        c.CFUNCTYPE(None, c.POINTER(Client))(self._handle.contents.operations[_CLOSE])(self._handle)


def library() -> Library | None:
    """The C library's AUTH_DES, None where it has none."""
    try:
        return Library()
    except (LookupError, OSError):
        return None
