"""A program becomes the tool that its own request was queued for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.process.conftest import Server
from tests.process.peer import PATIENCE
from tests.process.server.test_server_tools import install, ptype

import ttclient
from tooltalk.model.enums import Disposition

pytestmark = pytest.mark.process


@pytest.mark.usefixtures("transport")
def test_it_is_handed_the_request(
    no_session: Path, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """03-51. What comes says nothing of its state, as what is SENT never does (01 section 11, B)."""
    queued = ptype("Queued", None)
    queued.handles[0].disposition = int(Disposition.QUEUE)
    install(no_session, queued)
    monkeypatch.setenv("TT_SESSION", serve().address)
    tt = ttclient.open()
    handled: list[str] = []

    @tt.handle("Do", register=False)
    def do(message: ttclient.Message) -> None:
        handled.append(str(message.op))
        tt.stop()

    request = ttclient.Message.request("Do", procid=tt)
    request.send()
    while request.state != ttclient.State.QUEUED:
        tt.receive()
    tt.declare("Queued")
    tt.run(PATIENCE)
    assert handled == ["Do"]
    assert request.state == ttclient.State.HANDLED
