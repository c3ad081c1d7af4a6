"""The completions for bash offer what the programs understand."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tooltalk.cli import ttauth_commands, ttsession, tttrace_options, type_comp_options
from tooltalk.trace import parse

pytestmark = pytest.mark.process

PLACE = Path(__file__).resolve().parents[3] / "contrib" / "completions"

ASK = """
source "$1/$2"; shift
complete -p "$1" >/dev/null || exit 3
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
"_$1" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


def offered(*words: str, cwd: Path | None = None) -> set[str]:
    """What is offered for the last of ``words``."""
    if shutil.which("bash") is None:
        assert "TT_NO_SKIP" not in os.environ, "no bash"
        pytest.skip("no bash")
    done = subprocess.run(
        ["bash", "--norc", "-c", ASK, "ask", PLACE, *words],
        capture_output=True,
        text=True,
        check=True,
        cwd=cwd,
    )
    assert done.stderr == ""
    return set(done.stdout.split())


def test_options():
    assert offered("ttsession", "-") == {f"-{letter}" for letter in ttsession.OPTIONS}
    letters = {f"-{letter}" for letter in type_comp_options._FLAGS + type_comp_options._WITH_VALUE}
    assert offered("tt_type_comp", "-") == letters | set(type_comp_options._CPP)


def test_arguments(tmp_path):
    (tmp_path / "file").touch()
    assert offered("ttsession", "-p", "-a", "") == set(ttsession.LEVELS)
    assert offered("tt_type_comp", "-d", "") == set(type_comp_options.LEVELS)
    for words in (["ttsession", "-k"], ["tt_type_comp"], ["ttauth", "-f"], ["ttauth", "-f", "x", "merge"]):
        assert offered(*words, "f", cwd=tmp_path) == {"file"}


@pytest.mark.parametrize("option", ["-c", "-Sc"])
def test_the_command_of_a_session(option, tmp_path):
    (tmp_path / "-a").touch()
    assert "printf" in offered("ttsession", option, "print")
    assert offered("ttsession", option, "ls", "-", cwd=tmp_path) == {"-a"}


def test_ttauth():
    names = {command.name for command in ttauth_commands.COMMANDS}
    assert offered("ttauth", "-q", "") == names | {"-b", "-f", "-i", "-q", "-v"}
    matches = {"protoname=", "protodata=", "netid=", "authname="}
    assert offered("ttauth", "list", "") == offered("ttauth", "extract", "x", "") == matches
    assert offered("ttauth", "help", "e") == {"exit", "extract"}


def test_tttrace(tmp_path):
    (tmp_path / "-file").touch()
    assert offered("tttrace", "-") == {f"-{letter}" for letter in tttrace_options.OPTIONS.replace(":", "")}
    assert offered("tttrace", "-e", "") == {word for word in parse._COMMANDS if word.isidentifier()}
    assert "printf" in offered("tttrace", "-a", "print") & offered("tttrace", "-e", "x", "print")
    assert (
        offered("tttrace", "ls", "-", cwd=tmp_path)
        == offered("tttrace", "-ao", "-", cwd=tmp_path)
        == {"-file"}
    )
