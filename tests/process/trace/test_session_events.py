"""The script command ``events``: what happens in a session beside its messages (07 section 8.6)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.process.conftest import Server
from tests.process.peer import Tool

import ttclient
from tooltalk.model.typetable import Ptype, TypeTable
from tooltalk.status import Status
from tooltalk.types.image import encode
from tooltalk.wire.calls import FileArgs, PatternIdArgs, PtypeArgs
from tooltalk.wire.procedures import Proc

pytestmark = pytest.mark.process


@pytest.fixture
def types(home: Path) -> bytes:
    """A ptype Viewer, installed for the servers started after, as a types file."""
    table = TypeTable()
    table.ptypes.insert(Ptype(b"Viewer"))
    (home / "types" / "types.xdr").write_bytes(encode(table))
    return encode(table)


def live(tool: Tool, types: bytes) -> None:
    """Do everything there is a kind of event for, and some things that fail."""
    tool.observe(b"Hello")
    call, procid = tool.caller.call, tool.procid
    assert call(Proc.JOIN_SESSION, procid) == Status.OK
    assert call(Proc.QUIT_SESSION, procid) == Status.OK
    call(Proc.JOIN_FILE, FileArgs(procid, b"here:/a"))
    call(Proc.QUIT_FILE, FileArgs(procid, b"here:/a"))
    assert tool.declare(b"Viewer") == Status.OK
    assert tool.declare(b"Nope") == Status.ERR_PTYPE
    assert call(Proc.UNDECLARE_PTYPE, PtypeArgs(procid, b"Viewer")) == Status.OK
    pattern = tool.pattern()
    assert call(Proc.DEL_PATTERN, PatternIdArgs(procid, b"0:nobody")) == Status.WRN_NOTFOUND
    assert call(Proc.LOAD_TYPES, types) == Status.OK
    assert pattern.id
    tool.close()


def kinds(trace: Path) -> list[tuple[str, str, str | None]]:
    found = [json.loads(line) for line in trace.read_text().splitlines()]
    return [(each["about"], each["word"], each["what"]) for each in found]


def test_all(serve: Callable[..., Server], types: bytes, home: Path) -> None:
    """Each once, with who did it; nothing for what failed."""
    trace = home / "trace"
    server = serve(TT_TRACE_SCRIPT=f"format json; states none; events all; > {trace}")
    live(server.tool(), types)
    server.caller().sync()
    found = kinds(trace)
    assert [each for each in found if each[0] != "pattern"] == [
        ("procid", "tt_open", None),
        ("session", "tt_session_join", server.address),
        ("session", "tt_session_quit", server.address),
        ("file", "tt_file_join", "here:/a"),
        ("file", "tt_file_quit", "here:/a"),
        ("ptype", "tt_ptype_declare", "Viewer"),
        ("ptype", "tt_ptype_undeclare", "Viewer"),
        ("types", "tt_session_types_load", None),
        ("procid", "tt_close", None),
    ]
    assert [each[1] for each in found if each[0] == "pattern"] == ["tt_pattern_register"]


@pytest.mark.parametrize(
    ("form", "line"),
    [
        ("text", "tt_pattern_register: {pattern} by {procid} [{pid}@localhost]"),
        ("story", "procid {key} (pid {pid}) registers pattern 0:{key}"),
    ],
)
def test_forms(
    form: str,
    line: str,
    serve: Callable[..., Server],
    home: Path,
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A line with the pattern, the procid, and its process; only of the kinds that are asked for."""
    trace = home / "trace"
    server = serve(TT_TRACE_SCRIPT=f"format {form}; states none; events pattern; > {trace}")
    monkeypatch.setenv("XDG_RUNTIME_DIR", environment["XDG_RUNTIME_DIR"])
    with ttclient.open(server.address) as tt:
        pattern = tt.pattern(ttclient.Category.OBSERVE, ops=["Hello"], session=tt.session)
        pattern.register()
        words = {"pattern": pattern.id, "procid": tt, "pid": tt.pid, "key": str(tt).partition(" ")[0]}
        server.caller().sync()
        assert trace.read_text().splitlines()[0] == line.format(**words)
