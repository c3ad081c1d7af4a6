"""Opening and closing: which session, what goes wrong, several procids, defaults."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.process.client.conftest import give_up_everything, next_message, readable
from tests.process.conftest import Server
from tests.process.peer import PATIENCE

import ttclient
from tooltalk.limits import Limits
from tooltalk.names import SessionAddress
from ttclient.blocking.process import PROCESS
from ttclient.errors import (
    AuthorizationError,
    FileError,
    HandleError,
    NoServerError,
    NotImplementedYet,
    ProcIdError,
    SessionError,
    ToolTalkError,
)

pytestmark = pytest.mark.process

NOBODY = "01 1 1342177279 1 3 0 127.0.0.1 4"


def opening_fails(status: int) -> ToolTalkError:
    with pytest.raises(ToolTalkError) as caught:
        ttclient.open()
    assert caught.value.status == status
    return caught.value


def test_no_session_is_named(no_session: Path) -> None:
    """05-1"""
    assert isinstance(opening_fails(1033), NoServerError)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("", 1033),
        ("02 1 1342177279 1 3 0 127.0.0.1 4", 1053),
        ("garbage", 1053),
        ("P 01 1 1342177279 1 3 0 127.0.0.1 4", 1053),
        (NOBODY, 1033),
        ("01 1 1342177279 1 1 0 127.0.0.1 4", 1067),
        ("01 1 1342177279 1 9 0 127.0.0.1 4", 1067),
        ("01 1 1342177279 1 2 0 127.0.0.1 4", 1067),
        ("01 1 1342177279 1 3 0 localhost 4", 1051),
        ("1 1 1342177279 1 3 0 127.0.0.1 4", 1051),
    ],
)
def test_bad_addresses(no_session: Path, monkeypatch: pytest.MonkeyPatch, address: str, status: int) -> None:
    """05-2, 01-31: as libtt; without an authority entry at level 1 nobody is asked."""
    monkeypatch.setenv("TT_SESSION", address)
    assert status not in (1051, 1053) or "what TT_SESSION holds" in str(opening_fails(status))
    opening_fails(status)
    # Later opens look at the environment again, unlike libtt.
    opening_fails(status)


def test_a_dead_server_without_a_cookie(
    no_session: Path, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is 1067, as of libtt; but a person first has to hear that nobody is there any more."""
    server = serve("-a", "cookie")
    monkeypatch.setenv("TT_SESSION", server.address)
    ttclient.open().close()
    give_up_everything()
    server.process.terminate()
    server.process.wait(PATIENCE)
    text = str(opening_fails(1067))
    assert "(1067): the session's server is probably gone, start a new session" in text
    monkeypatch.setenv("TT_SESSION", server.address.replace("127.0.0.1", "192.0.2.1"))
    text = str(opening_fails(1067))
    assert "probably gone" not in text
    assert "ttauth extract" in text


@pytest.mark.parametrize(
    ("variable", "other"), [("TT_SESSION", "_SUN_TT_SESSION"), ("_SUN_TT_SESSION", "DISPLAY")]
)
def test_preference(session: Server, monkeypatch: pytest.MonkeyPatch, variable: str, other: str) -> None:
    """05-3"""
    monkeypatch.delenv("TT_SESSION")
    monkeypatch.setenv(other, NOBODY)
    monkeypatch.setenv(variable, session.address)
    assert ttclient.open().session == "P " + session.address


def test_procid_and_session(tt: ttclient.ProcId, session: Server) -> None:
    """05-5"""
    key, _, address = str(tt).partition(" ")
    assert address == session.address
    assert key.count(".") == 1
    assert str(tt.session) == "P " + session.address
    assert ttclient.default_session() == ttclient.initial_session() == tt.session
    assert ttclient.default_procid() is tt
    assert tt.pid == os.getpid()


def test_private_socket_needs_neither_rpcbind_nor_cookie(
    no_session: Path, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The session is one of cookies, and the authority file is gone."""
    server = serve("-a", "cookie")
    (no_session / ".TTauthority").unlink(missing_ok=True)
    monkeypatch.setenv("TT_SESSION", server.address)
    assert ttclient.open().session == "P " + server.address


@pytest.mark.parametrize("mode", [0o770, 0o707])
def test_socket_directory_of_others_is_not_trusted(session: Server, mode: int) -> None:
    """Somebody else could have put the socket there; the next way is rpcbind, where nobody answers us."""
    directory = Path(session.directory)
    before = stat.S_IMODE(directory.stat().st_mode)
    directory.chmod(mode)
    try:
        with pytest.raises((NoServerError, AuthorizationError)):
            ttclient.open()
    finally:
        directory.chmod(before)


def test_second_procid_shares_the_connection(tt: ttclient.ProcId) -> None:
    """05-4, 05-10: another procid, the new default; each works after the other is closed."""
    second = ttclient.open()
    assert str(second) != str(tt)
    assert PROCESS.procids[second._fields.id].link is PROCESS.procids[tt._fields.id].link
    assert ttclient.default_procid() is second
    ttclient.close()
    with pytest.raises(ProcIdError):
        ttclient.default_procid()
    with pytest.raises(ProcIdError):
        ttclient.Message()
    ttclient.set_default_procid(tt)
    assert ttclient.default_procid() is tt
    ttclient.Message.notice("Op").send()
    with pytest.raises(ProcIdError):
        second.receive()
    with pytest.raises(ProcIdError):
        ttclient.set_default_procid(second)
    second.close()


def test_after_the_last_close(tt: ttclient.ProcId, session: Server) -> None:
    """05-11: everything but opening is 1033, and numbers start again."""
    message, pattern = ttclient.Message(), ttclient.Pattern()
    assert message.id.startswith("0 ")
    assert pattern.id.startswith("0:")
    kept_session = tt.session
    tt.close()
    for use in (
        lambda: message.op,
        lambda: pattern.category,
        ttclient.Message,
        ttclient.Pattern,
        ttclient.default_procid,
        ttclient.default_session,
        ttclient.initial_session,
        lambda: ttclient.set_default_procid(str(tt)),
        tt.receive,
        tt.fileno,
        lambda: kept_session.prop("p"),
        lambda: ttclient.Otype("O").base,
    ):
        with pytest.raises(NoServerError):
            use()
    assert ttclient.Session.from_display(":0")
    assert ttclient.file_to_netfile("/")
    again = ttclient.open()
    assert ttclient.Message().id.startswith("0 ")
    assert again.session == "P " + session.address


def test_context_manager(session: Server) -> None:
    with ttclient.open() as tt:
        tt.send("Op")
    with pytest.raises(NoServerError):
        tt.receive()
    tt.close()


def test_choosing_a_session(no_session: Path, serve: Callable[..., Server]) -> None:
    """Open by name, and a default session; junk is 1053 of SessionError."""
    one, two = serve(), serve()
    with pytest.raises(SessionError) as caught:
        ttclient.open("junk")
    assert caught.value.status == 1053
    first = ttclient.open(one.address)
    ttclient.set_default_session("P " + two.address)
    second = ttclient.open()
    assert (first.session, second.session) == ("P " + one.address, "P " + two.address)
    assert ttclient.default_session() == second.session
    with pytest.raises(NoServerError):
        ttclient.set_default_session(NOBODY)


def test_moving_to_another_session(session: Server, serve: Callable[..., Server]) -> None:
    """A procid may join another session until it is bound to its own; then messages come from there."""
    other = serve()
    tt = ttclient.open()
    tt.join_session(other.address)
    assert tt.session == "P " + other.address
    pattern = tt.pattern(
        ttclient.Category.OBSERVE, scope=ttclient.Scope.SESSION, ops=["Op"], session=tt.session
    )
    pattern.register()
    there = ttclient.open(other.address)
    there.send("Op")
    assert next_message(tt).sender == there
    with pytest.raises(SessionError):
        tt.join_session(session.address)
    with pytest.raises(SessionError):
        tt.quit_session(session.address)
    tt.quit_session()


def test_foreign_procids_can_do_nothing(tt: ttclient.ProcId) -> None:
    foreign = ttclient.ProcId("9.x somewhere")
    assert foreign == "9.x somewhere"
    for use in (foreign.receive, foreign.fileno, foreign.close, foreign.make_default, foreign.message):
        with pytest.raises(ProcIdError, match="another process"):
            use()


def test_defaults_of_a_procid(tt: ttclient.ProcId) -> None:
    """05-13, 05-21"""
    tt.default_file = "/etc/passwd"
    tt.default_ptype = "P"
    message = ttclient.Message()
    assert (message.file, message.sender_ptype) == ("/etc/passwd", "P")
    with pytest.raises(FileError) as caught:
        tt.default_file = ""
    assert caught.value.status == 1028
    tt.default_file = None
    assert tt.default_file is None
    with pytest.raises(HandleError):
        tt.default_ptype = None  # type: ignore[assignment]


def test_sessions_of_messages_and_patterns(tt: ttclient.ProcId) -> None:
    """05-19"""
    message, pattern = ttclient.Message(), ttclient.Pattern()
    for bad in ("bogus", NOBODY):
        with pytest.raises(SessionError) as caught:
            message.session = bad  # type: ignore[assignment]
        assert caught.value.status == 1048
    with pytest.raises(SessionError) as caught:
        pattern.add_session("zz")
    assert caught.value.status == 1053
    with pytest.raises(NoServerError):
        pattern.add_session(NOBODY)
    pattern.add_session(SessionAddress.parse(str(tt.session)[2:]).text)
    assert pattern._fields.sessions == [str(tt.session).encode()]


def test_unreachable_display(no_session: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """05-19: 1032 for a display that cannot be opened, also where nothing could open one."""
    monkeypatch.setattr(PROCESS, "limits", Limits(display_tries=1))
    monkeypatch.setenv("DISPLAY", "127.0.0.1:987")
    opening_fails(1032)


def test_display_names() -> None:
    """05 section 3: local forms are the local host, the screen does not count."""
    local = str(ttclient.Session.from_display(":0")).split()[1]
    assert str(ttclient.Session.from_display("unix:3.1")) == f"X {local} 3"
    assert str(ttclient.Session.from_display("localhost::2")) == "X 127.0.0.1 2"
    assert str(ttclient.Session.from_display("127.0.0.5:1.0")) == "X 127.0.0.5 1"
    for bad in ("", "nothing", ":x", "127.0.0.1"):
        with pytest.raises(SessionError):
            ttclient.Session.from_display(bad)
    with pytest.raises(HandleError):
        ttclient.Session.from_display(None)  # type: ignore[arg-type]


def test_descriptor_goes_with_the_messages(tt: ttclient.ProcId) -> None:
    """01-36, 05-28"""
    pattern = tt.pattern(
        ttclient.Category.OBSERVE, scope=ttclient.Scope.SESSION, ops=["Op"], session=tt.session
    )
    pattern.register()
    for _ in range(3):
        ttclient.Message.notice("Op").send()
    for _ in range(3):
        assert readable(tt)
        assert tt.receive() is not None
    assert not readable(tt, 0)
    assert tt.receive() is None


def test_threads_have_no_defaults_of_their_own(tt: ttclient.ProcId) -> None:
    with pytest.raises(NotImplementedYet):
        ttclient.feature_enabled(ttclient.Feature.MULTITHREADED)
    assert ttclient.thread_procid() is tt
    assert ttclient.thread_session() == tt.session
