"""What a display session publishes, when, and what it takes back."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from tests.process.display.screen import NAMES, STRING
from tests.process.peer import Caller

from tooltalk.names import SessionAddress
from tooltalk.wire.authority import parse
from tooltalk.wire.procedures import Proc

pytestmark = pytest.mark.process


def test_both_properties_hold_the_address(serve, screen):
    """02-14: STRING, format 8, equal, without NUL; -p in front of -d prints the same (02 section 1)."""
    server = serve("-d", screen.name)
    for name in NAMES:
        assert screen.property(name) == (STRING, 8, server.address.encode())
    assert len(server.address) <= 80
    assert SessionAddress.parse(server.address).pid == server.pid


def test_launcher_returns_when_clients_can_come(background, screen, home):
    """02 section 3.1: published, and served. -d beats DISPLAY."""
    address = background("-d", screen.name, DISPLAY=":9999")
    assert screen.addresses() == [address, address]
    with Caller.local(address, str(home / "run" / "tooltalk")) as caller:
        caller.sync()


def test_display_without_options(ttsession, screen):
    """02 section 1: DISPLAY alone chooses a display session; nothing is printed on standard output."""
    done = ttsession(DISPLAY=screen.name)
    assert (done.returncode, done.stdout) == (0, "")
    address, same = screen.addresses()
    assert address == same and address is not None


def test_an_empty_display_is_a_bad_one(ttsession):
    """02 section 7.1: set but empty is set."""
    done = ttsession(DISPLAY="")
    assert done.returncode == 1
    assert "]: '' is no display name" in done.stderr


@pytest.mark.parametrize("name", ["foo", "", ":", ":x", ":0x", ":-1", "host:", ":0.", "a:b:c:0"])
def test_bad_display(ttsession, name):
    """02-18, 02 section 7.1: refused at once, with status 1 and a sentence."""
    done = ttsession("-S", "-d", name)
    assert done.returncode == 1
    assert done.stderr.endswith(f"{name} is no display name; give [host]:number, as in :0\n")


def test_host_that_does_not_exist(ttsession):
    """02 section 7.1: nothing to wait for."""
    done = ttsession("-S", "-d", "no-such-host.invalid:0")
    assert done.returncode == 1
    assert "no-such-host.invalid:0" in done.stderr


def test_internal_session_id(serve, screen):
    """02 section 6.2: version 1 callers get ``X ip n``, others ``P address``."""
    server = serve("-d", screen.name)
    assert server.caller().call(Proc.VRFY_SESSION) == b"P " + server.address.encode()
    ident = server.caller(version=1).call(Proc.VRFY_SESSION)
    word, address, number = ident.decode().split(" ")
    assert (word, number) == ("X", str(screen.number))
    assert len(address.split(".")) == 4


def test_inherited_session_id_is_ignored(serve, screen):
    """02 section 6.3."""
    server = serve("-d", screen.name, _TT_SID="foo", _SUN_TT_SID="foo")
    assert server.caller(version=1).call(Proc.VRFY_SESSION).startswith(b"X ")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_orderly_end_deletes_the_properties(serve, screen, number):
    """02-19, 02 section 7.5."""
    server = serve("-d", screen.name)
    server.process.send_signal(number)
    assert server.ended() == 1
    assert screen.addresses() == [None, None]
    assert server.said.splitlines()[-1].endswith("exiting")


@pytest.mark.parametrize("other", NAMES)
def test_property_of_another_server_stays(serve, screen, other):
    """02-19: each property is looked at by itself."""
    server = serve("-d", screen.name)
    screen.put("01 1 1342177279 1 1 0 127.0.0.1 4", other)
    server.process.terminate()
    assert server.ended() == 1
    assert {name: screen.property(name) is not None for name in NAMES} == {
        name: name == other for name in NAMES
    }


def test_end_while_another_program_has_grabbed_the_display(serve, screen):
    """02 section 15.2: the end waits for a limited time; the property stays, and that is said."""
    server = serve("-d", screen.name, TOOLTALK_LIMITS="exit_seconds=1")
    with screen.open() as display:
        display.grab_server()
        display.sync()
        server.process.terminate()
        assert server.ended() == 1
        display.ungrab_server()
        display.sync()
    assert screen.addresses() == [server.address] * 2
    assert "could not delete" in server.said and screen.name in server.said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_end_of_the_x_server(serve, screen, home, number):
    """02-18, 02 section 7.4: status 0, without a word; socket and authority entry are gone."""
    server = serve("-d", screen.name)
    screen.end(number)
    assert (server.ended(), server.said) == (0, "")
    assert list(Path(server.directory).iterdir()) == []
    assert parse((home / ".TTauthority").read_bytes()) == []


def test_events_do_not_matter(serve, screen):
    """02 section 7.4: what every client is told, such as a new keyboard map, is thrown away."""
    server = serve("-d", screen.name)
    with screen.open() as display:
        for _ in range(100):
            display.change_keyboard_mapping(8, [[0]])
        display.sync()
    server.caller().sync()
    server.process.terminate()
    assert server.ended() == 1
    assert screen.addresses() == [None, None]
