"""Files that two tools have in hand (05-69, 05-70, 08-8)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import ttclient
from tooltalk.model.enums import Scope
from tooltalk.status import Status
from ttclient import desktop, toolkit
from ttclient.blocking.process import PROCESS
from ttclient.desktop import Op

pytestmark = pytest.mark.process

HERE = Scope.FILE_IN_SESSION

EDITOR = """
    import sys, ttclient
    from tooltalk.model.enums import Scope
    from ttclient import desktop

    with desktop.open("editor", "Example", "1.0") as tt:
        def event(event):
            print(event.op.name, event.path, event.trusted, event.own, flush=True)
            if event.op is desktop.Op.REVERT:
                raise ttclient.Fail(0)
        watch = tt.watch_file(sys.argv[1], event, Scope.FILE_IN_SESSION, join=False)

        @tt.handle("Step")
        def step(message):
            getattr(watch, message.args[0].value)()

        print(tt, flush=True)
        tt.run()
"""


def test_unsaved_changes_05_69_08_8(tt: desktop.DesktopProcId, tool: Any, tmp_path: Path) -> None:
    """05-69, 08-8: asked while there are changes, before, after, and about another file."""
    path, other = tmp_path / "letter", tmp_path / "other"
    editor = tool(EDITOR, str(path))
    assert not desktop.get_modified(path, HERE, 20)
    tt.request("Step", "modified")
    assert editor.line() == f"MODIFIED {path} True True"
    assert desktop.get_modified(path, HERE, 20)
    assert desktop.save(path, HERE, 20) == Status.OK
    assert editor.line() == f"SAVE {path} True False"
    with pytest.raises(ttclient.RequestFailed) as failed:
        desktop.revert(path, HERE, 20)
    assert failed.value.status == Status.DESKTOP_EPROTO
    assert editor.line() == f"REVERT {path} True False"
    with pytest.raises(ttclient.RequestFailed) as nobody:
        desktop.save(other, HERE, 20)
    assert nobody.value.status == Status.ERR_NO_MATCH
    assert not desktop.get_modified(other, HERE, 20)
    tt.request("Step", "saved")
    assert editor.line() == f"SAVED {path} True True"
    assert not desktop.get_modified(path, HERE, 20)


def test_notices_reach_a_watch(tt: desktop.DesktopProcId, tool: Any, tmp_path: Path) -> None:
    path = tmp_path / "letter"
    editor = tool(EDITOR, str(path))
    for op in (Op.CREATED, Op.DELETED, Op.REVERTED):
        assert desktop.file_notice(op, path, HERE) is None
    moved = desktop.file_notice(Op.MOVED, path, HERE, send=False)
    assert moved is not None
    moved.add_arg(ttclient.Mode.IN, "File", "old")
    moved.send()
    assert [editor.line().split()[0] for _ in range(3)] == ["DELETED", "REVERTED", "MOVED"]


def test_moved_cannot_be_sent_at_once_05_70(tt: desktop.DesktopProcId) -> None:
    """05-70: its second argument is missing."""
    with pytest.raises(ttclient.ToolTalkError) as refused:
        desktop.file_notice(Op.MOVED, "/tmp/x", HERE)
    assert refused.value.status == Status.DESKTOP_EINVAL


def test_answers_come_to_the_callback(tt: desktop.DesktopProcId, tmp_path: Path) -> None:
    heard: list[desktop.FileEvent] = []
    desktop.file_request(Op.SAVE, tmp_path / "letter", HERE, heard.append)
    toolkit.block_while(lambda: not heard, 20)
    assert (heard[0].op, heard[0].message.status) == (Op.SAVE, Status.ERR_NO_MATCH)


@pytest.mark.parametrize("scope", [Scope.NONE, HERE])
def test_joining_takes_a_database_server(scope: Scope, tt: desktop.DesktopProcId) -> None:
    """1027, and no pattern stays."""
    with pytest.raises(ttclient.DatabaseError) as none:
        tt.watch_file("/tmp/letter", None, scope)
    assert none.value.status == Status.ERR_DBEXIST
    assert not PROCESS.store.patterns


def test_any_scope_falls_back_to_the_session(tt: desktop.DesktopProcId) -> None:
    with tt.watch_file("/tmp/letter", None, join=False) as watch:
        assert watch.scope == HERE


def test_reach_beyond_the_session_takes_a_database_server(tt: desktop.DesktopProcId) -> None:
    assert not desktop.get_modified("/tmp/letter", Scope.BOTH, 20)
    with pytest.raises(ttclient.FileError):
        desktop.save("/tmp/letter", Scope.BOTH, 20)
    with pytest.raises(ttclient.FileError):
        desktop.file_notice(Op.SAVED, "/tmp/letter", Scope.BOTH)
    with pytest.raises(ttclient.ToolTalkError) as scopeless:
        desktop.revert("/tmp/letter", Scope.NONE, 20)
    assert scopeless.value.status == Status.ERR_SCOPE


def test_events_out_of_order(tt: desktop.DesktopProcId) -> None:
    with tt.watch_file("/tmp/letter", None, HERE, join=False) as watch:
        with pytest.raises(ttclient.HandleError):
            watch.saved()
        with pytest.raises(ttclient.ToolTalkError) as unknown:
            watch.event(Op.DELETED)
        assert unknown.value.status == Status.DESKTOP_EINVAL
        watch.event(Op.MODIFIED, send=False)
        watch.modified(send=False)
        assert len(watch.patterns) == 2
        watch.event(Op.REVERTED, send=False)
        assert len(watch.patterns) == 1
