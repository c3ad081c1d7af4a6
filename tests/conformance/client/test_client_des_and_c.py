"""Level des beside the C implementation, which is built without it on this system (spec 02 section 9.6)."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conformance.client.conftest import CProgram
from tests.process.des.desk import DOMAIN, ME, PAIR, write_keys

import ttclient
from tooltalk.status import Status

pytestmark = [pytest.mark.reference, pytest.mark.process]

Start = Callable[..., str]


@pytest.fixture(autouse=True)
def keys(start_session: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """We have a key for whichever server it is."""
    monkeypatch.setenv("TOOLTALK_DOMAIN", DOMAIN)
    write_keys(tmp_path / ".tt" / "keys", {ME: PAIR})


def test_c_server_that_cannot_do_it(start_session: Start) -> None:
    """02-25: it refuses AUTH_DES; we say so, and fall back to nothing though it would let us in."""
    start_session("c", "des")
    with pytest.raises(ttclient.AuthorizationError, match="does not speak AUTH_DES"):
        ttclient.open()


def test_c_program_that_cannot_do_it(start_session: Start, c: Callable[[], CProgram]) -> None:
    """02-25: it stops with 1067 in our session as in its own; ours lives on."""
    for kind in ("c", "ours"):
        start_session(kind, "des")
        program = c()
        assert program.tt_pointer_error(program.tt_open(kind="p")) == Status.ERR_AUTHORIZATION
    ttclient.open().close()


def test_our_program_in_our_session(
    start_session: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """02-29: by rpcbind and TCP."""
    start_session("ours", "des")
    monkeypatch.setenv("XDG_RUNTIME_DIR", os.fspath(tmp_path / "nowhere"))
    ttclient.open().close()
    (tmp_path / ".tt" / "keys").unlink()
    with pytest.raises(ttclient.AuthorizationError, match="ttkey make"):
        ttclient.open()
