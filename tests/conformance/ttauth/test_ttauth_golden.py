"""Our ttauth does what the C program was recorded to do; the C program, where there is one, still does."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.conformance.ttauth.runs import NAMES, RUNS, do, put

OURS = [sys.executable, "-m", "tooltalk.cli.ttauth"]
REFERENCE = Path(os.environ.get("TT_REF_SESSION", "/nowhere/ttsession")).with_name("ttauth")

EXPLAINED = {
    "words of another form match nothing",
    "abbreviations of exit and extract",
    "extract finds nothing",
}
"""Runs in which we explain what the C program does without a word, or say where it happened."""


@pytest.mark.process
@pytest.mark.parametrize("run", RUNS, ids=NAMES)
def test_as_recorded(run: dict[str, Any], tmp_path: Path) -> None:
    """02-28: each command, abbreviation, match word, status and output form."""
    put(run["files"], tmp_path)
    for step in run["steps"]:
        did = do(OURS, step, tmp_path)
        if run["name"] in EXPLAINED:
            assert did["said"] >= step["said"]
            did |= {"said": step["said"], "places": step["places"]}
        assert did == step


if REFERENCE.exists():

    @pytest.mark.process
    @pytest.mark.reference
    @pytest.mark.parametrize("run", RUNS, ids=NAMES)
    def test_records_are_true(run: dict[str, Any], tmp_path: Path) -> None:
        put(run["files"], tmp_path)
        for step in run["steps"]:
            assert do([str(REFERENCE)], step, tmp_path) == step

    @pytest.mark.process
    @pytest.mark.reference
    def test_each_reads_what_the_other_wrote(tmp_path: Path) -> None:
        """02-26: both programs list and extract the same, whoever made the file."""
        steps: list[list[str]] = [
            ["add", "TT", '""', "1/1/h/4", "MIT-MAGIC-COOKIE-1", "0102"],
            ["list"],
            ["extract", "-", "protoname=TT"],
        ]
        for writer, reader in (OURS, [str(REFERENCE)]), ([str(REFERENCE)], OURS):
            directory = tmp_path / f"{len(writer)}"
            directory.mkdir()
            do(writer, {"argv": steps[0], "stdin": ""}, directory)
            assert (directory / "auth").stat().st_mode & 0o777 == 0o600
            for argv in steps[1:]:
                step = {"argv": argv, "stdin": ""}
                assert do(writer, step, directory) == do(reader, step, directory)
