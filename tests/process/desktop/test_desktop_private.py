"""Requests that programs define for themselves, as dtfile does (08 section 8.3)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import ttclient
from ttclient import desktop

pytestmark = pytest.mark.process

OPTIONS = {"-title": "Home", "-view": "small_icon", "-order": "date", "-tree_files": "never"}

TYPES = "ptype DT_File_Manager { handle: session DtFolder_Show() => opnum=0; };\n"


def test_options_are_arguments_named_by_their_types_08_20(
    tt: desktop.DesktopProcId, tool: Any, tmp_path: Path
) -> None:
    """In any number and order; a signature without arguments takes them all. dtfile itself is not here."""
    (tmp_path / "fm.types").write_text(TYPES)
    subprocess.run(
        [sys.executable, "-m", "tooltalk.cli.tt_type_comp", "-x", "-o", "fm.xdr", "fm.types"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    tt.session.load_types(tmp_path / "fm.xdr")
    with ttclient.open(tt.session) as manager:
        seen: list[tuple[str | None, dict[str, object]]] = []

        @manager.handle("DtFolder_Show", register=False)
        def show(message: ttclient.Message) -> None:
            assert message.opnum == 0
            seen.append((message.file, {arg.vtype: arg.value for arg in message.args}))
            manager.stop()

        manager.declare("DT_File_Manager")
        for given in (OPTIONS, {}, {"-restricted": "/x", **OPTIONS}):
            message = ttclient.Message.request("DtFolder_Show", procid=tt)
            message.file = tmp_path
            for option, value in given.items():
                message.add_arg(ttclient.Mode.IN, option, value)
            message.send()
            manager.run()
            assert seen.pop() == (str(tmp_path), given)
