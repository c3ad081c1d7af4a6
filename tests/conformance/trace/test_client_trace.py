"""The trace of a Python program beside that of a C program that makes the same calls (07-25, 07-19)."""

from __future__ import annotations

import os

import pytest
from tests.conformance.trace.traces import C_CALLER, GOLDEN, OUR_CALLER, SCRIPTS, corrected, traced
from tests.process.conftest import TTSESSION

pytestmark = pytest.mark.process


@pytest.mark.parametrize("name", SCRIPTS)
def test_same_calls_same_lines(name: str, environ: dict[str, str]) -> None:
    """07-25, as recorded: function names, status names, values, messages, callbacks, indentation."""
    recorded = (GOLDEN / f"{name}.txt").read_text()
    assert traced(TTSESSION, OUR_CALLER, SCRIPTS[name], environ) == recorded


@pytest.mark.reference
@pytest.mark.parametrize("name", SCRIPTS)
def test_same_calls_same_lines_in_a_c_session(name: str, environ: dict[str, str]) -> None:
    """07-25, beside a program on the C library."""
    session = [os.environ["TT_REF_SESSION"]]
    wanted = corrected(traced(session, C_CALLER, SCRIPTS[name], environ))
    assert wanted == (GOLDEN / f"{name}.txt").read_text(), "the recording is out of date"
    assert traced(session, OUR_CALLER, SCRIPTS[name], environ) == wanted
