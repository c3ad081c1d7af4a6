"""The public names: a list that changes only on purpose, and the spelling of every call of tt_c.h."""

from __future__ import annotations

import os
import pickle
import re
from pathlib import Path

import pytest

import ttclient
from ttclient.errors import ToolTalkError, error, outcome, refusal

ROOT = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("TT_SHARED", ROOT.parent / "shared"))
TABLE = SHARED / "spec" / "05-client-api.md"

OWNERS = {
    "ttclient": ttclient,
    "procid": ttclient.ProcId,
    "msg": ttclient.Message,
    "Message": ttclient.Message,
    "pat": ttclient.Pattern,
    "Pattern": ttclient.Pattern,
    "session": ttclient.Session,
    "Session": ttclient.Session,
    "spec": ttclient.ObjectSpec,
    "ObjectSpec": ttclient.ObjectSpec,
    "File": ttclient.File,
    "Otype": ttclient.Otype,
    "auth": ttclient.auth,
    "Status": ttclient.Status,
}

LATER = {"ttclient.trace_control"}
"""Spelled in the table, and not there yet: tracing in the client."""

SPELLING = re.compile(r"(\w+)(?:\([^)]*\))?\.(\w+)")


def test_public_names() -> None:
    assert sorted(ttclient.__all__) == sorted(set(ttclient.__all__))
    for name in ttclient.__all__:
        assert hasattr(ttclient, name), name


@pytest.mark.skipif(not TABLE.exists(), reason="the naming table is not at TT_SHARED or beside the checkout")
def test_every_call_has_its_python_name() -> None:
    """05 appendix: each function of tt_c.h under the name the table gives it."""
    rows = [line.split("|") for line in TABLE.read_text().splitlines() if line.startswith("| `tt_")]
    calls = [(row[1].strip(), row[3]) for row in rows if len(row) > 5 and not row[1].startswith(" `tttk")]
    assert len(calls) > 180
    missing = []
    for call, cell in calls:
        for spelled in re.findall(r"`([^`]+)`", cell):
            found = SPELLING.match(spelled)
            if found is None or found[1] not in OWNERS or f"{found[1]}.{found[2]}" in LATER:
                continue
            if not hasattr(OWNERS[found[1]], found[2]):
                missing.append((call, spelled))
    assert not missing


@pytest.mark.skipif(not TABLE.exists(), reason="the status table is not at TT_SHARED or beside the checkout")
def test_status_texts() -> None:
    """05-56: every row of the table, letter for letter; other numbers have the fixed text."""
    rows = re.findall(r"^\| (\d+) \| (TT_\w+) \| (.+) \|$", TABLE.read_text(), re.MULTILINE)
    assert len(rows) > 80
    for number, name, words in rows:
        assert ttclient.Status(int(number)).describe() == f"{name}\t{words}"
    for unnamed in (ttclient.Status.DESKTOP_, ttclient.Status.ERR_INVALID):
        assert unnamed.describe() == "Unknown Tt_status value."


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (1033, ttclient.NoServerError),
        (1035, IndexError),
        (1041, TypeError),
        (1054, NotImplementedError),
        (1060, ttclient.DatabaseError),
        (1063, KeyError),
        (1063, ttclient.SlotNameError),
        (1245, ToolTalkError),
        (99999, ToolTalkError),
    ],
)
def test_exceptions_by_status(status: int, kind: type[Exception]) -> None:
    problem = error(status, "message.send", "why")
    assert isinstance(problem, kind)
    assert (problem.status, problem.function) == (status, "message.send")
    assert str(problem).startswith("message.send: ")
    again = pickle.loads(pickle.dumps(problem))
    assert (type(again), again.status, str(again)) == (type(problem), status, str(problem))


def test_timeouts_are_caught_as_what_they_are() -> None:
    problem = refusal(ttclient.RequestTimeout, 1245, "request 'X'", "no answer within 5 seconds")
    assert isinstance(problem, TimeoutError)
    assert isinstance(problem, ttclient.RequestFailed)


def test_outcome() -> None:
    """05 section 1.1: warnings are returned, errors and unknown numbers raise."""
    assert outcome(0, "x") is ttclient.Status.OK
    assert outcome(5, "x") is ttclient.Status.WRN_START_MESSAGE
    for status in (1025, 1600, 77):
        with pytest.raises(ToolTalkError):
            outcome(status, "x")
