"""The trace of our server beside the C server's, around the same program (07-1, 07-10, 07-23)."""

from __future__ import annotations

import os

import pytest
from tests.conformance.trace.traces import GOLDEN, served
from tests.process.conftest import TTSESSION

pytestmark = pytest.mark.process


def test_same_program_same_lines(environ: dict[str, str]) -> None:
    """07-1, 07-10, 07-23: headers, messages, changes, match blocks with scores and reasons, deliveries."""
    assert served(TTSESSION, environ) == (GOLDEN / "server.txt").read_text()


@pytest.mark.reference
def test_recording_is_of_the_c_server(environ: dict[str, str]) -> None:
    assert served([os.environ["TT_REF_SESSION"]], environ) == (GOLDEN / "server.txt").read_text()
