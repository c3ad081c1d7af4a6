"""One display, and servers and programs of both kinds on it."""

from __future__ import annotations

import os
import select
import signal
import sys

import pytest
from tests.conformance.client.conftest import CProgram
from tests.process.conftest import listening_port
from tests.process.display.screen import NAMES
from tests.process.peer import PATIENCE, Caller

import ttclient
from tooltalk.names import SessionAddress
from tooltalk.wire import authority
from tooltalk.wire.procedures import Proc

pytestmark = [pytest.mark.reference, pytest.mark.process, pytest.mark.timeout(180)]

KINDS = ["c", "ours"]
OUR_SERVER = f"{sys.executable} -m tooltalk.cli.ttsession"


def end(address: str, number: int = signal.SIGKILL) -> None:
    """End a server that is not our child, and wait until it is gone."""
    watch = os.pidfd_open(SessionAddress.parse(address).pid)
    signal.pidfd_send_signal(watch, number)
    assert select.select([watch], [], [], PATIENCE)[0]
    os.close(watch)


def opened(program: CProgram) -> str:
    """Open the session the environment names; its id."""
    assert program.tt_open(kind="s"), "tt_open"
    return str(program.tt_default_session(kind="s"))


@pytest.mark.parametrize("first", KINDS)
def test_both_kinds_publish_the_same_way(serve, screen, first):
    """02-14: type, format, no NUL."""
    address = serve(first)
    assert {screen.property(name) for name in NAMES} == {(31, 8, address.encode())}


@pytest.mark.parametrize("server", KINDS)
def test_programs_find_the_session(serve, screen, client, c, server):
    """02-14, 02-21: a C program and ours, by DISPLAY alone; and they meet there."""
    address = serve(server)
    program = c()
    assert opened(program) == f"P {address}"
    with ttclient.open() as tt:
        assert tt.session == f"P {address}"
        scope = ttclient.Scope.SESSION
        tt.pattern(ttclient.Category.OBSERVE, scope=scope, ops=["Hello"], session=tt.session).register()
        notice = program.tt_pnotice_create(1, "Hello", kind="p")
        assert program.tt_message_send(notice) == 0
        assert select.select([tt], [], [], PATIENCE)[0]
        message = tt.receive()
        assert message is not None and message.op == "Hello"


@pytest.mark.parametrize("second", KINDS)
@pytest.mark.parametrize("first", KINDS)
@pytest.mark.parametrize("options", [(), ("-S",)], ids=["background", "foreground"])
def test_second_server(serve, launch, screen, first, second, options):
    """02-15: status 2 in either order."""
    address = serve(first)
    assert launch(second, *options).wait(PATIENCE) == 2
    assert screen.addresses() == [address] * 2


def test_six_at_once(launch, screen, client, c):
    """02-15: three of each; one with 0, five with 2. The C servers wait for each other's authority lock."""
    launchers = [launch(kind, "-s") for kind in 3 * KINDS]
    assert sorted(launcher.wait(6 * PATIENCE) for launcher in launchers) == [0, 2, 2, 2, 2, 2]
    assert opened(c()) == f"P {screen.addresses()[0]}"


@pytest.mark.parametrize("second", KINDS)
@pytest.mark.parametrize("first", KINDS)
def test_after_a_kill(serve, screen, first, second):
    """02-16, 02-22: with rpcbind still telling the dead one's port."""
    old = serve(first)
    end(old)
    new = serve(second)
    assert new != old
    assert screen.addresses() == [new] * 2


def test_what_a_c_server_leaves_behind(serve, screen):
    """02-16, 02 section 7.5: it deletes nothing when it is ended in order."""
    old = serve("c")
    end(old, signal.SIGTERM)
    assert screen.addresses() == [old] * 2
    assert serve("ours") != old


def test_without_the_cookie(serve, launch, screen, place):
    """02-16: a C server that refuses us lives; a dead one whose entry is gone does not block the display."""
    address = serve("c")
    (place / "authority").rename(place / "elsewhere")
    assert launch("ours").wait(PATIENCE) == 2
    end(address)
    assert serve("ours") != address


@pytest.mark.parametrize("first", KINDS)
def test_stopped_session(serve, launch, screen, monkeypatch, first):
    """02-17: found alive by its TCP port, too; the display serves others all the time."""
    address = serve(first)
    pid = SessionAddress.parse(address).pid
    monkeypatch.setenv("TOOLTALK_LIMITS", "probe_seconds=1")
    os.kill(pid, signal.SIGSTOP)
    try:
        launcher = launch("ours")
        while launcher.poll() is None:
            screen.serves()
        assert launcher.returncode == 2
    finally:
        os.kill(pid, signal.SIGCONT)
    assert screen.addresses() == [address] * 2


@pytest.mark.parametrize("server", KINDS)
def test_only_the_second_property(serve, launch, screen, client, c, server):
    """02-17: programs of both kinds find it, and we leave it alone."""
    address = serve(server)
    with screen.open() as display:
        display.screen(0).root.delete_property(display.intern_atom(NAMES[0]))
        display.sync()
    assert opened(c()) == f"P {address}"
    with ttclient.open() as tt:
        assert tt.session == f"P {address}"
    assert launch("ours").wait(PATIENCE) == 2


@pytest.mark.parametrize("server", KINDS)
def test_session_of_an_ended_display(serve, screen, server):
    """02-18: both kinds end with their display."""
    watch = os.pidfd_open(SessionAddress.parse(serve(server)).pid)
    screen.end()
    assert select.select([watch], [], [], PATIENCE)[0]
    os.close(watch)


def test_internal_session_id(launch, serve, screen, place):
    """02 section 6.2: version 1 callers get the same id of either server."""
    idents = []
    for kind in KINDS:
        address = serve(kind)
        where = SessionAddress.parse(address)
        entry = authority.find(
            authority.parse((place / "authority").read_bytes()), where.authority_id.encode()
        )
        assert entry is not None
        port = listening_port(where.pid)
        for version in (1, 4):
            with Caller.tcp(address, port, cookie=entry.cookie, version=version) as caller:
                idents.append(caller.call(Proc.VRFY_SESSION))
        end(address)
    assert idents[0] == idents[2]
    assert idents[0].startswith(b"X ")
    assert [idents[1][:5], idents[3][:5]] == [b"P 01 "] * 2


def test_names_of_displays(place, c):
    """02 section 6.2: tt_X_session and Session.from_display agree."""
    program = c()
    host = os.uname().nodename
    for name in (":87", "unix:87", "localhost:87", ":87.1", f"{host}:3", "localhost::2", "127.0.0.5:1.0"):
        assert str(ttclient.Session.from_display(name)) == program.tt_X_session(name, kind="s"), name


def test_c_program_starts_our_server(screen, client, c, monkeypatch):
    """02-21: by TTSESSION_CMD; the server is ready when the command has ended."""
    monkeypatch.setenv("TTSESSION_CMD", f"{OUR_SERVER} -s")
    assert opened(c()) == f"P {screen.addresses()[0]}"


def test_c_program_finds_ttsession_in_the_path(screen, client, c, place, monkeypatch):
    """02-21: ``ttsession -s -d``, without a shell."""
    script = place / "ttsession"
    script.write_text(f'#!/bin/sh\necho "$*" >{place}/words\nexec {OUR_SERVER} "$@"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{place}:{os.environ['PATH']}")
    assert opened(c()) == f"P {screen.addresses()[0]}"
    assert (place / "words").read_text() == f"-s -d {screen.name}\n"


def test_we_start_the_c_server(screen, client, monkeypatch):
    """02-21"""
    monkeypatch.setenv("TTSESSION_CMD", f"{os.environ['TT_REF_SESSION']} -s")
    with ttclient.open() as tt:
        assert tt.session == f"P {screen.addresses()[0]}"


def test_c_program_replaces_a_dead_session(serve, screen, client, c, monkeypatch):
    """02-22: kill -9, then tt_open: a new server of ours in the place of the dead one."""
    old = serve("ours")
    end(old)
    monkeypatch.setenv("TTSESSION_CMD", f"{OUR_SERVER} -s")
    session = opened(c())
    assert session == f"P {screen.addresses()[0]}" != f"P {old}"


def test_four_c_programs_at_once(screen, client, c, monkeypatch):
    """02 section 8.3: one server of ours for all."""
    monkeypatch.setenv("TTSESSION_CMD", f"{OUR_SERVER} -s")
    programs = [c() for _ in range(4)]
    for program in programs:
        program._process.stdin.write('["tt_open", "s"]\n')
        program._process.stdin.flush()
    assert all(program._process.stdout.readline() != "null\n" for program in programs)
    sessions = {str(program.tt_default_session(kind="s")) for program in programs}
    assert sessions == {f"P {screen.addresses()[0]}"}


def test_x_id(serve, screen, client, c):
    """02 section 6.2: tt_default_session_set with the id of the display."""
    address = serve("ours")
    program = c()
    ident = program.tt_X_session(screen.name, kind="s")
    assert program.tt_default_session_set(ident) == 0
    assert opened(program) == f"P {address}"
    with ttclient.open(ident) as tt:
        assert tt.session == f"P {address}"


@pytest.mark.parametrize("value", ["garbage", "02 1 1342177279 1 1 0 127.0.0.1 4"])
def test_property_of_another_format(screen, client, c, place, monkeypatch, value):
    """02 section 8.2: the same status, and no server is started."""
    monkeypatch.setenv("TTSESSION_CMD", f"touch {place}/started;")
    screen.put(value)
    assert failure(c()) == our_failure() == 1053
    assert not (place / "started").exists()


@pytest.mark.parametrize("name", ["foo", "", ":x", "no-such-host.invalid:0"])
def test_bad_display(place, c, monkeypatch, name):
    """02 section 7.1: the same status, at once."""
    monkeypatch.setenv("DISPLAY", name)
    assert failure(c()) == our_failure() == 1032


@pytest.mark.parametrize("status", [3, 127])
def test_command_that_starts_nothing(screen, client, c, monkeypatch, status):
    """02-21: the same status, at once."""
    monkeypatch.setenv("TTSESSION_CMD", f"exit {status};")
    assert failure(c()) == our_failure() == 1033


def failure(program: CProgram) -> int:
    """The status tt_open gives."""
    return int(program.tt_pointer_error(program.tt_open(kind="p")))


def our_failure() -> int:
    with pytest.raises(ttclient.ToolTalkError) as caught:
        ttclient.open()
    return int(caught.value.status)
