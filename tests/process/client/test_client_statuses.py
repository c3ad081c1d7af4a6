"""Every Tt_status: how a client meets it, or why none can (spec 05 section 12.1)."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.process.client.conftest import next_message, ptype
from tests.process.peer import PATIENCE

import ttclient
from tooltalk.model.signature import Signature
from ttclient import Address, Category, Class, Message, Mode, Scope, Status, toolkit

pytestmark = pytest.mark.process

ROOT = Path(__file__).resolve().parents[2]


class Elsewhere(NamedTuple):
    """A test that meets it, for it takes more than one procid: its file under tests/ and its name."""

    file: str
    test: str


class Never(NamedTuple):
    """Why no client of ours meets it."""

    reason: str


Procid = ttclient.ProcId
Way = Callable[[Procid], object] | Elsewhere | Never


def message(tt: Procid, kind: Class = Class.NOTICE, op: str = "Status_Test") -> Message:
    made = Message.notice(op, procid=tt)
    made.message_class = kind
    return made


def sent(tt: Procid, **attributes: object) -> object:
    made = message(tt)
    for name, value in attributes.items():
        setattr(made, name, value)
    return made.send()


def asked(tt: Procid, status: int | Exception) -> object:
    """What a handler of this process ends a request with."""

    @tt.handle("Status_Test")
    def handle(_message: Message) -> None:
        raise status if isinstance(status, Exception) else ttclient.Fail(status)

    return tt.request("Status_Test", timeout=PATIENCE)


def unclassed(tt: Procid) -> object:
    made = tt.message()
    made.scope, made.op, made.address = Scope.SESSION, "Status_Test", Address.PROCEDURE
    return made.send()


def received(tt: Procid) -> Message:
    """A request that this procid must answer."""
    tt.pattern(Category.HANDLE, scope=Scope.SESSION, ops=["Status_Test"], session=tt.session).register()
    message(tt, Class.REQUEST).send()
    return next_message(tt)


def twice_answered(tt: Procid) -> object:
    request = received(tt)
    request.reply()
    return request.reply()


def replied_by_another(tt: Procid) -> object:
    request = message(tt, Class.REQUEST)
    request.send()
    return request.reply()


def kept(tt: Procid) -> object:
    return toolkit.destroy_message(received(tt))


def garbage(tt: Procid) -> object:
    (Path.cwd() / "garbage.xdr").write_bytes(b"\0\0\0\x02\0\0")
    return tt.session.load_types("garbage.xdr")


def locked(tt: Procid) -> object:
    with ttclient.auth.lock("authority"), ttclient.auth.lock("authority", 1, 0, 60):
        raise AssertionError("it can be locked twice")


def locked_nowhere(tt: Procid) -> object:
    with ttclient.auth.lock("no/such/directory/authority"):
        raise AssertionError("it can be locked")


NO_DATABASE = Never("said by a file database server, and none is asked")
FAILS = Elsewhere("process/client/test_client_failure.py", "test_failures_of_opening")
BY_TTAUTH = Never("said by ttsession and ttauth; the library reads an authority file or leaves it alone")
MARK = Never("a mark in the numbering, no outcome")

WAYS: dict[Status, Way] = {
    Status.OK: sent,
    Status.WRN_NOTFOUND: Never("only for patterns the server does not know, and Pattern.destroy makes it OK"),
    Status.WRN_STALE_OBJID: NO_DATABASE,
    Status.WRN_STOPPED: kept,
    Status.WRN_SAME_OBJID: NO_DATABASE,
    Status.WRN_START_MESSAGE: Elsewhere("process/client/test_client_requests.py", "test_started_tool"),
    Status.WRN_NOT_ENABLED: Never("for libraries whose threads have defaults of their own"),
    Status.WRN_APPFIRST: MARK,
    Status.WRN_LAST: MARK,
    Status.ERR_CLASS: unclassed,
    Status.ERR_DBAVAIL: lambda _: ttclient.file_to_netfile("/x", host="no-such-host.invalid"),
    Status.ERR_DBEXIST: lambda tt: tt.join_file("/x"),
    Status.ERR_FILE: lambda tt: sent(tt, scope=Scope.FILE, file="/x"),
    Status.ERR_INVALID: lambda tt: tt.session.prop(""),
    Status.ERR_MODE: lambda tt: message(tt).add_arg(77, "string"),  # type: ignore[arg-type]
    Status.ERR_ACCESS: Elsewhere("process/display/test_client_display.py", "test_bad_display"),
    Status.ERR_NOMP: Elsewhere("process/client/test_client_failure.py", "test_server_is_killed"),
    Status.ERR_NOTHANDLER: replied_by_another,
    Status.ERR_NUM: lambda tt: message(tt).args[0],
    Status.ERR_OBJID: lambda tt: Message.object_notice("x", "Status_Test").send(),
    Status.ERR_OP: Never("nobody says it: any bytes are an op"),
    Status.ERR_OTYPE: lambda _: ttclient.Otype("No_Such_Otype").base,
    Status.ERR_ADDRESS: lambda tt: sent(tt, message_class=Class.OFFER, address=Address.HANDLER, handler=tt),
    Status.ERR_PATH: NO_DATABASE,
    Status.ERR_POINTER: lambda tt: setattr(message(tt), "op", None),
    Status.ERR_PROCID: lambda tt: sent(tt, address=Address.HANDLER),
    Status.ERR_PROPLEN: Never("nobody says it: values have no limit of their own, all together ERR_OVERFLOW"),
    Status.ERR_PROPNAME: lambda tt: tt.session.prop("no such property"),
    Status.ERR_PTYPE: lambda tt: tt.declare_ptype("No_Such_Ptype"),
    Status.ERR_DISPOSITION: lambda tt: setattr(message(tt), "disposition", 77),
    Status.ERR_SCOPE: lambda tt: sent(tt, scope=Scope.NONE),
    Status.ERR_SESSION: lambda tt: tt.quit_session("P 01 1 1342177279 1 1 0 127.0.0.1 4"),
    Status.ERR_VTYPE: Never("nobody says it: any bytes are a vtype"),
    Status.ERR_NO_VALUE: NO_DATABASE,
    Status.ERR_INTERNAL: lambda tt: asked(tt, ValueError("a fault in a handler")),
    Status.ERR_READONLY: NO_DATABASE,
    Status.ERR_NO_MATCH: lambda tt: tt.request("Status_Test", timeout=PATIENCE),
    Status.ERR_UNIMP: lambda _: ttclient.feature_enabled(ttclient.Feature.MULTITHREADED),
    Status.ERR_OVERFLOW: Elsewhere("process/aio/test_aio_messages.py", "test_a_loop_that_is_too_slow_ends"),
    Status.ERR_PTYPE_START: lambda tt: tt.request("Status_Start", timeout=PATIENCE),
    Status.ERR_CATEGORY: lambda tt: tt.pattern().register(),
    Status.ERR_DBUPDATE: NO_DATABASE,
    Status.ERR_DBFULL: NO_DATABASE,
    Status.ERR_DBCONSIST: garbage,
    Status.ERR_STATE: twice_answered,
    Status.ERR_NOMEM: Never("Python raises MemoryError"),
    Status.ERR_SLOTNAME: lambda tt: tt.join_context("a-b", 1),
    Status.ERR_XDR: lambda tt: message(tt).add_arg(Mode.IN, "x", 7, codec=ttclient.codecs.string_list),
    Status.ERR_NETFILE: lambda _: ttclient.netfile_to_file("no netfile"),
    Status.ERR_TOOLATE: Never("no feature has to be asked for first"),
    Status.ERR_AUTHORIZATION: FAILS,
    Status.ERR_VERSION_MISMATCH: FAILS,
    Status.DESKTOP_: MARK,
    Status.DESKTOP_ETIMEDOUT: lambda tt: asked_later(tt),
    Status.DESKTOP_EALREADY: Elsewhere("process/desktop/test_desktop_tool.py", "test_status_of_a_reply"),
    Status.DESKTOP_UNMODIFIED: lambda tt: asked(tt, Status.DESKTOP_UNMODIFIED),
    Status.MEDIA_ERR_SIZE: lambda tt: asked(tt, Status.MEDIA_ERR_SIZE),
    Status.MEDIA_ERR_FORMAT: lambda tt: asked(tt, Status.MEDIA_ERR_FORMAT),
    Status.AUTHFILE_ACCESS: BY_TTAUTH,
    Status.AUTHFILE_LOCK: locked_nowhere,
    Status.AUTHFILE_LOCK_TIMEOUT: locked,
    Status.AUTHFILE_UNLOCK: BY_TTAUTH,
    Status.AUTHFILE_MISSING: BY_TTAUTH,
    Status.AUTHFILE_ENTRY_MISSING: BY_TTAUTH,
    Status.AUTHFILE_WRITE: BY_TTAUTH,
    Status.ERR_APPFIRST: MARK,
    Status.ERR_LAST: MARK,
    Status.STATUS_LAST: MARK,
}


def asked_later(tt: Procid) -> object:
    tt.handle("Status_Test")(lambda _message: ttclient.LATER)
    return tt.request("Status_Test", timeout=0.01)


def _of_errno(name: str) -> Way:
    """What the system refuses a handler, with the number that it has on System V."""
    return lambda tt: asked(tt, OSError(getattr(errno, name), "refused"))


WAYS.update(
    (status, _of_errno(status.name.removeprefix("DESKTOP_")))
    for status in Status
    if status.name.startswith("DESKTOP_E") and status not in WAYS
)

HERE = [(status, way) for status, way in WAYS.items() if not isinstance(way, Elsewhere | Never)]


@pytest.fixture
def transport() -> bool:
    """Once is enough: no status depends on how messages come."""
    return True


@pytest.fixture
def place(no_session: Path, monkeypatch: pytest.MonkeyPatch, types: Callable[..., None]) -> None:
    """A directory for files, and a ptype that cannot be started."""
    monkeypatch.chdir(no_session)
    signature = Signature(b"Status_Start", Category.HANDLE, scope=Scope.SESSION, tt_class=Class.REQUEST)
    signature.disposition = 2
    types(ptype("Unstartable", "false", signature))


def test_the_table_is_whole() -> None:
    """Every status has a row, and the tests named in it exist."""
    assert set(WAYS) == set(Status)
    for way in WAYS.values():
        if isinstance(way, Elsewhere):
            text = (ROOT / way.file).read_text()
            assert re.search(rf"^(async )?def {way.test}\b", text, re.MULTILINE), way


@pytest.mark.parametrize(("status", "way"), HERE, ids=[status.name for status, _ in HERE])
def test_it_is_met(place: None, tt: Procid, status: Status, way: Callable[[Procid], object]) -> None:
    """The call says so: warnings are returned, errors raised with the number and the call."""
    heard: list[int] = []
    if not status.is_error:
        result = way(tt)
        assert result == status
        return
    ttclient.on_error = lambda _function, number: heard.append(number)
    try:
        with pytest.raises(ttclient.ToolTalkError) as caught:
            way(tt)
    finally:
        ttclient.on_error = None
    assert caught.value.status == status
    assert caught.value.function
    assert str(int(status)) in str(caught.value)
    assert " b'" not in str(caught.value), "a name as Python shows bytes"
    assert status in heard


def test_a_number_of_the_programs_own(tt: Procid) -> None:
    """From 1536 to 2046, and any other, the number goes through as it is."""
    for number in (1600, 77777):
        with pytest.raises(ttclient.RequestFailed) as caught:
            asked(tt, number)
        assert caught.value.status == number
