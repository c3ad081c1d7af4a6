"""Small rules of the server that need no process: access, environment, names, limits, texts."""

from __future__ import annotations

import string

import pytest

from tooltalk import limits
from tooltalk.model.enums import AuthLevel
from tooltalk.names import socket_directories
from tooltalk.server import messages
from tooltalk.server.access import Access, Denied
from tooltalk.server.environment import session_environment, tool_variables
from tooltalk.server.log import printable
from tooltalk.server.peer import Peer
from tooltalk.server.portmap import preferred_programs, program_without_mapper, register
from tooltalk.server.procedures import HANDLERS
from tooltalk.wire.credentials import NO_AUTH, UnixCredential, write_cookie
from tooltalk.wire.procedures import PROCEDURES
from tooltalk.wire.rpc import AuthStat, Call, build_call, parse_call

LOCAL = Peer(True, unix_uid=7)
REMOTE = Peer(False, "10.0.0.1")


def test_every_procedure_is_executed():
    assert set(HANDLERS) == set(PROCEDURES)


def call(args: bytes = b"", credential=NO_AUTH) -> Call:
    return parse_call(build_call(1, 2, 4, 0, args, credential))


def test_unix_is_not_believed_from_another_host():
    """02 section 9.2: any host can claim any uid."""
    with pytest.raises(Denied) as denied:
        Access(AuthLevel.UNIX, 7).arguments(call(credential=UnixCredential(7, 7).auth()), REMOTE)
    assert denied.value.stat == AuthStat.TOOWEAK


def test_cookie_is_stripped():
    access = Access(AuthLevel.COOKIE, 7, b"secret")
    request = call(write_cookie(b"secret") + b"args")
    assert request.data[access.arguments(request, REMOTE) :] == b"args"


def test_an_empty_cookie_lets_nobody_in():
    with pytest.raises(Denied):
        Access(AuthLevel.COOKIE, 7).arguments(call(write_cookie(b"")), REMOTE)


def test_local_socket_has_no_cookie():
    request = call(b"args")
    assert Access(AuthLevel.COOKIE, 7, b"secret").arguments(request, LOCAL) == request.pos
    with pytest.raises(Denied):
        Access(AuthLevel.NONE, 8).arguments(request, LOCAL)


def test_environment_of_the_session():
    """02 section 4, item 4."""
    outer = {b"TT_SESSION": b"old", b"_TT_SID": b"x", b"_SUN_TT_TOKEN": b"x", b"TT_FILE": b"x", b"PATH": b"p"}
    assert session_environment(outer, b"new") == {
        b"PATH": b"p",
        b"TT_SESSION": b"new",
        b"_SUN_TT_SESSION": b"new",
    }
    assert tool_variables(b"a", b"P a") == {
        b"TT_SESSION": b"a",
        b"_SUN_TT_SESSION": b"a",
        b"_TT_SID": b"P a",
        b"_SUN_TT_SID": b"P a",
    }


@pytest.mark.parametrize(
    ("environ", "places"),
    [
        ({}, ["/tmp/tooltalk-7", "/run/user/7/tooltalk"]),
        (
            {"XDG_RUNTIME_DIR": "/x", "TMPDIR": "/t/"},
            ["/x/tooltalk", "/t/tooltalk-7", "/tmp/tooltalk-7", "/run/user/7/tooltalk"],
        ),
        ({"XDG_RUNTIME_DIR": "/run/user/7"}, ["/run/user/7/tooltalk", "/tmp/tooltalk-7"]),
        ({"XDG_RUNTIME_DIR": "relative", "TMPDIR": ""}, ["/tmp/tooltalk-7", "/run/user/7/tooltalk"]),
    ],
)
def test_socket_directories(environ, places):
    """DESIGN section 3; a relative XDG_RUNTIME_DIR is none, as its standard says."""
    assert socket_directories(environ, 7) == places


def test_limits_from_the_environment():
    assert limits.parse("") == limits.Limits()
    changed = limits.parse("start_seconds=1.5  connections=9")
    assert (changed.start_seconds, changed.connections) == (1.5, 9)
    for bad in (
        "nope=1",
        "connections",
        "connections=",
        "connections=1.5",
        "start_seconds=nan",
        "clients=inf",
    ):
        with pytest.raises(ValueError):
            limits.parse(bad)


def test_program_numbers():
    """01 section 2.1."""
    numbers = list(preferred_programs())
    assert len(set(numbers)) == 102
    assert (numbers[0], numbers[50], numbers[51], numbers[-1]) == (
        0x4FFFFFFF,
        0x50000031,
        0x4FFFFFFE,
        0x4FFFFFCC,
    )
    free = {program_without_mapper(pid) for pid in range(1, 5000)}
    assert len(free) == 4999
    assert not free & set(numbers)
    assert all(0x40000000 <= number <= 0x5FFFFFFF for number in free)


class Table:
    """A port mapper that another program has registered version 1 of some numbers with."""

    def __init__(self, *taken: int) -> None:
        self.rows = {(number, 1): 1 for number in taken}

    def set(self, program: int, version: int, port: int) -> bool:
        return self.rows.setdefault((program, version), port) == port

    def unset(self, program: int, version: int) -> bool:
        return self.rows.pop((program, version), None) is not None

    def ports(self) -> dict[int, int]:
        return {program: port for (program, _), port in self.rows.items()}


def test_both_versions_or_none():
    """01 section 2.1: a number whose version 1 is taken is left as it was."""
    table = Table(0x4FFFFFFF)
    assert register(table, 4711, limits.Limits()) == 0x50000000
    assert table.rows == {(0x4FFFFFFF, 1): 1, (0x50000000, 4): 4711, (0x50000000, 1): 4711}


def test_printable():
    """02 section 16, CVE-2001-0717: nothing upsets a terminal or forges a line."""
    assert printable("plain text, ümläut") == "plain text, ümläut"
    assert printable("a\nb\x1b[2J\udc80%n") == "a\\nb\\x1b[2J\\udc80%n"


def test_texts_of_the_catalogue():
    """Numbers are unique, and every sentence has as many arguments as its table says."""
    texts = [value for value in vars(messages).values() if isinstance(value, messages.Text)]
    places = [(text.set, text.number) for text in texts]
    assert len(set(places)) == len(places)
    arguments = {(3, 2): 3, (3, 8): 1, (3, 9): 2, (3, 12): 0, (3, 13): 0, (3, 20): 0, (1, 22): 1, (1, 23): 0}
    for text in texts:
        if (text.set, text.number) in arguments:
            found = sum(1 for place in text.english.split("%")[1:] if place[:1] in string.ascii_letters)
            assert found == arguments[text.set, text.number]
