"""What the C server does, done by the core: the recordings of tests/golden/core, step by step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.pure.core.replay import Replay

RECORDINGS = sorted((Path(__file__).parents[2] / "golden" / "core").glob("*.json"))


def recording(path: Path) -> dict[str, Any]:
    scenario: dict[str, Any] = json.loads(path.read_text())
    return scenario


def test_there_are_recordings() -> None:
    assert len(RECORDINGS) > 60


@pytest.mark.parametrize("path", RECORDINGS, ids=[path.stem for path in RECORDINGS])
def test_recording(path: Path) -> None:
    """The items of the checklist stand in the recording, as ``covers``."""
    scenario = recording(path)
    replay = Replay(scenario)
    for number, step in enumerate(scenario["steps"]):
        outcome = replay.play(step)
        place = f"step {number}: {step}"
        assert outcome.get("seen", []) == step.get("seen", []), place
        assert outcome.get("values", {}) == step.get("values", {}) or step["do"] == "answer", place
        if "status" in outcome:
            assert outcome["status"] == step.get("status", 0), place
        if scenario.get("tried", True):
            assert outcome.get("tried", []) == step.get("tried", []), place
