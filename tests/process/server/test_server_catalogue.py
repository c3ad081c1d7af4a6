"""Messages in other languages: compiled catalogues found by NLSPATH, and those of gettext."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tooltalk.status import Status

pytestmark = pytest.mark.process


@pytest.fixture
def gencat() -> Callable[[Path, str], None]:
    """Compile a source of messages to a file."""
    if shutil.which("gencat") is None:
        assert "TT_NO_SKIP" not in os.environ, "no gencat"
        pytest.skip("no gencat")

    def compile_catalogue(file: Path, source: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["gencat", file, "-"], input=source.encode(), check=True)

    return compile_catalogue


NO_SCOPE = "$set 3\n6 keine Sitzung, die bedient werden soll\n"


@pytest.mark.parametrize("locale", ["C", "de_DE.UTF-8", "nonsense"])
def test_replaced_text(ttsession, gencat, home, locale):
    """02-42: in any locale."""
    gencat(home / "SUNW_TOOLTALK.cat", NO_SCOPE)
    done = ttsession(NLSPATH=f"{home}/%N.cat", LC_ALL=locale)
    assert done.returncode == 1
    assert done.stderr.partition("]: ")[2] == "keine Sitzung, die bedient werden soll\n"


def test_other_sentences_stay_english(ttsession, gencat, home):
    """02 section 15.1: a missing message falls back to the built-in text."""
    gencat(home / "SUNW_TOOLTALK.cat", NO_SCOPE)
    assert "internal" not in ttsession("-h", NLSPATH=f"{home}/%N.cat").stderr
    assert "Usage: ttsession" in ttsession("-h", NLSPATH=f"{home}/%N.cat").stderr


@pytest.mark.parametrize(
    "variables",
    [
        {"LC_ALL": "de_DE", "LC_MESSAGES": "fr", "LANG": "fr"},
        {"LC_ALL": "", "LC_MESSAGES": "de_DE", "LANG": "fr"},
        {"LC_ALL": None, "LC_MESSAGES": None, "LANG": "de_DE"},
    ],
)
def test_which_variable_counts(ttsession, gencat, home, variables):
    gencat(home / "de_DE" / "SUNW_TOOLTALK.cat", NO_SCOPE)
    gencat(home / "fr" / "SUNW_TOOLTALK.cat", "$set 3\n6 rien\n")
    assert "keine Sitzung" in ttsession(NLSPATH=f"{home}/%L/%N.cat", **variables).stderr


def test_arguments(serve, ttsession, gencat, home):
    """02 section 15.1: arguments in the order of the table, or by number; wrong ones mean English."""
    source = "$set 3\n2 signal %2$d, Prozess %1$d%3$s\n20 Ende %s\n3 \n"
    gencat(home / "SUNW_TOOLTALK.cat", source)
    done = ttsession("-c", "sh", "-c", "kill -9 $$", NLSPATH=f"{home}/%N.cat")
    assert "]: signal 9, Prozess " in done.stderr
    server = serve(NLSPATH=f"{home}/%N.cat")
    server.process.terminate()
    server.ended()
    assert "]: exiting\n" in server.said


def test_the_first_that_can_be_read(ttsession, gencat, home):
    """Neither what is damaged nor what never ends keeps the server from working."""
    os.mkfifo(home / "pipe")
    (home / "short").write_bytes(b"\xde\x08\x04\x96")
    (home / "directory").mkdir()
    gencat(home / "good", NO_SCOPE)
    names = ["pipe", "short", "directory", "absent", "good"]
    path = ":".join(str(home / name) for name in [*names, "pipe"])
    assert "keine Sitzung" in ttsession(NLSPATH=f"{path}:/dev/zero:%").stderr
    assert "no session to serve" in ttsession(NLSPATH=f"/dev/zero:{home}/pipe:").stderr


GERMAN = "keine Sitzung zu bedienen"
ENGLISH = "no session to serve"


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LANG": "de_DE.UTF-8"}, GERMAN),
        ({"LANG": "fr", "LC_MESSAGES": "de_AT"}, GERMAN),
        ({"LANG": "en", "LC_MESSAGES": "en", "LC_ALL": "de"}, GERMAN),
        ({"LANG": "en_GB.UTF-8", "LANGUAGE": "xx:de:en"}, GERMAN),
        ({"LANG": "de", "LC_ALL": "", "LC_MESSAGES": ""}, GERMAN),
        ({"LANG": "de", "LC_ALL": "C"}, ENGLISH),
        ({"LANG": "de", "LC_ALL": "C.UTF-8", "LANGUAGE": "de"}, ENGLISH),
        ({"LANG": "de", "LC_MESSAGES": "POSIX"}, ENGLISH),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": ""}, ENGLISH),
        ({"LANGUAGE": "de"}, ENGLISH),
        ({"LANG": "xx_YY"}, ENGLISH),
    ],
)
def test_the_locale_chooses(ttsession, variables, expected):
    """By LC_ALL, LC_MESSAGES, LANG, and among those it allows by LANGUAGE."""
    done = ttsession(**variables)
    assert done.returncode == 1
    assert expected in done.stderr


def test_what_a_session_says_in_german(serve, ttsession):
    """Lines of the running server, of its core and of its codecs, too."""
    server = serve(LANG="de_DE.UTF-8", TOOLTALK_LIMITS="patterns_per_client=1")
    tool = server.tool()
    assert [tool.add(tool.pattern()) for _ in range(2)] == [0, Status.ERR_OVERFLOW]
    server.wait_for(
        "hat 1 Muster und kann keine 1 weiteren anmelden; die Grenze 'patterns_per_client' ist 1;"
    )
    server.process.terminate()
    server.ended()
    assert "]: Ende\n" in server.said
    assert "Aufruf: ttsession" in ttsession("-h", LANG="de").stderr


def test_nlspath_comes_before_gettext(ttsession, gencat, home):
    """What somebody has named on purpose; the sentences it lacks come from the other."""
    gencat(home / "SUNW_TOOLTALK.cat", "$set 3\n6 aus dem Katalog\n")
    both = {"NLSPATH": f"{home}/%N.cat", "LANG": "de"}
    assert ttsession(**both).stderr.endswith("]: aus dem Katalog\n")
    assert "Aufruf: ttsession" in ttsession("-h", **both).stderr


def test_without_a_language_nothing_is_loaded(ttsession, environment):
    """Nobody waits for catalogues who has English messages."""
    program = "from tooltalk.cli.ttsession import ttsession; import sys; ttsession(['x', '-v'])"
    shown = "; print('gettext' in sys.modules, 'tooltalk.server.language' in sys.modules)"
    for lang, expected in (("C", "False False"), ("en_US.UTF-8", "False False"), ("de", "True True")):
        done = subprocess.run(
            [sys.executable, "-c", program + shown],
            env={**environment, "LC_ALL": lang},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.endswith(f"{expected}\n")
